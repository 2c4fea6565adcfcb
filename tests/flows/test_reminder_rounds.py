"""What a round of reminders costs: it grows with what is due, not with what is booked."""

from datetime import datetime, timedelta

from flows.appointments.reminders import remind
from models import Appointment, AppointmentAttendee, AppointmentReminder, Respondent, StaffMember, StaffRole
from models.db.engines.counting import Tally, tally
from tests.flows.office import Office

DAY = timedelta(days=1)


async def round_at(office: Office, moment: datetime) -> tuple[int, int]:
    """How many appointments a round reminds of at that time, and with how many statements."""
    office.app.clock.now = moment  # type: ignore[attr-defined]
    counted = Tally()
    token = tally.set(counted)
    try:
        return await remind(office.app), counted.statements
    finally:
        tally.reset(token)


async def booked(office: Office, number: int, starts_at: datetime) -> None:
    """So many appointments of one dossier at that time, and one attendee in each."""
    (dossier,) = await office.dossiers("Anna", respondents=1)
    person = await Respondent.get(dossier_id=dossier.id)
    desk = await office.hire("vos", StaffRole.THERAPIST)
    member = await StaffMember.get(id=desk.caller.staff_id)
    now = office.app.now
    for _ in range(number):
        row = await Appointment.create(
            practice=office.practice,
            dossier=dossier,
            staff=member,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=1),
            timed_at=now,
            created_at=now,
            updated_at=now,
        )
        await AppointmentAttendee.create(practice=office.practice, appointment=row, respondent=person)


async def test_reminded_appointment_is_not_read_again(office: Office) -> None:
    starts_at = office.app.now + 2 * DAY
    await booked(office, 130, starts_at)
    before_due = await round_at(office, starts_at - DAY - timedelta(minutes=1))
    assert before_due == (0, 2), "the practices, and what is due"
    reminded, _ = await round_at(office, starts_at - DAY)
    assert reminded == 130, "in more than one batch"
    for minutes in (1, 60, 300):
        assert await round_at(office, starts_at - DAY + timedelta(minutes=minutes)) == (0, 2)


async def test_reminder_due_before_the_booking_is_read_once(office: Office) -> None:
    starts_at = office.app.now + timedelta(hours=5)
    await booked(office, 30, starts_at)
    assert (await round_at(office, office.app.now))[0] == 0
    assert await AppointmentReminder.all().count() == 30, "noted, and nothing sent"
    assert await round_at(office, office.app.now + timedelta(minutes=1)) == (0, 2)


async def test_practice_without_reminders_takes_one_statement(office: Office, other_office: Office) -> None:
    for one in (office, other_office):
        one.practice.reminder_minutes = []
        await one.practice.save()
    await booked(office, 3, office.app.now + timedelta(hours=5))
    assert await round_at(office, office.app.now) == (0, 1)
