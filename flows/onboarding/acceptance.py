"""An invitation's link: opening it, accepting it with a new or an existing account, and requesting a new one.

Only setting the password, or linking while signed in, uses the link up. Opening it does not.
"""

from dataclasses import dataclass

from flows.core import audit
from flows.core.account_mail import To, post, tell
from flows.core.accounts import NewAccount, create_account, email_taken
from flows.core.audit import Actor
from flows.core.context import Access, AppContext, Caller, ClientInfo
from flows.core.limits import hour_is_full, invitation_allowed, within_request_limit
from flows.onboarding.invitations import Invitee, send
from flows.refusals import (
    AccountExists,
    AwaitingApproval,
    Conflict,
    LinkRefused,
    NotAllowed,
    NothingOpen,
    NotSignedIn,
    Refusal,
    SignInExpired,
    TooManyAttempts,
    WrongCredentials,
)
from flows.second_factor.holder import Holder, hold, holder_of_session
from flows.signin.credentials import credentials_of
from flows.signin.password_check import checked_password
from flows.signin.passwords import shortest, weak
from models import AccessGrant, Account, Audience, GrantState, Invitation, Practice, StaffMember
from models.core.account import account_by_login
from models.db.database import IntegrityError, transaction
from models.locks import hold_rows
from models.onboarding.invitation import accept_once, invitation_by_token, mark_opened
from models.onboarding.prospect import forget_prospect_of, give_way, squatter_of
from normalise.addresses import address_key, parse_email
from normalise.codes import shown_login_code
from security.tokens import token_hash


async def open_link(app: AppContext, token: str) -> Invitation | Refusal:
    """The invitation for the link's page. Marks it as opened, and does not use the link up."""
    invitation = await invitation_by_token(token_hash(token))
    if refusal := link_refusal(app, invitation):
        return refusal
    assert invitation is not None
    if invitation.opened_at is None:
        async with transaction():
            await mark_opened(invitation.id, app.now)
            await _publish(app, invitation)
    return invitation


def link_refusal(app: AppContext, invitation: Invitation | None) -> LinkRefused | None:
    """Why an invitation's link does nothing; None while it is good."""
    if invitation is None:
        return LinkRefused("UNKNOWN")
    state = invitation.state(app.now)
    reasons = {"ACCEPTED": "USED", "REVOKED": "REVOKED", "SUPERSEDED": "SUPERSEDED", "EXPIRED": "EXPIRED"}
    return LinkRefused(reasons[state]) if state in reasons else None


@dataclass(frozen=True, slots=True)
class InvitationAccepted:
    """The account that was created. Accepting does not sign in."""

    account: Account
    practice: Practice
    portal_url: str


@dataclass(frozen=True, slots=True)
class AccountReopened:
    """The invitation was linked to an account without access: signing in works again, and staff approve."""

    portal_url: str


async def accept(
    app: AppContext, origin: ClientInfo, token: str, password: str, *, another_person: bool = False
) -> InvitationAccepted | AccountReopened | Refusal:
    """Set the password and create the account, once. Never sets the password of an existing account.

    The holder of the mailed link reads the mail, so a sign-up with this address that was never verified gives way.
    ``another_person`` says that the address is shared: the new account signs in by its login code only.
    """
    invitation = await invitation_by_token(token_hash(token))
    if refusal := link_refusal(app, invitation):
        return refusal
    assert invitation is not None
    key = parse_email(invitation.email).key
    squatter = await squatter_of(invitation.practice_id, key)
    taken = squatter is None and await email_taken(invitation.practice_id, key)
    if taken and invitation.respondent_id is not None and not another_person:
        return await _reopen(app, origin, invitation, key, password)
    name = name_of(invitation)
    words, chooser = (name, invitation.email), f"link:{invitation.id}"
    audience = _audience_of(invitation)
    if too_weak := await weak(app, invitation.practice, audience, words, password, chooser=chooser):
        return too_weak
    if too_often := await _tried_too_often(app, origin, invitation):
        return too_often
    new = NewAccount(
        invitation.practice_id,
        audience,
        name,
        invitation.email,
        None if taken else key,
        _locale_of(invitation),
        await app.passwords.hash(password),
    )
    try:
        async with transaction():
            if refusal := await _use(app, invitation, squatter):
                return refusal
            if squatter is not None and not await give_way(squatter):
                raise Conflict
            account = await create_account(app, new)
            await _attach(app, invitation, account)
            await _mail_login_code(app, invitation.practice, account)
            actor = Actor(origin, str(invitation.practice_id), str(account.id), account.audience.value)
            await audit.record(app, actor, "invitation.accepted", *_subjects(invitation, account))
            await _publish(app, invitation)
    except IntegrityError:
        return Conflict()
    return InvitationAccepted(account, invitation.practice, invitation.practice.portal(app.rules.public_url))


