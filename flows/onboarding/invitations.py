"""Invitations: mailed, expiring, single-use. A newer one supersedes the older. Links: `flows.onboarding.acceptance`."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flows.access.access import close_grant_of_closed_account, is_login, lacks_factor
from flows.access.reach import respondent_in_reach, staff
from flows.core import audit
from flows.core.account_mail import To, post
from flows.core.context import AppContext, Caller
from flows.core.limits import hour_is_full, invitation_allowed
from flows.refusals import (
    AccountSuspended,
    AlreadyHasLogin,
    Conflict,
    DossierClosed,
    LoginDeactivated,
    NoEmailAddress,
    NothingOpen,
    Refusal,
)
from models import AccessGrant, GrantState, Invitation, Practice, Respondent
from models.access.access import grant_states
from models.db.database import IntegrityError, transaction
from models.locks import hold_login, hold_respondent
from models.onboarding.invitation import close_open
from normalise.addresses import parse_email
from security.tokens import new_token, token_hash


@dataclass(frozen=True, slots=True)
class Invitee:
    """The invited person, and the name, address and language of the mail."""

    name: str
    email: str
    locale: str
    template: str
    respondent_id: object = None
    staff_id: object = None

    @property
    def key(self) -> dict[str, Any]:
        return {"respondent_id": self.respondent_id} if self.respondent_id else {"staff_id": self.staff_id}


async def invite(app: AppContext, caller: Caller | None, respondent_id: str) -> Invitation | Refusal:
    """Mail an invitation, or mail it again: a newer one supersedes the older."""
    member = staff(caller)
    respondent = await respondent_in_reach(member, respondent_id)
    try:
        async with transaction():
            # Locked, so that the address and the login can't change before the commit.
            current, grant = await hold_login(respondent)
            current.practice = respondent.practice
            if refusal := await _not_invited(app, current, grant):
                return refusal
            await close_grant_of_closed_account(app, member, current, grant)
            return await _invite(app, member, current)
    except IntegrityError:
        return Conflict()


async def _not_invited(app: AppContext, respondent: Respondent, grant: AccessGrant | None) -> Refusal | None:
    if not respondent.email:
        return NoEmailAddress()
    if respondent.dossier.closed_at is not None:
        return DossierClosed()
    if grant is not None and grant.account.suspended:
        return AccountSuspended()
    if is_login(grant):
        return AlreadyHasLogin()
    if grant is not None and await _waits_behind(grant, respondent.email):
        # Without the factor that approving needs, the person accepts the invitation and sets one up.
        return None if await lacks_factor(app, respondent.practice, grant.account) else LoginDeactivated()
    return None


async def _invite(app: AppContext, member: Caller, respondent: Respondent) -> Invitation | Refusal:
    assert respondent.email
    name, locale = respondent.name, respondent.dossier.locale
    invitee = Invitee(name, respondent.email, locale, "invitation", respondent_id=respondent.id)
    # The whole office has one network address: the limit is on the mail to one person.
    if not await invitation_allowed(app, "invitation", member.practice_id, f"staff:{respondent.id}", invitee.email):
        return hour_is_full(app)
    invitation = await send(app, respondent.practice, invitee, member.staff_id)
    subjects = (("Dossier", respondent.dossier_id), ("Respondent", respondent.id))
    await audit.record(app, member, "invitation.sent", *subjects)
    await app.signals.publish(f"dossier:{respondent.dossier_id}")
    return invitation


async def _waits_behind(grant: AccessGrant, email: str) -> bool:
    """Whether this address signs in an account that has only deactivated grants, so that accepting is impossible."""
    if grant.account.email_key is None or grant.account.email_key != parse_email(email).key:
        return False
    return set(await grant_states(grant.account_id)) == {GrantState.DEACTIVATED}


async def send(app: AppContext, practice: Practice, invitee: Invitee, invited_by: object) -> Invitation:
    """Store a new invitation and queue its mail, inside the running transaction, which holds the invitee's row."""
    now, token = app.now, new_token()
    await close_open(now, superseded=True, **invitee.key)
    invitation = await Invitation.create(
        practice_id=practice.id,
        **invitee.key,
        invited_by_id=invited_by,
        email=invitee.email,
        token_hash=token_hash(token),
        created_at=now,
        expires_at=now + timedelta(seconds=practice.invitation_seconds),
    )
    values = {
        "name": invitee.name,
        "link": practice.link(app.rules.public_url, "accept", token, staff=invitee.staff_id is not None),
        "expires_at": invitation.expires_at.isoformat(),
    }
    payload = {"to": invitee.email, "locale": invitee.locale, "values": values}
    to = To(respondent_id=invitee.respondent_id, staff_id=invitee.staff_id)
    await post(app, str(practice.id), invitee.template, payload, to, about=f"invitation:{invitation.id}")
    return invitation


async def revoke(app: AppContext, caller: Caller | None, respondent_id: str) -> Refusal | None:
    """Withdraw the open invitation; its link is void at once."""
    member = staff(caller)
    respondent = await respondent_in_reach(member, respondent_id)
    async with transaction():
        await hold_respondent(respondent)
        if not await close_open(app.now, superseded=False, respondent_id=respondent.id):
            return NothingOpen()
        subjects = (("Dossier", respondent.dossier_id), ("Respondent", respondent.id))
        await audit.record(app, member, "invitation.revoked", *subjects)
        await app.signals.publish(f"dossier:{respondent.dossier_id}")
    return None
