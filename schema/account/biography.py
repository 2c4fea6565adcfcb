"""What the practice knows of the person who is signed in, and what they asked to have changed."""

from datetime import date, datetime

import strawberry

from flows.account.biography import biography_of
from flows.account.change_requests import own_requests
from flows.core.context import Caller
from models import Account, ChangeField, ChangeState
from models import ChangeRequest as Stored
from schema.kit.fields import shown_to
from schema.kit.ids import node_id
from schema.kit.permissions import Who


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="What the practice has stored about a person.")
class Biography:
    name: str = strawberry.field(description="The name; `requestChange` asks staff for another.")
    birth_date: date | None = strawberry.field(
        description="Of the client, once access is approved; `requestChange` asks staff for another."
    )
    email: str | None = strawberry.field(description="Where mail goes; `changeEmail`.")
    phone: str | None = strawberry.field(description="Where the person can be called; `changePhone`.")
    phone_proven: bool = strawberry.field(
        description="Whether the person proved it with a code; otherwise staff entered it."
    )
    language: str = strawberry.field(description="The language of texts and mail: such as `nl`; `setLanguage`.")


async def shown_biography(account: Account) -> Biography:
    found = await biography_of(account)
    return Biography(
        name=found.name,
        birth_date=found.birth_date,
        email=found.email,
        phone=found.phone,
        phone_proven=found.phone_proven,
        language=found.language,
    )


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="A change that the person asked for.")
class OwnChangeRequest:
    id: strawberry.ID = strawberry.field(description="For `withdrawChange`.")
    field: ChangeField = strawberry.field(description="The field to change.")
    wanted: str = strawberry.field(description="The requested value; a date as ISO 8601.")
    state: ChangeState = strawberry.field(description="Its state.")
    reason: str | None = strawberry.field(description="What the practice wrote about it; null for nothing.")
    created_at: datetime = strawberry.field(description="When it was requested.")
    decided_at: datetime | None = strawberry.field(description="When it was decided or withdrawn; null while open.")


def own_change(stored: Stored) -> OwnChangeRequest:
    return OwnChangeRequest(
        id=node_id("ChangeRequest", stored.id),
        field=stored.field,
        wanted=stored.value,
        state=stored.state,
        reason=stored.reason or None,
        created_at=stored.created_at,
        decided_at=stored.decided_at,
    )


async def own_changes(caller: Caller) -> list[OwnChangeRequest]:
    """The newest, decided ones too."""
    return [own_change(one) for one in await own_requests(caller)]
