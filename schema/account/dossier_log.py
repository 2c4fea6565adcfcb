"""Who looked at my dossier, for the client whom it is about."""

from datetime import datetime
from typing import Annotated

import strawberry

from flows.account.dossier_log import LogActor, LogEntry, own_log
from models import StaffRole
from schema.kit.fields import Info, query, shown_to
from schema.kit.permissions import Who
from schema.kit.relay import PageInfo


@shown_to(Who.RESPONDENT)
@strawberry.type(description="An act with the own dossier.")
class DossierLogEntry:
    at: datetime = strawberry.field(description="When.")
    actor: LogActor = strawberry.field(description="Who.")
    name: str | None = strawberry.field(description="The member of staff's name; null for everyone else.")
    role: StaffRole | None = strawberry.field(description="In which role; null for everyone else.")
    event: str = strawberry.field(description="What, as a stable code such as `dossier.read`.")
    what: str = strawberry.field(description="The same in plain words, in the reader's language.")
    refused: bool = strawberry.field(description="Whether it was tried and refused.")


@shown_to(Who.RESPONDENT)
@strawberry.type(description="An entry's place in the list.")
class DossierLogEdge:
    cursor: str = strawberry.field(description="Give it as `after` to go on behind this entry.")
    node: DossierLogEntry = strawberry.field(description="The entry.")


@shown_to(Who.RESPONDENT)
@strawberry.type(description="One page of the log of the own dossier.")
class DossierLogConnection:
    edges: list[DossierLogEdge] = strawberry.field(description="The entries, newest first.")
    page_info: PageInfo = strawberry.field(description="The position of this page in the list.")


class DossierLogQueries:
    @query(Who.RESPONDENT)
    async def who_looked_at_my_dossier(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = 25,
        after: Annotated[str | None, strawberry.argument(description="The cursor to go on behind.")] = None,
    ) -> DossierLogConnection:
        """Everything that was done with the dossier that is about oneself; not for other people who answer for it."""
        page = await own_log(info.context.app, info.context.caller, first, after)
        edges = [DossierLogEdge(cursor=entry.cursor, node=_shown(entry)) for entry in page.entries]
        return DossierLogConnection(
            edges=edges,
            page_info=PageInfo(
                has_next_page=page.has_next,
                has_previous_page=after is not None,
                start_cursor=edges[0].cursor if edges else None,
                end_cursor=edges[-1].cursor if edges else None,
            ),
        )


def _shown(entry: LogEntry) -> DossierLogEntry:
    return DossierLogEntry(
        at=entry.at,
        actor=entry.actor,
        name=entry.name,
        role=entry.role,
        event=entry.event,
        what=entry.what,
        refused=entry.refused,
    )
