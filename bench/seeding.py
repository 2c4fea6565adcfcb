"""The practice that is measured: dossiers with two respondents each, most of whom have a login and an app."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import argon2
from tortoise.models import Model

from factors.totp import Totp, TotpState
from models import (
    AccessGrant,
    Account,
    Audience,
    Dossier,
    FactorEnrolment,
    GrantState,
    Invitation,
    LoginSession,
    Practice,
    Relation,
    Respondent,
    StaffMember,
    StaffRole,
    Transport,
)
from models.db.database import close_database, connection, is_sqlite, open_database
from models.db.migrating import migrate
from plugins import Role
from security.keys import KeyRing
from security.tokens import new_token, token_hash
from settings import DEVELOPMENT_KEY, OWASP_MEMORY_KIB, OWASP_TIME

PRACTICE = "bench"
PASSWORD = "a password that nobody else has"
#: One for all, so that the load generator computes a code once a step. Each account still spends its own.
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

#: Memory in KiB and passes of the real hash, and of one that is nearly free.
REAL, NEARLY_FREE = (OWASP_MEMORY_KIB, OWASP_TIME), (64, 1)

_ROWS_AT_ONCE = 500
_NOW = datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Seeded:
    """``token`` is an owner's session; each login of ``real`` and ``nearly_free`` can sign in once a step."""

    token: str
    real: Iterator[str]
    nearly_free: Iterator[str]


async def seed(url: str, dossiers: int) -> Seeded:
    """Migrate an empty database and fill it. A tenth of the accounts has a password with the real hash."""
    await migrate(url)
    await open_database(url)
    try:
        return await _fill(dossiers)
    finally:
        await close_database()


async def _fill(dossiers: int) -> Seeded:
    practice = await Practice.create(
        slug=PRACTICE,
        name="Praktijk De Maat",
        helpdesk_email="helpdesk@demaat.example",
        policy={Audience.RESPONDENT.value: {"fallback": False}},
        created_at=_NOW,
    )
    owner, token = await _owner(practice)
    people = [_Person(practice, owner, number) for number in range(dossiers * 2)]
    with_login = [person for person in people if person.has_login]
    slow = len(with_login) // 10
    hashes = [*itertools.repeat(_hash(REAL), slow), *itertools.repeat(_hash(NEARLY_FREE), len(with_login) - slow)]
    await _store(person.dossier() for person in people[::2])
    await _store(person.respondent() for person in people)
    await _store(person.invitation() for person in people if person.invited)
    await _store(person.account(encoded) for person, encoded in zip(with_login, hashes, strict=True))
    await _store(person.grant() for person in with_login)
    await _store(person.enrolment() for person in with_login)
    if not is_sqlite():
        # As autovacuum does, but before the first question instead of a minute after it.
        await connection().execute_script("ANALYZE")
    logins = [person.login for person in with_login]
    return Seeded(token, iter(logins[:slow]), iter(logins[slow:]))


async def _owner(practice: Practice) -> tuple[StaffMember, str]:
    account = await Account.create(
        practice_id=practice.id,
        audience=Audience.STAFF,
        login_code="90000000",
        name="Olga Owner",
        email="olga@demaat.example",
        email_key="olga@demaat.example",
        locale="en",
        created_at=_NOW,
    )
    owner = await StaffMember.create(
        practice_id=practice.id,
        account_id=account.id,
        name=account.name,
        email=account.email,
        email_key=account.email_key,
        role=StaffRole.OWNER,
        created_at=_NOW,
    )
    token = new_token()
    await LoginSession.create(
        practice_id=practice.id,
        account_id=account.id,
        token_hash=token_hash(token),
        transport=Transport.BEARER,
        created_at=_NOW,
        last_seen_at=_NOW,
        expires_at=_NOW + timedelta(hours=12),
    )
    return owner, token


class _Person:
    """Respondent ``number``, and the dossier of an even one. Of eight, one was not invited and one didn't accept."""

    def __init__(self, practice: Practice, owner: StaffMember, number: int) -> None:
        self._practice, self._owner, self._number = practice.id, owner.id, number
        self._name, self._email = f"Person {number:06}", f"person{number:06}@clients.example"
        self._id, self._account, self._dossier = uuid4(), uuid4(), UUID(int=(number // 2 << 64) + 1)
        self.login = str(10_000_000 + number)
        self.invited = number % 8 != 3
        self.has_login = self.invited and number % 8 != 5

    def dossier(self) -> Dossier:
        return Dossier(
            **self._new(self._dossier),
            reference=f"D-{self._number:06}",
            name=self._name,
            sort_key=self._name.lower(),
            birth_date=(_NOW - timedelta(days=4000 + self._number)).date(),
        )

    def respondent(self) -> Respondent:
        return Respondent(
            **self._new(self._id),
            dossier_id=self._dossier,
            relation=Relation.PARENT if self._number % 2 else Relation.SELF,
            name=self._name,
            email=self._email,
        )

    def invitation(self) -> Invitation:
        return Invitation(
            **self._new(uuid4()),
            respondent_id=self._id,
            invited_by_id=self._owner,
            email=self._email,
            token_hash=token_hash(new_token()),
            expires_at=_NOW + timedelta(days=7),
            relayed_at=_NOW,
            accepted_at=_NOW if self.has_login else None,
        )

    def account(self, encoded: str) -> Account:
        return Account(
            **self._new(self._account),
            audience=Audience.RESPONDENT,
            login_code=self.login,
            name=self._name,
            email=self._email,
            password_hash=encoded,
            password_set_at=_NOW,
        )

    def grant(self) -> AccessGrant:
        approved = self._number % 4 != 2
        return AccessGrant(
            **self._new(uuid4()),
            account_id=self._account,
            respondent_id=self._id,
            state=GrantState.APPROVED if approved else GrantState.PENDING,
            approved_by_id=self._owner if approved else None,
            approved_at=_NOW if approved else None,
        )

    def enrolment(self) -> FactorEnrolment:
        plain = TotpState(secret=SECRET).model_dump_json().encode()
        return FactorEnrolment(
            **self._new(uuid4()),
            account_id=self._account,
            factor=Totp.name,
            role=Role.PROOF.value,
            slot="only",
            state=_KEYS.seal(plain, "factor-state", str(self._account), Totp.name),
            state_version=Totp.state_version,
            confirmed_at=_NOW,
        )

    def _new(self, identity: UUID) -> dict[str, Any]:
        # Spread over the years, so that ordering by date has something to order.
        return {
            "id": identity,
            "practice_id": self._practice,
            "created_at": _NOW - timedelta(minutes=2 * self._number),
        }


_KEYS = KeyRing.parse([DEVELOPMENT_KEY])


def _hash(cost: tuple[int, int]) -> str:
    memory, passes = cost
    return argon2.PasswordHasher(passes, memory, 1).hash(PASSWORD)


async def _store(rows: Iterator[Model]) -> None:
    made = list(rows)
    await type(made[0]).bulk_create(made, batch_size=_ROWS_AT_ONCE)
