"""What a person is told about their own account beyond the bare fact: codes left, and which device."""

from flows.house import House
from flows.post import tell
from flows.vault import uses_left
from models import Account, FactorEnrolment
from plugins import Role

_BROWSERS = {"Edg/": "Edge", "Firefox/": "Firefox", "OPR/": "Opera", "Chrome/": "Chrome", "Safari/": "Safari"}
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Macintosh": "Mac",
    "Linux": "Linux",
}


#: From how many uses left a stand-in's owner is advised to make new ones.
FEW = 2


async def tell_stand_in_used(house: House, account: Account, enrolment: FactorEnrolment, *, signed_in: bool) -> None:
    """Where a FALLBACK proved itself, tell so with how often it still can; in the transaction of the proof.

    Not ``signed_in``: it confirmed something in a session that was there already.
    """
    if enrolment.role != Role.FALLBACK:
        return
    now, factor = await FactorEnrolment.get(id=enrolment.id), house.factors.get(enrolment.factor)
    left = uses_left(house, factor, now) if factor else None
    values = {} if left is None else {"few" if left <= FEW else "left": str(left)}
    await tell(house, account, "notice_code_used" if signed_in else "notice_code_confirmed", **values)


async def tell_new_device(house: House, account: Account, user_agent: str) -> None:
    """Tell that a device is remembered from now on, and which kind it seems to be."""
    device = device_name(user_agent)
    await tell(house, account, "notice_new_device", **({"device": device} if device else {}))


def device_name(user_agent: str) -> str:
    """``Firefox, Windows``: words of ours alone, because anybody can write anything into a User-Agent."""
    found = [next((name for mark, name in known.items() if mark in user_agent), "") for known in (_BROWSERS, _SYSTEMS)]
    return ", ".join(name for name in found if name)
