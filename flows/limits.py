"""Requests that cost or annoy somebody: mails asked for, per address and per recipient."""

from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from flows.house import House
from models.attempts import count_windows


async def request_allowed(house: House, kind: str, address: str, recipient: str, *, most: int | None = None) -> bool:
    """Count one request of ``kind`` in this hour; False beyond the limit of the address or the recipient.

    ``most`` is that limit where it is not the one of mailed requests. The recipient is counted under a keyed
    hash, known or not, so the table names nobody.
    """
    hidden = house.keys.mac(recipient.encode(), "recipient").hex()[:32]
    # In this order: an address beyond its own limit must not use up other people's.
    limit = house.rules.windows.requests_per_hour if most is None else most
    for whom in (f"address:{network_of(address)}", f"to:{hidden}"):
        if not await counted(house, kind, whom, limit):
            return False
    return True


async def invitation_allowed(house: House, kind: str, address: str, recipient: str) -> bool:
    """Count one invitation in this hour, as :func:`request_allowed` does, by the limit of invitations."""
    return await request_allowed(house, kind, address, recipient, most=house.rules.windows.invitations_per_hour)


async def once_more(house: House, kind: str, whom: str) -> bool:
    """Count one act of ``kind`` in this hour; False beyond the limit of requests an hour."""
    return await counted(house, kind, whom, house.rules.windows.requests_per_hour)


async def counted(house: House, kind: str, whom: str, limit: int) -> bool:
    """Count one act of ``kind`` in this hour; False beyond ``limit``."""
    now = house.now
    key = f"{kind}:{whom}:{now:%Y%m%d%H}"
    counts = await count_windows([key], now + timedelta(hours=1))
    return counts[key] <= limit


def next_hour(house: House) -> datetime:
    """When counting begins anew."""
    return house.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def network_of(address: str) -> str:
    """What one subscriber has of the internet: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return address if parsed.version == 4 else str(ip_network(f"{address}/64", strict=False))
