"""Starter passwords: staff give a respondent a login without a mailed link, and hand the password over themselves."""

from dataclasses import dataclass, field
from datetime import datetime

from flows.access.access import close_grant_of_closed_account, is_login
from flows.access.reach import respondent_in_reach, staff
from flows.core import assurance, audit
from flows.core.account_mail import To, post
from flows.core.accounts import NewAccount, create_account, email_taken
from flows.core.assurance import Cause
from flows.core.context import AppContext, Caller
from flows.core.limits import hour_is_full, within_request_limit
from flows.refusals import (
    AccountSuspended,
    AlreadyHasLogin,
    Conflict,
    DossierClosed,
    NoEmailAddress,
    Refusal,
    StepUpRequired,
    TooManyAttempts,
    WeakPassword,
)
from flows.second_factor.plugin_removed import notify_plugin_removed
from flows.signin.credentials import signs_in_by_email
from flows.signin.passwords import weak
from flows.signin.step_up import fresh_for_staff
from models import AccessGrant, Account, Audience, FactorEnrolment, GrantState, Respondent
from models.access.access import approve_grant, latest_grant_of
from models.core.account import give_anew
from models.db.database import IntegrityError, transaction
from models.locks import hold_login
from models.onboarding.invitation import close_open
from models.second_factor.factor import enrolments_of
from normalise.addresses import parse_email
from normalise.codes import shown_login_code
from security.tokens import new_readable_password


@dataclass(frozen=True, slots=True)
class StarterPassword:
    """The login to hand over. The password is returned here once, and never again."""

    account: Account
    portal_url: str
    expires_at: datetime
    signs_in_by_email: bool
    password: str = field(repr=False)


async def give(
    app: AppContext, caller: Caller | None, respondent_id: str, password: str | None
) -> StarterPassword | Refusal:
    """Give a respondent a login, and approve it. With ``password`` None one is generated.

    A starter password that the person has not replaced yet is replaced by the new one.
    """
    member = staff(caller)
    respondent = await respondent_in_reach(member, respondent_id)
    if not fresh_for_staff(app, member):
        return StepUpRequired()
    if not respondent.email:
        return NoEmailAddress()
    grant = await latest_grant_of(respondent.id)
    if refusal := _not_possible(respondent, grant):
        return refusal
    unused = _unused(grant)
    if password is not None and (too_weak := await _weak(app, member, respondent, password)):
        return too_weak
    if not await within_request_limit(app, "starter_password", f"to:{respondent.id}"):
        return hour_is_full(app)
    chosen = new_readable_password() if password is None else password
    own = unused.account_id if unused else None
    new = await _new_account(app, respondent, await app.passwords.hash(chosen), own)
    gone: list[FactorEnrolment] = []
    try:
        async with transaction():
            # Hashing takes time: lock and check again the rows from which the new account was made.
            current, grant = await hold_login(respondent)
            if refusal := _not_possible(current, grant):
                return refusal
            if (current.version, _unused(grant)) != (respondent.version, unused):
                return Conflict()
            await close_grant_of_closed_account(app, member, respondent, grant)
            await close_open(app.now, superseded=True, respondent_id=respondent.id)
            if unused is None:
                account = await _made(app, member, respondent, new)
            else:
                account, gone = await _given_anew(app, member, unused, new)
            await _tell(app, account, new, respondent)
            subjects = (("Dossier", respondent.dossier_id), ("Respondent", respondent.id), ("Account", account.id))
            await audit.record(app, member, "starter_password.given", *subjects)
            await app.signals.publish(f"dossier:{respondent.dossier_id}", f"account:{account.id}")
    except IntegrityError:
        return Conflict()
    await notify_plugin_removed(app, member, account, respondent.practice, gone)
    portal = respondent.practice.portal(app.rules.public_url)
    by_email = signs_in_by_email(respondent.practice, account)
    return StarterPassword(account, portal, app.now + app.rules.starter_life, by_email, chosen)


def _unused(grant: AccessGrant | None) -> AccessGrant | None:
    """The grant if its account still has its starter password."""
    return grant if grant is not None and grant.account.password_expires_at is not None else None


def _not_possible(respondent: Respondent, grant: AccessGrant | None) -> Refusal | None:
    if respondent.dossier.closed_at is not None:
        return DossierClosed()
    if grant is not None and grant.account.suspended:
        return AccountSuspended()
    return AlreadyHasLogin() if is_login(grant) and _unused(grant) is None else None


async def _weak(
    app: AppContext, member: Caller, respondent: Respondent, password: str
) -> WeakPassword | TooManyAttempts | None:
    words = (respondent.name, respondent.email or "", respondent.dossier.name)
    chooser = f"account:{member.account_id}"
    return await weak(app, respondent.practice, Audience.RESPONDENT, words, password, chooser=chooser)


async def _new_account(app: AppContext, respondent: Respondent, encoded: str, own: object) -> NewAccount:
    assert respondent.email
    key = parse_email(respondent.email).key
    return NewAccount(
        respondent.practice_id,
        Audience.RESPONDENT,
        respondent.name,
        respondent.email,
        # An address signs in at most one account of a practice; this one then signs in by its login code.
        None if await email_taken(respondent.practice_id, key, but=own) else key,
        respondent.dossier.locale,
        encoded,
        verified=False,
        starter_until=app.now + app.rules.starter_life,
    )


async def _made(app: AppContext, member: Caller, respondent: Respondent, new: NewAccount) -> Account:
    account = await create_account(app, new)
    await AccessGrant.create(
        practice_id=respondent.practice_id,
        account_id=account.id,
        respondent_id=respondent.id,
        state=GrantState.APPROVED,
        approved_at=app.now,
        approved_by_id=member.staff_id,
        created_at=app.now,
    )
    return account


async def _given_anew(
    app: AppContext, member: Caller, grant: AccessGrant, new: NewAccount
) -> tuple[Account, list[FactorEnrolment]]:
    """Reset the account with a new starter password; returns it and the deleted factors. Raises Conflict."""
    if not await give_anew(grant.account, new):
        raise Conflict
    gone = await enrolments_of(grant.account_id)
    await FactorEnrolment.filter(account_id=grant.account_id).delete()
    await approve_grant(grant.id, member.staff_id, app.now)
    await assurance.end(app, grant.account_id, Cause.CLOSED)
    return await Account.get(id=grant.account_id), gone


async def _tell(app: AppContext, account: Account, new: NewAccount, respondent: Respondent) -> None:
    """Mail the login code, without the password: the practice hands that over."""
    assert new.starter_until is not None
    values = {
        "name": account.name,
        "login_code": shown_login_code(account.login_code),
        "expires_at": new.starter_until.isoformat(),
    }
    payload = {"to": account.email, "locale": account.locale, "values": values}
    to = To(account_id=account.id, respondent_id=respondent.id)
    await post(app, str(account.practice_id), "starter_given", payload, to)
