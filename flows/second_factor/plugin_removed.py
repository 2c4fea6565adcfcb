"""Notifying factors of their deleted enrolments, so that they can clean up elsewhere."""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from flows.core.audit import Actor
from flows.core.context import AppContext, Caller
from flows.core.sealing import open_state
from flows.refusals import FactorUnavailable
from flows.second_factor.desk import desk_for
from flows.second_factor.judge import FactorFailed, call
from models import Account, FactorEnrolment, Practice
from plugins import AnyFactor, NotSent


async def notify_plugin_removed(
    app: AppContext, actor: Actor | Caller, account: Account, practice: Practice, gone: Sequence[FactorEnrolment]
) -> None:
    """Call ``removed`` for each deleted enrolment, after the transaction; a failure of a factor changes nothing."""
    for enrolment in gone:
        factor = app.factors.get(enrolment.factor)
        if factor is None:
            continue
        work = partial(_notify, app, account, practice, factor, enrolment)
        with suppress(FactorFailed, FactorUnavailable, NotSent):
            await call(app, factor, work, type(None), noted=(actor, account.id))


async def _notify(
    app: AppContext, account: Account, practice: Practice, factor: AnyFactor, enrolment: FactorEnrolment
) -> None:
    desk = desk_for(app, account, practice, factor)
    return await factor.removed(desk, open_state(app, factor, enrolment))
