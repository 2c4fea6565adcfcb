"""What became of a message, as staff read it."""

from datetime import datetime

import strawberry

from flows.access import undelivered as flow
from flows.access.undelivered import Delivery
from models.access.login_status import LoginFacts
from models.access.staff_page import StaffRow
from models.core.message_failure import MessageFailure
from models.mail.undelivered import UndeliveredRow
from schema.kit.fields import shown_to
from schema.kit.permissions import Who


@shown_to(Who.STAFF)
@strawberry.type(description="What became of a message that did not arrive, or not yet.")
class MessageProblem:
    title: str = strawberry.field(description="What kind of message it is, in the reader's language.")
    channel: str = strawberry.field(description="`mail` or `sms`.")
    state: Delivery = strawberry.field(description="Its state.")
    reason: MessageFailure = strawberry.field(description="Why.")
    message: str = strawberry.field(description="State and reason in sentences, in the reader's language.")
    status: str = strawberry.field(
        description="What the mail server or gateway replied, for an administrator: `550 5.1.1`; may be empty."
    )
    written_at: datetime = strawberry.field(description="When the message was written.")
    failed_at: datetime | None = strawberry.field(description="When it failed for good; null while it is tried again.")
    retry_at: datetime | None = strawberry.field(description="When we try again; null where we don't.")
    mutation: str | None = strawberry.field(
        description="The mutation by which staff can solve it; null if there is none."
    )


def message_problem(row: UndeliveredRow, locale: str) -> MessageProblem:
    """What became of one message, in the reader's language."""
    state = flow.delivery_of(row.state)
    return MessageProblem(
        title=flow.title_of(row.template, locale),
        channel=row.channel,
        state=state,
        reason=row.failure,
        message=flow.words_of(state, row.failure, locale),
        status=row.status,
        written_at=row.created_at,
        failed_at=row.failed_at,
        retry_at=row.retry_at,
        mutation=flow.act_for(row),
    )


def invitation_problem(facts: LoginFacts | StaffRow, locale: str, mutation: str | None) -> MessageProblem | None:
    """What became of the newest invitation's mail, where it did not arrive; ``mutation`` mends it."""
    if facts.invitation_failure is None or facts.invitation_sent_at is None:
        return None
    state = flow.invitation_delivery(facts.invitation_failed_at, facts.invitation_relayed_at)
    return MessageProblem(
        title=flow.title_of("invitation", locale),
        channel="mail",
        state=state,
        reason=facts.invitation_failure,
        message=flow.words_of(state, facts.invitation_failure, locale),
        status="",
        written_at=facts.invitation_sent_at,
        failed_at=facts.invitation_failed_at,
        retry_at=facts.invitation_retry_at,
        mutation=mutation if facts.invitation_failed_at else None,
    )
