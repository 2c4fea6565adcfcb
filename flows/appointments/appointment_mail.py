"""Telling those who are expected: when, where they sign in, and nothing of what it is about."""

from dataclasses import dataclass
from datetime import datetime

from flows.access.scopes import scopes_of
from flows.core.context import AppContext
from flows.core.outbox import To, note_unsent, post
from models import AccessGrant, Account, Appointment, GrantState, Respondent, Scope
from models.access.access import grants_of
from models.appointments.appointment import attendees_of
from models.core.message_failure import MessageFailure
from models.locks import hold_rows


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is told; ``email`` None is somebody without an address, ``account`` None somebody without a login."""

    respondent: Respondent
    email: str | None
    locale: str
    account: Account | None


async def recipients_of(appointment: Appointment, locale: str) -> list[Recipient]:
    """The people who may be notified of an appointment: with a live login that opens appointments. Three statements.

    Locks them, so that nobody is notified after a concurrent deactivation.
    ``locale`` is for those without a login. Mail goes to the account's address where there is one, otherwise to
    where an invitation would go.
    """
    people = [attendee.respondent for attendee in await attendees_of([appointment.id])]
    await hold_rows(respondents=[one.id for one in people])
    grants: dict[object, list[AccessGrant]] = {one.id: [] for one in people}
    for grant in await grants_of(grants):
        grants[grant.respondent_id].append(grant)
    found = (_recipient(one, grants[one.id], locale) for one in people)
    return [one for one in found if one is not None]


def _recipient(respondent: Respondent, grants: list[AccessGrant], locale: str) -> Recipient | None:
    live = next((grant for grant in grants if grant.state is not GrantState.DEACTIVATED), None)
    if live is None:
        return None if grants else Recipient(respondent, respondent.email, locale, None)
    if live.account.suspended_at is not None or Scope.APPOINTMENTS not in scopes_of(live, respondent.relation):
        return None
    if live.state is GrantState.PENDING:
        return Recipient(respondent, respondent.email, locale, None)
    return Recipient(respondent, live.account.email or respondent.email, live.account.locale, live.account)


async def tell_attendees(app: AppContext, appointment: Appointment, template: str, **values: str) -> None:
    """Queue a mail to each attendee who has an address, in the running transaction."""
    await appointment.fetch_related("dossier")
    for recipient in await recipients_of(appointment, appointment.dossier.locale):
        if recipient.email:
            await write_to(app, appointment, recipient, template, **values)
        else:
            to = to_of(recipient)
            await note_unsent(app, appointment.practice_id, template, to, MessageFailure.NO_ADDRESS)


async def write_to(
    app: AppContext, appointment: Appointment, recipient: Recipient, template: str, **values: str
) -> None:
    """Queue one mail; a reminder names the time that it holds for, so that it is dropped when that changes."""
    payload: dict[str, object] = {
        "to": recipient.email,
        "locale": recipient.locale,
        "values": {"name": recipient.respondent.name, **facts(app, appointment, recipient), **values},
    }
    # Who is told of a move must know before the time that they have in mind, too.
    known = datetime.fromisoformat(values["was_at"]) if "was_at" in values else appointment.starts_at
    event = min(appointment.starts_at, known)
    if template == "appointment_reminder":
        payload["appointment"] = {"id": str(appointment.id), "starts_at": appointment.starts_at.isoformat()}
    await post(app, str(appointment.practice_id), template, payload, to_of(recipient), event=event)


def to_of(recipient: Recipient) -> To:
    account = recipient.account
    return To(account_id=account.id if account else None, respondent_id=recipient.respondent.id)


def facts(app: AppContext, appointment: Appointment, recipient: Recipient) -> dict[str, str]:
    """The time of the appointment and, for people who can sign in, how long before it a video room opens."""
    minutes = (appointment.ends_at - appointment.starts_at).total_seconds() / 60
    told = {"starts_at": appointment.starts_at.isoformat(), "minutes": f"{minutes:.0f}"}
    if recipient.account is not None and appointment.video:
        told["opens"] = f"{app.rules.video_opens_before.total_seconds() / 60:.0f}"
    return told
