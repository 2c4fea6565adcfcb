"""The holder of challenges: an unfinished sign-in, or a live login session."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from flows.core.assurance import Acting
from flows.core.audit import Actor
from flows.core.context import AppContext, Caller, ClientInfo
from flows.core.policy import Demand, Policy, policy_of
from flows.refusals import NotAllowed, NotSignedIn, SignInExpired, StepUpRequired
from locales import in_language
from models import Account, Practice, SignIn
from models.core.account import account_with_practice
from models.locks import hold_epoch
from models.signin import sign_in as store
from models.signin.login_session import hold_session, is_stepped_up
from security.tokens import token_hash


@dataclass(frozen=True, slots=True)
class Holder:
    """One of ``sign_in`` and ``caller`` is set; challenges are bound to it and to nothing else."""

    origin: ClientInfo
    account: Account
    practice: Practice
    sign_in: SignIn | None = None
    caller: Caller | None = None

    @property
    def policy(self) -> Policy:
        return policy_of(self.practice.policy, self.account.audience)

    def demand(self, now: datetime) -> Demand:
        """What the policy demands of this account on a date if it has no factor."""
        return self.policy.demand(now, self.account.exempt_until)

    @property
    def account_id(self) -> UUID:
        return self.account.id

    @property
    def binding(self) -> dict[str, Any]:
        """The columns by which a challenge belongs to this holder."""
        return {
            "practice_id": self.practice.id,
            # A passwordless sign-in opens its challenge before its account is known.
            "account_id": self.sign_in.account_id if self.sign_in else self.account.id,
            "sign_in_id": self.sign_in.id if self.sign_in else None,
            "session_id": self.caller.session_id if self.caller else None,
        }

    @property
    def actor(self) -> Actor:
        if self.caller:
            return Actor.of(self.caller)
        return Actor(self.origin, str(self.practice.id), str(self.account.id), self.account.audience.value)

    @property
    def unproven_actor(self) -> Actor:
        """The actor before a proof: the session's caller, else an actor without an account.

        The account is the subject of an anonymous client's request, never its actor.
        """
        return Actor.of(self.caller) if self.caller else Actor(self.origin, str(self.practice.id))

    @property
    def acting(self) -> Acting:
        """The session or sign-in of the holder, which a change does not end."""
        return Acting(self.caller.session_id if self.caller else None, self.sign_in.id if self.sign_in else None)

    def in_words(self, texts: Mapping[str, str]) -> str:
        """Of a factor's texts the one in the person's language, or else the practice's."""
        return in_language(texts, self.account.locale, self.practice.locale)

    def moved_to(self, sign_in: SignIn) -> "Holder":
        return replace(self, sign_in=sign_in)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A sign-in without an account, until a proof names it."""

    origin: ClientInfo
    practice: Practice
    sign_in: SignIn

    @property
    def account_id(self) -> None:
        return None

    @property
    def binding(self) -> dict[str, Any]:
        """The columns by which a challenge belongs to this visitor."""
        return {
            "practice_id": self.practice.id,
            "account_id": None,
            "sign_in_id": self.sign_in.id,
            "session_id": None,
        }

    @property
    def actor(self) -> Actor:
        return Actor(self.origin, str(self.practice.id))

    @property
    def unproven_actor(self) -> Actor:
        return self.actor

    def known_as(self, account: Account) -> Holder:
        return Holder(self.origin, account, self.practice, sign_in=self.sign_in)


async def visitor_of(app: AppContext, origin: ClientInfo, token: str) -> Visitor:
    """The sign-in without an account of this token; raises SignInExpired, or NotAllowed as below."""
    sign_in = await store.live_sign_in(token_hash(token), app.now)
    if sign_in is None or sign_in.account_id is not None:
        raise SignInExpired
    practice = await Practice.get(id=sign_in.practice_id)
    if not origin.reached_by(sign_in.transport, practice.slug):
        raise NotAllowed
    return Visitor(origin, practice, sign_in)


async def holder_of_sign_in(app: AppContext, origin: ClientInfo, token: str) -> Holder:
    """The sign-in of this token; raises SignInExpired where it may not continue.

    A password change, deactivation, suspension or reset since its start raised the account's epoch. A starter password
    may have expired since. Raises NotAllowed where the answer can't carry the session's cookie, so that no proof is
    spent for nothing.
    """
    sign_in = await store.live_sign_in(token_hash(token), app.now)
    if sign_in is None or sign_in.account is None:
        raise SignInExpired
    account = sign_in.account
    if account.epoch != sign_in.epoch or account.suspended_at is not None:
        raise SignInExpired
    if account.password_expired(app.now):
        raise SignInExpired
    if not origin.reached_by(sign_in.transport, account.practice.slug):
        raise NotAllowed
    return Holder(origin, account, account.practice, sign_in=sign_in)


async def holder_of_session(caller: Caller | None) -> Holder:
    """The caller's own account, for settings and step-up; raises NotSignedIn."""
    account = await account_with_practice(caller.account_id) if caller else None
    if caller is None or account is None:
        raise NotSignedIn
    return Holder(caller.origin, account, account.practice, caller=caller)


async def hold(holder: Holder) -> None:
    """Lock the holder's account inside the transaction of a change, and check that the holder has not ended.

    Raises SignInExpired or NotSignedIn, so that a request from before a reset, a sign-out or a deactivation changes
    nothing after it.
    """
    unchanged = await hold_epoch(holder.account.id, holder.account.epoch)
    if holder.caller is not None and not (unchanged and await hold_session(holder.caller.session_id)):
        raise NotSignedIn
    if not unchanged:
        raise SignInExpired


async def hold_stepped_up(holder: Holder) -> None:
    """:func:`hold` that also checks that the session's step-up has not ended. Raises StepUpRequired."""
    await hold(holder)
    if holder.caller is not None and not await is_stepped_up(holder.caller.session_id):
        raise StepUpRequired
