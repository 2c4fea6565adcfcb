"""A practice's staff at the schema, without a server between: what they ask runs as resolvers run it."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import strawberry

from flows.core.context import Access, AppContext, Caller, ClientInfo
from models import (
    AccessGrant,
    Account,
    Audience,
    Dossier,
    FactorEnrolment,
    GrantState,
    LoginSession,
    Practice,
    Relation,
    Respondent,
    StaffMember,
    StaffRole,
    Transport,
)
from models.db.engines.counting import Tally, tally
from plugins import Role
from schema.kit.context import Context
from schema.kit.ids import node_id


@dataclass
class LocalSignals:
    """Signals within one process, delivered at once; counts its subscribers."""

    events: dict[str, set[asyncio.Event]] = field(default_factory=dict)

    async def publish(self, *topics: str) -> None:
        for topic in topics:
            for event in self.events.get(topic, ()):
                event.set()

    def subscribe(self, *topics: str) -> "_Subscription":
        return _Subscription(self, topics)

    @property
    def subscribers(self) -> int:
        return sum(map(len, self.events.values()))


@dataclass
class _Subscription:
    signals: LocalSignals
    topics: tuple[str, ...]
    event: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> asyncio.Event:
        for topic in self.topics:
            self.signals.events.setdefault(topic, set()).add(self.event)
        return self.event

    async def __aexit__(self, *error: object) -> None:
        for topic in self.topics:
            self.signals.events[topic].discard(self.event)


@dataclass
class Desk:
    """One signed-in person. ``statements`` is what the last question cost."""

    schema: strawberry.Schema
    app: AppContext
    caller: Caller
    statements: int = 0

    @property
    def context(self) -> Context:
        return Context(self.app, self.caller.origin, self.caller)

    async def ask(self, document: str, **variables: Any) -> Any:
        """The value of the one root field, or the code of the refusal that came in its place."""
        counted = Tally()
        token = tally.set(counted)
        try:
            result = await self.schema.execute(document, variables, self.context)
        finally:
            tally.reset(token)
        self.statements = counted.statements
        if result.errors:
            return getattr(result.errors[0].original_error, "kind", result.errors[0].message)
        assert result.data is not None
        (value,) = result.data.values()
        return value

    async def follow(self, document: str) -> AsyncIterator[Any]:
        """What a subscription tells, each within three seconds; ends when it ends."""
        results: Any = await self.schema.subscribe(document, context_value=self.context)
        try:
            while True:
                result = await asyncio.wait_for(anext(results), 3)
                assert not result.errors, result.errors
                (value,) = result.data.values()
                yield value
        except StopAsyncIteration:
            return
        finally:
            await results.aclose()


@dataclass(frozen=True)
class Office:
    """One practice."""

    schema: strawberry.Schema
    app: AppContext
    practice: Practice

    async def account(self, audience: Audience, **values: Any) -> Account:
        code = str(10**7 + secrets.randbelow(9 * 10**7))
        return await Account.create(
            practice=self.practice, audience=audience, login_code=code, created_at=self.app.now, **values
        )

    async def desk(self, account: Account, member: StaffMember | None = None) -> Desk:
        now = self.app.now
        session = await LoginSession.create(
            practice=self.practice,
            account=account,
            token_hash=secrets.token_hex(32),
            transport=Transport.COOKIE,
            created_at=now,
            last_seen_at=now,
            expires_at=now + timedelta(hours=12),
            stepped_up_at=now,
        )
        caller = Caller(
            origin=ClientInfo(),
            session_id=str(session.id),
            account_id=str(account.id),
            practice_id=str(self.practice.id),
            practice_slug=self.practice.slug,
            audience=account.audience,
            access=Access.APPROVED if member else Access.AWAITING_APPROVAL,
            role=member.role if member else None,
            staff_id=str(member.id) if member else None,
            locale="en",
            stepped_up_at=now,
            time_zone=self.practice.time_zone,
        )
        return Desk(self.schema, self.app, caller)

    async def hire(self, name: str, role: StaffRole) -> Desk:
        """A member of staff, signed in and stepped up."""
        account = await self.account(Audience.STAFF, name=name)
        address = f"{name}@example.org"
        member = await StaffMember.create(
            practice=self.practice,
            account=account,
            name=name,
            email=address,
            email_key=address,
            role=role,
            created_at=self.app.now,
        )
        return await self.desk(account, member)

    async def dossiers(self, *names: str, respondents: int = 2) -> list[Dossier]:
        """Dossiers, each with so many respondents who have a login that is waiting for approval."""
        return [await self._dossier(name, respondents) for name in names]

    async def _dossier(self, name: str, respondents: int) -> Dossier:
        here: dict[str, Any] = {"practice": self.practice, "created_at": self.app.now}
        dossier = await Dossier.create(
            **here, reference=secrets.token_hex(4), name=name, sort_key=name.casefold(), locale="nl"
        )
        for number in range(respondents):
            person = await Respondent.create(
                **here, dossier=dossier, relation=Relation.OTHER, name=f"{name} {number}", email="a@example.org"
            )
            account = await self.account(Audience.RESPONDENT, name=person.name, password_set_at=self.app.now)
            await AccessGrant.create(**here, account=account, respondent=person, state=GrantState.PENDING)
        return dossier

    async def waiting(self) -> tuple[Dossier, str, Account]:
        """Someone with a login and a factor who waits for approval: the dossier, the respondent's id, the account."""
        (dossier,) = await self.dossiers("Anna", respondents=1)
        respondent = await Respondent.get(dossier_id=dossier.id)
        account = await Account.get(practice=self.practice, audience=Audience.RESPONDENT)
        await self._enrolled(account, "totp", Role.PROOF)
        return dossier, node_id("Respondent", respondent.id), account

    async def remember_a_device(self, account: Account) -> None:
        await self._enrolled(account, "remembered_devices", Role.WAIVER)

    async def _enrolled(self, account: Account, factor: str, role: Role) -> None:
        await FactorEnrolment.create(
            practice=self.practice,
            account=account,
            factor=factor,
            role=role.value,
            slot="only",
            state=b"",
            state_version=1,
            created_at=self.app.now,
        )
