"""Reminding of appointments: once, by day, and never of what was moved, cancelled or is over."""

from collections.abc import Collection
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import phonenumbers
import structlog

from flows.appointment_mail import Recipient, recipients_of, write_to
from flows.house import House
from flows.safe_hours import SafeHours
from flows.sms import Text, Use, send_sms
from models import Appointment, Practice
from models.appointment import claim_reminders, is_unchanged, to_be_reminded
from models.db import transaction
from plugins import NotSent

log = structlog.get_logger(__name__)

DEFAULT = (24 * 60,)
LONGEST = 7 * 24 * 60
#: What is due at night may go out on the evening before.
_EARLIER = timedelta(hours=16)


def minutes_before(practice: Practice) -> Collection[int]:
    """How many minutes before an appointment this practice reminds of it; nothing for never."""
    return DEFAULT if practice.reminder_minutes is None else practice.reminder_minutes


async def remind(house: House) -> int:
    """One round: send what is due now; how many appointments were reminded of. Safe in several workers at once."""
    now, reminded = house.now, 0
    practices = {practice.id: practice for practice in await Practice.all()}
    longest = max((max(minutes_before(one), default=0) for one in practices.values()), default=0)
    if not longest:
        return 0
    for appointment in await to_be_reminded(now, now + timedelta(minutes=longest) + _EARLIER):
        practice = practices.get(appointment.practice_id)
        due = due_now(appointment, practice, now) if practice else []
        if practice and due and await _remind(house, appointment, practice, due):
            reminded += 1
    return reminded


def due_now(appointment: Appointment, practice: Practice, now: datetime) -> list[int]:
    """The reminders whose moment has come. One that was due before the time was set is what the booking told."""
    hours = SafeHours.of(practice)
    if not hours.holds(now) or now >= appointment.starts_at:
        return []
    starts_at, found = appointment.starts_at, []
    for minutes in minutes_before(practice):
        moment = hours.nearest(starts_at - timedelta(minutes=minutes), starts_at)
        if appointment.timed_at < moment <= now:
            found.append(minutes)
    return found


async def _remind(house: House, appointment: Appointment, practice: Practice, due: list[int]) -> bool:
    async with transaction():
        if not await claim_reminders(appointment, due, house.now) or not await is_unchanged(appointment):
            return False
        for recipient in await recipients_of(appointment, appointment.dossier.locale):
            if recipient.email:
                await write_to(house, appointment, recipient, "appointment_reminder")
            elif practice.reminder_sms:
                await _text(house, appointment, practice, recipient)
    return True


async def _text(house: House, appointment: Appointment, practice: Practice, recipient: Recipient) -> None:
    """By text message to whoever has a login, a phone number and no address; the caps may say no."""
    number = _number(recipient.respondent.phone or "", practice)
    if recipient.account is None or number is None:
        return
    local = appointment.starts_at.astimezone(ZoneInfo(practice.time_zone))
    values = {"when": f"{local:%d-%m-%Y %H:%M}"}
    text = Text(number, "appointment_reminder", values, until=appointment.starts_at)
    try:
        await send_sms(house, recipient.account, practice, "", text, Use.NOTICE)
    except NotSent as refused:
        log.warning("reminder.not_sent", practice=practice.slug, reason=refused.reason)


def _number(written: str, practice: Practice) -> str | None:
    """E.164, or None for what is no phone number."""
    try:
        number = phonenumbers.parse(written, practice.country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
