"""Arguments that many fields take."""

from typing import Annotated, Any

import strawberry

#: The one argument of a mutation with several values; ``input`` to clients, a name that Python has taken.
GIVEN = strawberry.argument(name="input", description="The input.")

DossierId = Annotated[strawberry.ID, strawberry.argument(description="The dossier's id.")]
RespondentId = Annotated[strawberry.ID, strawberry.argument(description="The respondent's id.")]
First = Annotated[int, strawberry.argument(description="How many, 1 to 100.")]
After = Annotated[str | None, strawberry.argument(description="The cursor to go on behind.")]
StaffMemberId = Annotated[strawberry.ID, strawberry.argument(description="The member of staff's id.")]
LinkToken = Annotated[str, strawberry.argument(description="The link's token, from the URL's fragment.")]


def given_changes(**values: strawberry.Some[Any] | None) -> dict[str, object]:
    """What a partial update names: null is a value, and what was left out is not there."""
    return {name: some.value for name, some in values.items() if some is not None}
