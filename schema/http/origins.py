"""Which pages may act with a person's cookies: CSRF and CORS (OWASP CSRF Cheat Sheet; Fetch, 3.2).

A cookie counts only next to the header ``Sluis-Practice``, which no page can send across origins without a
preflight, and only from the public origin or one that the practice allows.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import HTTPConnection
from starlette.responses import Response

from normalise.slugs import normal_slug
from schema.http.http_problem import HttpProblem, bad_request, wrong_method
from schema.http.transport_rules import TransportRules

PRACTICE_HEADER = "sluis-practice"
#: The headers of an answer that no page of another origin may read.
PRIVATE: Mapping[str, str] = {"Vary": "Origin"}
_PREFLIGHT_HEADERS = "Accept, Accept-Language, Authorization, Content-Type, Sluis-Practice, Sluis-Viewer"
_CROSS_SITE = (
    "This page is on another site than this server, so browsers keep our cookies (SameSite=Lax) away from it. "
    "Sign in with transport BEARER and leave out Sluis-Practice, or serve the page from this server's domain."
)
_PREFLIGHT_SECONDS = "600"


async def trusted(origin: str | None, practice: str | None, rules: TransportRules) -> bool:
    """Whether pages of ``origin`` may act for people of ``practice`` (None: of any); no origin, no page."""
    if origin is None or origin == rules.public_origin:
        return True
    # What a sandboxed frame or a local file sends belongs to nobody in particular.
    return origin != "null" and origin in await rules.allowed_origins(practice)


@dataclass(frozen=True, slots=True)
class Admission:
    """The practice that a request may use cookies of (None: no cookies), and what its page may read."""

    practice: str | None
    headers: Mapping[str, str]


async def admit(connection: HTTPConnection, rules: TransportRules) -> Admission:
    """Raises HttpProblem where a foreign page asks for cookies to count."""
    named = connection.headers.get(PRACTICE_HEADER) or None
    slug = normal_slug(named) if named else None
    if named and not slug:
        raise bad_request("The header Sluis-Practice must be the slug of a practice.")
    origin = connection.headers.get("origin")
    welcome = await trusted(origin, slug, rules)
    if slug and not welcome:
        raise HttpProblem(403, "FOREIGN_ORIGIN", "This page may not act for people of this practice.")
    if welcome and origin and origin != rules.public_origin:
        _check_site(connection, slug, origin, rules)
        return Admission(slug, _shared_with(origin))
    return Admission(slug, PRIVATE)


def _check_site(connection: HTTPConnection, slug: str | None, origin: str, rules: TransportRules) -> None:
    """Refuse a page that counts on cookies which its browser keeps away, rather than answer as if it had none."""
    if slug is None or "authorization" in connection.headers or rules.same_site(origin, rules.public_origin):
        return
    raise HttpProblem(403, "CROSS_SITE_COOKIE", _CROSS_SITE, _shared_with(origin))


async def preflight(connection: HTTPConnection, rules: TransportRules, methods: str) -> Response:
    """The answer to a browser that asks whether a page may speak to a path that takes ``methods``."""
    origin = connection.headers.get("origin")
    if origin is None or "access-control-request-method" not in connection.headers:
        raise wrong_method(methods)
    if not await trusted(origin, None, rules):
        raise HttpProblem(403, "FOREIGN_ORIGIN", "This page may not use the API.")
    return Response(
        status_code=204,
        headers={
            **_shared_with(origin),
            "Access-Control-Allow-Methods": methods,
            "Access-Control-Allow-Headers": _PREFLIGHT_HEADERS,
            "Access-Control-Max-Age": _PREFLIGHT_SECONDS,
        },
    )


def _shared_with(origin: str) -> dict[str, str]:
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Credentials": "true",
        # A download's name.
        "Access-Control-Expose-Headers": "Content-Disposition",
        **PRIVATE,
    }
