"""Hourly limits on requests and on the mails they cause: per address, recipient, practice and installation."""

from datetime import timedelta
from ipaddress import ip_address, ip_network

from flows.core.context import AppContext
from flows.refusals import TooManyAttempts
from models.core.attempts import Window, all_within
from normalise.addresses import address_key

_HOUR = timedelta(hours=1)


async def request_allowed(
    app: AppContext, kind: str, practice_id: object, address: str, recipient: str, *, most: int | None = None
) -> bool:
    """Count one request of ``kind`` in this hour; False beyond a limit. Inside the transaction that queues its mail.

    ``most`` replaces the limit of the address and of the recipient. The recipient is counted under a keyed hash,
    whether it is known or not, so the table has no names.
    """
    limit = app.rules.windows.requests_per_hour if most is None else most
    # First and separately: an address beyond its limit uses up no other limit, and locks no shared window.
    if not await within_hourly_limit(app, kind, f"address:{network_of(address)}", limit=limit):
        return False
    names = hidden(app, recipient, "recipient")
    return await mail_allowed(app, kind, practice_id, *((f"to:{name}", limit) for name in names))


async def mail_allowed(app: AppContext, kind: str, practice_id: object, *narrower: tuple[str, int]) -> bool:
    """Count one mail of ``kind`` by practice and installation; ``narrower`` are more windows, each with its limit.

    A full window does not count in the wider ones: a practice beyond its limit uses up nothing of the installation's.
    """
    rules = app.rules.windows
    shared = ((f"practice:{practice_id}", rules.mails_per_practice), ("practices", rules.mails_per_installation))
    windows = [Window(_key(app, kind, subject), limit) for subject, limit in (*narrower, *shared)]
    return await all_within(windows, app.now + _HOUR)


def hidden(app: AppContext, name: str, context: str) -> list[str]:
    """The keyed hashes under which ``name`` is counted, one for each key of the ring.

    Each event counts under all of them. So counts continue when another key becomes active, while workers have
    different active keys, and when an older key is removed.
    """
    return [mac.hex()[:32] for mac in app.keys.macs(name.encode(), context)]


async def invitation_allowed(app: AppContext, kind: str, practice_id: object, address: str, recipient: str) -> bool:
    """Count one invitation in this hour, as :func:`request_allowed` does, by the limit of invitations."""
    most = app.rules.windows.invitations_per_hour
    return await request_allowed(app, kind, practice_id, address, address_key(recipient), most=most)


async def within_request_limit(app: AppContext, kind: str, subject: str) -> bool:
    """Count one act of ``kind`` in this hour; False beyond the limit of requests an hour."""
    return await within_hourly_limit(app, kind, subject, limit=app.rules.windows.requests_per_hour)


async def within_hourly_limit(app: AppContext, kind: str, subject: str, *, limit: int) -> bool:
    """Count one act of ``kind`` in this hour; False beyond ``limit``."""
    return await all_within([Window(_key(app, kind, subject), limit)], app.now + _HOUR)


def _key(app: AppContext, kind: str, subject: str) -> str:
    return f"{kind}:{subject}:{app.now:%Y%m%d%H}"


def hour_is_full(app: AppContext) -> TooManyAttempts:
    """The refusal beyond one of these limits, which start again with the next hour of the clock."""
    return TooManyAttempts(retry_at=app.now.replace(minute=0, second=0, microsecond=0) + _HOUR)


def network_of(address: str) -> str:
    """The network of one internet subscriber: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return address if parsed.version == 4 else str(ip_network(f"{address}/64", strict=False))
