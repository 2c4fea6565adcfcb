"""Which hosts are one site for a browser, which decides whether it sends a `SameSite=Lax` cookie."""

from functools import cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList


def same_site(one: str, other: str) -> bool:
    """Whether two origins are schemefully same-site (RFC 6265bis, 5.2): scheme and registrable domain, not the port."""
    first, second = urlsplit(one), urlsplit(other)
    if first.scheme != second.scheme:
        return False
    return first.hostname == second.hostname or _site(first.hostname or "") == _site(second.hostname or "")


def is_ip(host: str | None) -> bool:
    """Whether a host is an address and no name."""
    try:
        ip_address(host or "")
    except ValueError:
        return False
    return True


def _site(host: str) -> str:
    """The registrable domain; an address, or a name that is a public suffix itself, is a site of its own."""
    return host if is_ip(host) else _suffixes().privatesuffix(host) or host


@cache
def _suffixes() -> PublicSuffixList:
    # Of the installed package, private suffixes such as `github.io` included, as browsers have them. Takes 0.3 s.
    return PublicSuffixList()
