"""What a week at the demo's practice left behind: appointments held and to come, and a receipt."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from flows.appointments import appointment_staff, appointments
from flows.appointments.appointments import AppointmentDraft
from flows.core.context import AppContext, Caller
from flows.practice.practice_settings import update_practice, version_of
from flows.receipts import receipts
from flows.receipts.receipt_facts import Payment
from flows.receipts.receipts import LineDraft, ReceiptDraft
from flows.staff.staff_registration import set_registration
from models import Appointment, PaymentMethod, Practice, Receipt

#: When the practice began to use it.
AGO = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class Diary:
    """One client's: ``owner`` and ``therapist`` act, each as signed in when the practice began."""

    app: AppContext
    owner: Caller
    therapist: Caller
    dossier: str
    client: str

    async def fill(self) -> None:
        """Three sessions: one with a receipt, one that passed without a note, and one by video with the owner added."""
        began = replace(self.app, clock=lambda: self.app.clock() - AGO)
        practice = await Practice.get(id=self.owner.practice_id)
        facts = {"postal_address": "Sluisweg 1\n1234 AB Sluis", "agb_code": "94012345", "kvk_number": "12345678"}
        changed = await update_practice(began, self.owner, version_of(practice), facts)
        assert isinstance(changed, Practice), changed
        numbers = {"agb_code": "94098765", "big_number": "12345678901"}
        await set_registration(began, self.owner, str(self.therapist.staff_id), numbers)
        held = await self._book(began, days=-6, video=None)
        await self._book(began, days=-1, video=None)
        coming = await self._book(began, days=2, video="link")
        await appointment_staff.add(self.app, self.therapist, str(coming.id), coming.version, str(self.owner.staff_id))
        held = await appointments.complete(self.app, self.therapist, str(held.id), held.version)
        draft = ReceiptDraft(
            str(held.id),
            self.client,
            [LineDraft("Consult 45 minuten", Decimal("95.00"))],
            discounts=[LineDraft("Korting studenten", Decimal("10.00"))],
            payment=Payment(by=PaymentMethod.CARD),
        )
        issued = await receipts.issue(self.app, self.therapist, draft)
        assert isinstance(issued, Receipt), issued

    async def _book(self, app: AppContext, days: int, video: str | None) -> Appointment:
        zone = ZoneInfo(self.therapist.time_zone)
        day = (self.app.now.astimezone(zone) + timedelta(days=days)).date()
        starts_at = datetime.combine(day, time(10), zone)
        link = "https://video.desluis.example/ada" if video else ""
        draft = AppointmentDraft(
            self.dossier, [self.client], starts_at, starts_at + timedelta(minutes=45), video=video, video_link=link
        )
        return await appointments.book(app, self.therapist, draft)
