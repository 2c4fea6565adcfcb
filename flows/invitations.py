"""Inviting: mailed, expiring, single-use; a newer invitation kills the older. What its link does: flows.acceptance."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flows import audit
from flows.house import Caller, House
from flows.limits import invitation_allowed
from flows.post import post
from flows.reach import respondent_in_reach, staff
from flows.refusals import (
    AccountSuspended,
    AlreadyHasLogin,
    Conflict,
    DossierClosed,
    LoginDeactivated,
    NoEmailAddress,
    NothingOpen,
    Refusal,
    TooManyAttempts,
)
from models import AccessGrant, GrantState, Invitation, Practice
from models.access import grant_states, latest_grant_of
from models.account import hold_epoch
from models.db import IntegrityError, transaction
from models.invitation import close_open
from security.addresses import parse_email
from security.tokens import new_token, token_hash


@dataclass(frozen=True, slots=True)
class Invitee:
    """Whom an invitation is for, and how the mail addresses them."""

    name: str
    email: str
    locale: str
    template: str
    respondent_id: object = None
    staff_id: object = None

    @property
    def key(self) -> dict[str, Any]:
        return {"respondent_id": self.respondent_id} if self.respondent_id else {"staff_id": self.staff_id}


async def invite(house: House, caller: Caller | None, respondent_id: str) -> Invitation | Refusal:
    """Mail an invitation, or mail it again: a newer one kills the older."""
    member = staff(caller)
    respondent = await respondent_in_reach(member, respondent_id)
    if not respondent.email:
        return NoEmailAddress()
    if respondent.dossier.closed_at is not None:
        return DossierClosed()
    grant = await latest_grant_of(respondent.id)
    if grant is not None and grant.account.suspended:
        return AccountSuspended()
    if grant is not None and grant.state is not GrantState.DEACTIVATED:
        return AlreadyHasLogin()
    if grant is not None and await _waits_behind(grant, respondent.email):
        return LoginDeactivated()
    whom = Invitee(
        respondent.name, respondent.email, respondent.dossier.locale, "invitation", respondent_id=respondent.id
    )
    try:
        async with transaction():
            # Held, so that an account which is suspended at this moment is seen, or its invitations end with it.
            if grant is not None and not await hold_epoch(grant.account_id, grant.account.epoch):
                return Conflict()
            # The office shares one address; what must be bounded is the mail one person gets.
            whose, to = f"staff:{respondent.id}", respondent.email
            if not await invitation_allowed(house, "invitation", member.practice_id, whose, to):
                return TooManyAttempts(retry_at=None)
            invitation = await send(house, respondent.practice, whom, member.staff_id)
            subjects = (("Dossier", respondent.dossier_id), ("Respondent", respondent.id))
            await audit.record(house, member, "invitation.sent", *subjects)
            await house.bell.ring(f"dossier:{respondent.dossier_id}")
            return invitation
    except IntegrityError:
        return Conflict()


async def _waits_behind(grant: AccessGrant, email: str) -> bool:
    """Whether this address signs in an account that nothing opens: a link of ours could only lead nowhere."""
    if grant.account.email_key is None or grant.account.email_key != parse_email(email).key:
        return False
    return set(await grant_states(grant.account_id)) == {GrantState.DEACTIVATED}


async def send(house: House, practice: Practice, whom: Invitee, invited_by: object) -> Invitation:
    """Store a new invitation and queue its mail, inside the running transaction."""
    now, token = house.now, new_token()
    await close_open(now, superseded=True, **whom.key)
    invitation = await Invitation.create(
        practice_id=practice.id,
        **whom.key,
        invited_by_id=invited_by,
        email=whom.email,
        token_hash=token_hash(token),
        created_at=now,
        expires_at=now + timedelta(seconds=practice.invitation_seconds),
    )
    values = {
        "name": whom.name,
        "link": practice.link(house.rules.public_url, "accept", token),
        "expires_at": invitation.expires_at.isoformat(),
    }
    payload = {"to": whom.email, "locale": whom.locale, "values": values}
    await post(house, str(practice.id), whom.template, payload, about=f"invitation:{invitation.id}")
    return invitation


async def revoke(house: House, caller: Caller | None, respondent_id: str) -> Refusal | None:
    """Withdraw the open invitation; its link is dead at once."""
    member = staff(caller)
    respondent = await respondent_in_reach(member, respondent_id)
    async with transaction():
        if not await close_open(house.now, superseded=False, respondent_id=respondent.id):
            return NothingOpen()
        subjects = (("Dossier", respondent.dossier_id), ("Respondent", respondent.id))
        await audit.record(house, member, "invitation.revoked", *subjects)
        await house.bell.ring(f"dossier:{respondent.dossier_id}")
    return None
