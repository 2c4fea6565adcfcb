"""What Relay's conventions ask of every schema: nodes that can be fetched again, and pages (relay.dev, "Spec")."""

from collections.abc import Sequence

import strawberry

from schema.kit.fields import shown_to
from schema.kit.permissions import Who


@shown_to(Who.SIGNED_IN)
@strawberry.interface(description="An object with an id.")
class Node:
    id: strawberry.ID = strawberry.field(description="An opaque id, unique among all objects.")


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="The position of a page in its list; lists are read forwards.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether there is more after this page.")
    has_previous_page: bool = strawberry.field(description="Whether this page was asked for with `after`.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first edge; null on an empty page.")
    end_cursor: str | None = strawberry.field(
        description="Give it as `after` for the page behind; null on an empty page."
    )


def page_info(cursors: Sequence[str], after: str | None, *, has_next: bool) -> PageInfo:
    """Where a page with edges of these cursors stands."""
    return PageInfo(
        has_next_page=has_next,
        has_previous_page=after is not None,
        start_cursor=cursors[0] if cursors else None,
        end_cursor=cursors[-1] if cursors else None,
    )
