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
    limit = house.rules.windows.requests_per_hour if most is None else most
    # In this order: an address beyond its own limit must not use up other people's.
    if not await counted(house, kind, f"address:{network_of(address)}", limit=limit):
        return False
    return await counted(house, kind, *(f"to:{name}" for name in hidden(house, recipient, "recipient")), limit=limit)


def hidden(house: House, name: str, context: str) -> list[str]:
    """The keyed hashes under which ``name`` is counted, one for each key of the ring.

    Each event counts under all of them: so counts go on when another key becomes the first, while workers differ
    about which that is, and when an older one is taken out.
    """
    return [mac.hex()[:32] for mac in house.keys.macs(name.encode(), context)]


async def invitation_allowed(house: House, kind: str, address: str, recipient: str) -> bool:
    """Count one invitation in this hour, as :func:`request_allowed` does, by the limit of invitations."""
    return await request_allowed(house, kind, address, recipient, most=house.rules.windows.invitations_per_hour)


async def once_more(house: House, kind: str, whom: str) -> bool:
    """Count one act of ``kind`` in this hour; False beyond the limit of requests an hour."""
    return await counted(house, kind, whom, limit=house.rules.windows.requests_per_hour)


async def counted(house: House, kind: str, *whom: str, limit: int) -> bool:
    """Count one act of ``kind`` in this hour, under each of ``whom``'s names; False beyond ``limit``."""
    now = house.now
    counts = await count_windows([f"{kind}:{name}:{now:%Y%m%d%H}" for name in whom], now + timedelta(hours=1))
    return max(counts.values()) <= limit


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
