"""Who is proving something: a sign-in under way, or a live login session."""

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
        """What the policy asks of this account on a date, should it have no factor."""
        return self.policy.demand(now, self.account.exempt_until)

    @property
    def account_id(self) -> UUID:
        return self.account.id

    @property
    def binding(self) -> dict[str, Any]:
        """The columns by which a challenge belongs to this holder."""
        return {
            "practice_id": self.practice.id,
            # A sign-in without a password opened its challenge before it knew whose it was.
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
        """Who acts while nothing proves that it is the account's holder: a session's caller, else nobody.

        The account is the subject of what a stranger typed, never its actor.
        """
        return Actor.of(self.caller) if self.caller else Actor(self.origin, str(self.practice.id))

    @property
    def acting(self) -> Acting:
        """In what the holder acts: what rests on a change ends, and this goes on."""
        return Acting(self.caller.session_id if self.caller else None, self.sign_in.id if self.sign_in else None)

    def in_words(self, texts: Mapping[str, str]) -> str:
        """Of a factor's texts the one in the person's language, or else the practice's."""
        return in_language(texts, self.account.locale, self.practice.locale)

    def moved_to(self, sign_in: SignIn) -> "Holder":
        return replace(self, sign_in=sign_in)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A sign-in that has no account yet: a proof will name it."""

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
    """The sign-in without an account that this token carries; raises SignInExpired, and NotAllowed as below."""
    sign_in = await store.live_sign_in(token_hash(token), app.now)
    if sign_in is None or sign_in.account_id is not None:
        raise SignInExpired
    practice = await Practice.get(id=sign_in.practice_id)
    if not origin.reached_by(sign_in.transport, practice.slug):
        raise NotAllowed
    return Visitor(origin, practice, sign_in)


async def holder_of_sign_in(app: AppContext, origin: ClientInfo, token: str) -> Holder:
    """The sign-in that this token carries; raises SignInExpired when it may not go on.

    A password change, deactivation, suspension or reset since its start raised the account's epoch; a starter
    password may have expired since.
    Raises NotAllowed where the answer cannot carry the session's cookie: nothing is spent on a session nobody gets.
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
    """Inside the transaction that settles: nothing ended this holder since it was read, nor will before the commit.

    Raises SignInExpired or NotSignedIn, so that what was begun before a reset, a sign-out or a deactivation
    changes nothing after it.
    """
    unchanged = await hold_epoch(holder.account.id, holder.account.epoch)
    if holder.caller is not None and not (unchanged and await hold_session(holder.caller.session_id)):
        raise NotSignedIn
    if not unchanged:
        raise SignInExpired


async def hold_stepped_up(holder: Holder) -> None:
    """As :func:`hold`, for what a session does after a step-up: nothing ended that meanwhile. Raises StepUpRequired."""
    await hold(holder)
    if holder.caller is not None and not await is_stepped_up(holder.caller.session_id):
        raise StepUpRequired
