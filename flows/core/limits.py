"""Requests that cost or annoy somebody: mails asked for, per address, recipient, practice and installation."""

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

    ``most`` is the limit of the address and of the recipient where it is not the one of mailed requests. The
    recipient is counted under a keyed hash, known or not, so the table names nobody.
    """
    limit = app.rules.windows.requests_per_hour if most is None else most
    # Alone and first: an address beyond its own limit uses up nobody else's, and holds no window that others wait for.
    if not await counted(app, kind, f"address:{network_of(address)}", limit=limit):
        return False
    names = hidden(app, recipient, "recipient")
    return await mail_allowed(app, kind, practice_id, *((f"to:{name}", limit) for name in names))


async def mail_allowed(app: AppContext, kind: str, practice_id: object, *narrower: tuple[str, int]) -> bool:
    """The same for what has neither address nor recipient to count; ``narrower`` are others, each with its limit.

    A narrower window that is full uses up no wider one: not the practice's, and a practice's not the installation's.
    """
    rules = app.rules.windows
    shared = ((f"practice:{practice_id}", rules.mails_per_practice), ("practices", rules.mails_per_installation))
    windows = [Window(_key(app, kind, whom), limit) for whom, limit in (*narrower, *shared)]
    return await all_within(windows, app.now + _HOUR)


def hidden(app: AppContext, name: str, context: str) -> list[str]:
    """The keyed hashes under which ``name`` is counted, one for each key of the ring.

    Each event counts under all of them: so counts go on when another key becomes the first, while workers differ
    about which that is, and when an older one is taken out.
    """
    return [mac.hex()[:32] for mac in app.keys.macs(name.encode(), context)]


async def invitation_allowed(app: AppContext, kind: str, practice_id: object, address: str, recipient: str) -> bool:
    """Count one invitation in this hour, as :func:`request_allowed` does, by the limit of invitations."""
    most = app.rules.windows.invitations_per_hour
    return await request_allowed(app, kind, practice_id, address, address_key(recipient), most=most)


async def once_more(app: AppContext, kind: str, whom: str) -> bool:
    """Count one act of ``kind`` in this hour; False beyond the limit of requests an hour."""
    return await counted(app, kind, whom, limit=app.rules.windows.requests_per_hour)


async def counted(app: AppContext, kind: str, whom: str, *, limit: int) -> bool:
    """Count one act of ``kind`` in this hour; False beyond ``limit``."""
    return await all_within([Window(_key(app, kind, whom), limit)], app.now + _HOUR)


def _key(app: AppContext, kind: str, whom: str) -> str:
    return f"{kind}:{whom}:{app.now:%Y%m%d%H}"


def hour_is_full(app: AppContext) -> TooManyAttempts:
    """The refusal beyond one of these limits, which begin anew with the next hour of the clock."""
    return TooManyAttempts(retry_at=app.now.replace(minute=0, second=0, microsecond=0) + _HOUR)


def network_of(address: str) -> str:
    """What one subscriber has of the internet: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return address if parsed.version == 4 else str(ip_network(f"{address}/64", strict=False))
