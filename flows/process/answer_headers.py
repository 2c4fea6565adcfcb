"""The headers that every answer over HTTP has, from the schema's endpoints and from the web server below them."""

from collections.abc import Mapping

#: OWASP HTTP Headers Cheat Sheet; an answer that sets one of them itself keeps its own.
HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