async def _reopen(
    app: AppContext, origin: ClientInfo, invitation: Invitation, email_key: str, password: str
) -> AccountReopened | Refusal:
    """Link the address's account by its own password, where all its accesses are closed and so it can't sign in.

    An account that can sign in must sign in instead: it gets AccountExists, as does a wrong password. Both take the
    same work, count against the account and are audited.
    """
    if too_often := await _tried_too_often(app, origin, invitation):
        return too_often
    account = await account_by_login(invitation.practice_id, None, email_key)
    found = await credentials_of(account)
    if account is None or found is None:
        # It was deleted concurrently.
        return Conflict()
    holder = Holder(origin, account, invitation.practice)
    if refusal := await checked_password(app, holder, password, opens_nothing=not found.closed(app.now)):
        return AccountExists() if isinstance(refusal, WrongCredentials) else refusal
    try:
        async with transaction():
            if refusal := await _use(app, invitation, account.id):
                return refusal
            await hold(holder)
            await _attach(app, invitation, account)
            await audit.record(app, holder.actor, "invitation.linked", *_subjects(invitation, account))
            await tell(app, account, "notice_reopened")
            await _publish(app, invitation)
    except (IntegrityError, SignInExpired):
        return Conflict()
    return AccountReopened(invitation.practice.portal(app.rules.public_url))


async def _tried_too_often(app: AppContext, origin: ClientInfo, invitation: Invitation) -> TooManyAttempts | None:
    """Count one attempt with the link in this hour; beyond the limit one audit row is written."""
    link = f"link:{invitation.id}"
    if await within_request_limit(app, "accept", link):
        return None
    actor, about = Actor(origin, str(invitation.practice_id)), _subjects(invitation, None)
    await audit.record_once(app, actor, "invitation.accepted", *about, per=link, outcome="BLOCKED")
    return hour_is_full(app)


async def link(app: AppContext, caller: Caller | None, token: str) -> Invitation | Refusal:
    """Accept with the signed-in account: a further grant, which waits for approval."""
    if caller is None:
        raise NotSignedIn
    invitation = await invitation_by_token(token_hash(token))
    if refusal := link_refusal(app, invitation):
        return refusal
    assert invitation is not None
    if str(invitation.practice_id) != caller.practice_id:
        return LinkRefused("UNKNOWN")
    holder = await holder_of_session(caller)
    account = holder.account
    if invitation.respondent_id is None or account.audience is not Audience.RESPONDENT:
        return NotAllowed()
    if caller.access is Access.UNVERIFIED and address_key(account.email or "") != address_key(invitation.email):
        # Otherwise the account would keep an address that may be somebody else's.
        return AwaitingApproval(unverified=True)
    try:
        async with transaction():
            if refusal := await _use(app, invitation, account.id):
                return refusal
            # A concurrently closed account would wait for an approval that nobody can give.
            await hold(holder)
            if caller.access is Access.UNVERIFIED:
                # The holder of the link reads the mail of the account's own address.
                await Account.filter(id=account.id).update(email_verified_at=app.now)
            await _attach(app, invitation, account)
            await audit.record(app, caller, "invitation.linked", *_subjects(invitation, account))
            await _publish(app, invitation)
            await app.signals.publish(f"account:{account.id}")
    except IntegrityError:
        return Conflict()
    return invitation


