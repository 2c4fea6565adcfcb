"""Notices about one's own account with details: the codes that are left, and the device."""

from flows.core.account_mail import tell
from flows.core.context import AppContext
from flows.core.sealing import uses_left
from models import Account, FactorEnrolment
from plugins import Role

#: With this many uses left, or fewer, the notice advises to make new codes.
FEW = 2


async def tell_stand_in_used(app: AppContext, account: Account, enrolment: FactorEnrolment, *, signed_in: bool) -> None:
    """Notify the person that a FALLBACK was used, with the uses left; call inside the transaction of the proof.

    Without ``signed_in`` it was used in an existing session.
    """
    if enrolment.role != Role.FALLBACK:
        return
    now, factor = await FactorEnrolment.get(id=enrolment.id), app.factors.get(enrolment.factor)
    left = uses_left(app, factor, now) if factor else None
    values = {} if left is None else {"few" if left <= FEW else "left": str(left)}
    await tell(app, account, "notice_code_used" if signed_in else "notice_code_confirmed", **values)


async def tell_new_device(app: AppContext, account: Account, device: str) -> None:
    """Notify the person of a new remembered device; ``device`` is its name by `flows.signin.device_names`."""
    await tell(app, account, "notice_new_device", device=device)
