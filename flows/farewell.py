"""Telling factors that enrolments of theirs are gone, so that they can clean up elsewhere."""

from collections.abc import Sequence

from flows.desk import desk_for
from flows.house import House
from flows.judge import FactorFailed, call
from flows.vault import open_state
from models import Account, FactorEnrolment, Practice
from plugins import NotSent
from security.keys import CannotOpen


async def say_farewell(house: House, account: Account, practice: Practice, gone: Sequence[FactorEnrolment]) -> None:
    """After the transaction that deleted them, outside any; a factor that fails at it changes nothing."""
    for enrolment in gone:
        factor = house.factors.get(enrolment.factor)
        if factor is None:
            continue
        desk = desk_for(house, account, practice, factor)
        try:
            await call(house, factor, factor.removed(desk, open_state(house, factor, enrolment)), type(None))
        except (FactorFailed, NotSent, CannotOpen, LookupError, ValueError):
            continue