async def ask_new(app: AppContext, origin: ClientInfo, token: str) -> Refusal | None:
    """Mail a new link in place of an expired one, to the same address, if that is still the person's."""
    invitation = await invitation_by_token(token_hash(token))
    refusal = link_refusal(app, invitation)
    if invitation is None or refusal is None or refusal.reason != "EXPIRED":
        return refusal or NothingOpen()
    async with transaction():
        invitation = await _held(invitation)
        if (now := link_refusal(app, invitation)) and now.reason != "EXPIRED":
            return now
        if invitation.staff is not None and invitation.staff.suspended_at is not None:
            return LinkRefused("REVOKED")
        invitee, to = _invitee(invitation), invitation.email
        if address_key(invitee.email) != address_key(to):
            return LinkRefused("SUPERSEDED")
        if not await invitation_allowed(app, "renewal", invitation.practice_id, origin.address, to):
            return hour_is_full(app)
        await send(app, invitation.practice, invitee, invitation.invited_by_id)
        actor = Actor(origin, str(invitation.practice_id))
        await audit.record(app, actor, "invitation.renewed", *_subjects(invitation, None))
        await _publish(app, invitation)
    return None


async def _held(invitation: Invitation, *accounts: object) -> Invitation:
    """The current invitation, with the rows of its person and of these accounts locked.

    So the address, the dossier and the login can't change, nor can another act use the invitation.
    """
    person = invitation.respondent
    await hold_rows(
        staff=[invitation.staff_id],
        dossiers=[person.dossier_id if person else None],
        respondents=[invitation.respondent_id],
        accounts=accounts,
    )
    current = await invitation_by_token(invitation.token_hash)
    assert current is not None
    return current


async def _use(app: AppContext, invitation: Invitation, account: object) -> LinkRefused | None:
    """Use the invitation up under the locks of :func:`_held`; returns the refusal where it can't be used any more."""
    if refusal := link_refusal(app, await _held(invitation, account)):
        return refusal
    return None if await accept_once(invitation.id, app.now) else LinkRefused("USED")


def _invitee(invitation: Invitation) -> Invitee:
    if invitation.respondent is not None:
        person = invitation.respondent
        return Invitee(person.name, person.email or "", _locale_of(invitation), "invitation", respondent_id=person.id)
    member = invitation.staff
    assert member is not None
    return Invitee(member.name, member.email, _locale_of(invitation), "staff_invitation", staff_id=member.id)


def _audience_of(invitation: Invitation) -> Audience:
    return Audience.RESPONDENT if invitation.respondent_id else Audience.STAFF


def shortest_password(app: AppContext, invitation: Invitation) -> int:
    """How many characters the password of the invited person's account needs today."""
    return shortest(app, invitation.practice, _audience_of(invitation))


def name_of(invitation: Invitation) -> str:
    """The name of the invited person."""
    person = invitation.respondent or invitation.staff
    return person.name if person else ""


def _locale_of(invitation: Invitation) -> str:
    return invitation.respondent.dossier.locale if invitation.respondent else invitation.practice.locale


async def _attach(app: AppContext, invitation: Invitation, account: Account) -> None:
    await forget_prospect_of(account.id)
    if invitation.staff_id is not None:
        await StaffMember.filter(id=invitation.staff_id).update(account_id=account.id)
        return
    waiting = {
        "state": GrantState.PENDING,
        "approved_at": None,
        "approved_by_id": None,
        "deactivated_at": None,
        # The deactivation ended the withdrawn approval: this is a new wait.
        "taken_back_at": None,
    }
    revived = await AccessGrant.filter(
        account_id=account.id, respondent_id=invitation.respondent_id, state=GrantState.DEACTIVATED
    ).update(**waiting)
    if not revived:
        await AccessGrant.create(
            practice_id=invitation.practice_id,
            account_id=account.id,
            respondent_id=invitation.respondent_id,
            created_at=app.now,
        )


async def _mail_login_code(app: AppContext, practice: Practice, account: Account) -> None:
    values = {"name": account.name, "login_code": shown_login_code(account.login_code)}
    payload = {"to": account.email, "locale": account.locale, "values": values}
    await post(app, str(practice.id), "account_made", payload, To(account_id=account.id))


def _subjects(invitation: Invitation, account: Account | None) -> tuple[tuple[str, object], ...]:
    dossier = invitation.respondent.dossier_id if invitation.respondent else None
    return (
        ("Dossier", dossier),
        ("Respondent", invitation.respondent_id),
        ("StaffMember", invitation.staff_id),
        ("Account", account.id if account else None),
    )


async def _publish(app: AppContext, invitation: Invitation) -> None:
    if invitation.respondent is not None:
        await app.signals.publish(f"dossier:{invitation.respondent.dossier_id}")
