"""What an installation lets through on its way to the schema; the server fills it from its settings."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, fields
from ipaddress import IPv4Network, IPv6Network

#: The origins of a practice's own frontends; with None, those of every practice. (A preflight and a WebSocket's
#: handshake name no practice; the request that follows does, and is checked against that one.)
AllowedOrigins = Callable[[str | None], Awaitable[Collection[str]]]


#: Whether two origins are one site for a browser, which otherwise keeps our cookies away from requests between them.
SameSite = Callable[[str, str], bool]


def any_site(_one: str, _other: str) -> bool:
    """As if all were one."""
    return True


async def no_origins(_practice: str | None) -> Collection[str]:
    """No frontend but the public origin's."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRules:
    """Limits of a document, for every caller; the defaults are the safe ones."""

    depth: int = 12
    aliases: int = 30
    tokens: int = 2000
    characters: int = 20_000
    directives: int = 20
    complexity: int = 20_000
    page: int = 100
    introspection: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportRules(DocumentRules):
    """Limits and switches of the endpoint (security.md, "Numbers"); the defaults are the safe ones.

    ``public_origin`` is scheme, host and port without a path. ``timings`` tells in every response how many
    statements and hashes it took: for development, since it tells an attacker as much. ``look_seconds`` is how often a
    socket looks whether its session still lives when nothing rings, since sessions also end by the clock.
    """

    public_origin: str = "http://localhost:8000"
    allowed_origins: AllowedOrigins = no_origins
    same_site: SameSite = any_site
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    body_bytes: int = 100_000
    file_bytes: int = 10_000_000
    bad_documents: int = 60
    sockets_per_session: int = 5
    subscriptions_per_socket: int = 20
    operation_seconds: float = 15
    upload_seconds: float = 120
    body_seconds: float = 10
    init_seconds: float = 10
    look_seconds: float = 30
    quick_completion: bool = True
    ide: bool = False
    timings: bool = False

    @property
    def of_documents(self) -> DocumentRules:
        """The part that is about documents alone."""
        return DocumentRules(**{field.name: getattr(self, field.name) for field in fields(DocumentRules)})

    @property
    def secure(self) -> bool:
        """Whether people reach the server by https: decides the cookies' names, Secure, and HSTS."""
        return self.public_origin.startswith("https:")
