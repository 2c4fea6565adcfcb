"""What a person is told about their own account beyond the bare fact: codes left, and which device."""

from flows.core.account_mail import tell
from flows.core.context import AppContext
from flows.core.sealing import uses_left
from models import Account, FactorEnrolment
from plugins import Role

#: From how many uses left a stand-in's owner is advised to make new ones.
FEW = 2


async def tell_stand_in_used(app: AppContext, account: Account, enrolment: FactorEnrolment, *, signed_in: bool) -> None:
    """Where a FALLBACK proved itself, tell so with how often it still can; in the transaction of the proof.

    Not ``signed_in``: it confirmed something in a session that was there already.
    """
    if enrolment.role != Role.FALLBACK:
        return
    now, factor = await FactorEnrolment.get(id=enrolment.id), app.factors.get(enrolment.factor)
    left = uses_left(app, factor, now) if factor else None
    values = {} if left is None else {"few" if left <= FEW else "left": str(left)}
    await tell(app, account, "notice_code_used" if signed_in else "notice_code_confirmed", **values)


async def tell_new_device(app: AppContext, account: Account, device: str) -> None:
    """Tell that a device is remembered from now on; ``device`` is its name, made by `flows.signin.device_names`."""
    await tell(app, account, "notice_new_device", device=device)
