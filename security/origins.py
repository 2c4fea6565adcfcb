"""Web origins: scheme, host and port, as browsers write them."""

import re
from urllib.parse import urlsplit

_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")


def parse_origin(value: str) -> str:
    """The origin as it stands in an ``Origin`` header. Raises ValueError, which says what it must be."""
    parts = urlsplit(value)
    default_port = {"http": 80, "https": 443}.get(parts.scheme)
    host = parts.hostname or ""
    if default_port is None or "@" in parts.netloc or not _HOST.fullmatch(host):
        raise ValueError("must be an address like https://portal.example.org (other letters as xn--…)")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError("must end after the host and port, without a path")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError("must begin with https://; http:// works for localhost only")
    host = f"[{host}]" if ":" in host else host
    # Browsers leave the default port out of the Origin header (RFC 6454, 6.2), and this is compared with it.
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port not in {None, default_port} else "")


def is_loopback(host: str | None) -> bool:
    """Whether a host can only be this machine."""
    return host in {"localhost", "127.0.0.1", "::1"} or (host or "").endswith(".localhost")
