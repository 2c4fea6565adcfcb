"""Reminding of appointments: once, by day, and never of what was moved, cancelled or is over."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from flows.appointments.appointment_mail import Recipient, recipients_of, to_of, write_to
from flows.core.context import AppContext
from flows.core.outbox import note_unsent
from flows.core.quiet_hours import QuietHours
from flows.core.sms_metering import TextMessage, Use, send_sms, unsent_because
from locales import language_of, shown_time_in
from models import Appointment, Practice
from models.appointments.appointment import ReminderQuery, claim_reminders, is_unchanged, to_be_reminded
from models.core.message_failure import MessageFailure
from models.db.database import transaction
from normalise.phones import mobile_number
from plugins import NotSent

log = structlog.get_logger(__name__)

DEFAULT = (24 * 60,)
LONGEST = 7 * 24 * 60
_BATCH = 100


def minutes_before(practice: Practice) -> Collection[int]:
    """How many minutes before an appointment this practice reminds of it; nothing for never."""
    return DEFAULT if practice.reminder_minutes is None else practice.reminder_minutes


async def remind(app: AppContext) -> int:
    """One round: send what is due now; how many appointments were reminded of. Safe in several workers at once.

    An appointment that needs nothing now is not selected, however many there are.
    """
    now, reminded = app.now, 0
    plans: dict[_Plan, list[Practice]] = {}
    for practice in await Practice.all():
        plan = _Plan(tuple(sorted(set(minutes_before(practice)))), QuietHours.of(practice))
        if plan.minutes and plan.hours.holds(now):
            plans.setdefault(plan, []).append(practice)
    for plan, practices in plans.items():
        reminded += await _by_plan(app, plan, {practice.id: practice for practice in practices}, now)
    return reminded


@dataclass(frozen=True, slots=True)
class _Plan:
    """When to remind; practices that have the same one are looked at together."""

    minutes: tuple[int, ...]
    hours: QuietHours


async def _by_plan(app: AppContext, plan: _Plan, practices: Mapping[UUID, Practice], now: datetime) -> int:
    latest, last, reminded = plan.hours.latest_due(now), None, 0
    bounds = {minutes: latest + timedelta(minutes=minutes) for minutes in plan.minutes}
    query = ReminderQuery([*practices], now, bounds)
    while found := await to_be_reminded(query, last, _BATCH):
        last = found[-1]
        for appointment in found:
            due, over = due_now(appointment, plan, now)
            if due or over:
                reminded += await _remind(app, appointment, practices[appointment.practice_id], due, over)
        if len(found) < _BATCH:
            break
    return reminded


def due_now(appointment: Appointment, plan: _Plan, now: datetime) -> tuple[list[int], list[int]]:
    """The reminders that are due, and those due before the time was set, which the mail about the booking replaces."""
    starts_at, due, over = appointment.starts_at, list[int](), list[int]()
    for minutes in plan.minutes:
        moment = plan.hours.nearest(starts_at - timedelta(minutes=minutes), starts_at)
        if moment <= now:
            (due if appointment.timed_at < moment else over).append(minutes)
    return due, over


async def _remind(
    app: AppContext, appointment: Appointment, practice: Practice, due: Collection[int], over: Collection[int]
) -> bool:
    """Of what is ``over`` it is only noted that nothing is to be sent, so that it is not selected again."""
    async with transaction():
        claimed = await claim_reminders(appointment, [*due, *over], app.now)
        if not set(claimed) & set(due) or not await is_unchanged(appointment):
            return False
        for recipient in await recipients_of(appointment, appointment.dossier.locale):
            if recipient.email:
                await write_to(app, appointment, recipient, "appointment_reminder")
            elif failure := await _text(app, appointment, practice, recipient):
                channel = "sms" if practice.reminder_sms else "mail"
                await note_unsent(app, practice.id, "appointment_reminder", to_of(recipient), failure, channel=channel)
    return True


async def _text(
    app: AppContext, appointment: Appointment, practice: Practice, recipient: Recipient
) -> MessageFailure | None:
    """By text message, where the practice allows it and there is a login and a number; why it was not queued."""
    number = mobile_number(recipient.respondent.phone or "", practice.country)
    if not practice.reminder_sms or recipient.account is None or number is None:
        return MessageFailure.NO_ADDRESS
    language = language_of(recipient.locale, practice.locale)
    values = {"when": shown_time_in(appointment.starts_at, practice.time_zone, language)}
    text = TextMessage(number, "appointment_reminder", values, until=appointment.starts_at)
    try:
        respondent_id = recipient.respondent.id
        await send_sms(app, recipient.account, practice, "", text, Use.NOTICE, respondent_id=respondent_id)
    except NotSent as refused:
        log.warning("reminder.not_sent", practice=practice.slug, reason=refused.reason)
        return unsent_because(refused)
    return None
