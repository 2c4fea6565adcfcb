"""One's own account page: language, factors and devices as the person sees them."""

from dataclasses import dataclass
from datetime import datetime

from flows.core import audit
from flows.core.context import AppContext, Caller
from flows.core.sealing import uses_left
from flows.core.texts import known_language
from flows.refusals import NotSignedIn
from flows.second_factor.holder import holder_of_session
from flows.signin.remembered_devices import devices_of
from models import Account, FactorEnrolment
from models.core.account import account_with_practice
from models.db.database import transaction
from models.second_factor.factor import enrolments_of
from plugins import AnyFactor, Role


@dataclass(frozen=True, slots=True)
class OwnFactor:
    """A registered factor. ``factor`` is None where its plugin is gone; ``left`` None where it never runs out."""

    enrolment: FactorEnrolment
    factor: AnyFactor | None
    left: int | None


async def own_account(caller: Caller) -> Account:
    """The caller's account with its practice, in one statement."""
    account = await account_with_practice(caller.account_id)
    if account is None:
        raise NotSignedIn
    return account


async def own_factors(app: AppContext, caller: Caller, role: Role) -> list[OwnFactor]:
    """The caller's registered factors of one role, oldest first; those of missing plugins too."""
    return [_held(app, e) for e in await enrolments_of(caller.account_id) if e.role == role]


def _held(app: AppContext, enrolment: FactorEnrolment) -> OwnFactor:
    factor = app.factors.get(enrolment.factor)
    return OwnFactor(enrolment, factor, uses_left(app, factor, enrolment) if factor else None)


async def own_devices(app: AppContext, account: Account) -> list[tuple[FactorEnrolment, datetime]]:
    """One's remembered devices, as :func:`flows.signin.remembered_devices.devices_of`."""
    return await devices_of(app, account, account.practice)


async def set_language(app: AppContext, caller: Caller | None, locale: str) -> Account:
    """Choose the language of the portal and of mail. Raises InvalidInput for one that Sluis does not speak."""
    holder = await holder_of_session(caller)
    known_language("language", locale)
    async with transaction():
        await Account.filter(id=holder.account.id).update(locale=locale)
        await audit.record(app, holder.actor, "account.language_set", ("Account", holder.account.id))
    holder.account.locale = locale
    return holder.account
