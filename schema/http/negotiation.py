"""Which form a client wants its answer in: ``Accept`` (RFC 9110, 12.5.1; GraphQL over HTTP, 6.1)."""

from collections.abc import Iterator, Sequence

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
HTML = "text/html"

LONGEST_READ = 1_000
"""Of what a client prefers: browsers say it in 200 characters, and reading 32 KB of it takes 80 ms."""


def best_match(accept: str | None, offers: Sequence[str]) -> str | None:
    """The offer that the client likes best, the earlier one of equals; None if it takes none of them.

    Without the header the first offer.
    """
    if accept is None or not accept.strip():
        return offers[0]
    ranges = list(_ranges(accept[:LONGEST_READ]))
    rated = [(_quality(offer, ranges), -place, offer) for place, offer in enumerate(offers)]
    quality, _, offer = max(rated)
    return offer if quality > 0 else None


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    for part in accept.split(","):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        yield media, _number(quality)


def _number(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0


def _quality(offer: str, ranges: Sequence[tuple[str, float]]) -> float:
    """By the most specific range that covers the offer."""
    group = offer.partition("/")[0] + "/*"
    for wanted in (offer, group, "*/*"):
        found = [quality for media, quality in ranges if media == wanted]
        if found:
            return max(found)
    return 0.0
