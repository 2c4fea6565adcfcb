"""A practice of its own for each race: people, logins, links, papers and appointments, in states drawn by chance.

Stored row by row, because walking there over HTTP would take a hundred times as long. What races is asked over HTTP.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any

import orjson
import pyotp

from factors.recovery_codes import RecoveryCodesState
from factors.remembered_devices import RememberedDeviceState
from factors.totp import TotpState
from flows.core.context import Access, AppContext, Caller, ClientInfo
from flows.core.policy import as_stored, policy_of
from flows.core.sealing import seal_state
from flows.second_factor.holder import Holder
from flows.signin.challenges import store_challenge
from models import (
    AccessGrant,
    Account,
    AnswerForm,
    Appointment,
    AppointmentAttendee,
    AppointmentColleague,
    Audience,
    CaseloadEntry,
    ChangeField,
    ChangeRequest,
    Dossier,
    FactorEnrolment,
    FactorExemption,
    GrantState,
    Invitation,
    LinkPurpose,
    LoginSession,
    MailedLink,
    Practice,
    Prospect,
    Purpose,
    Relation,
    Report,
    ReportRelease,
    Respondent,
    SignIn,
    StaffMember,
    StaffRole,
    StoredFile,
    Transport,
)
from models.core.sealed import ANSWERS, FILE, REPORT_TITLE
from models.db.database import transaction
from normalise.search import search_key
from plugins import Opened, Role
from schema.kit.ids import node_id
from security.tokens import token_hash

PASSWORD = "blauwe fiets onder de brug"
RECOVERY_CODE = "23456789ABCD"
_STATES = (GrantState.APPROVED, GrantState.APPROVED, GrantState.PENDING, GrantState.DEACTIVATED)


@dataclass
class Scene:
    """``ids`` are the API's; ``sessions`` are tokens by who has them, ``tokens`` those of links and sign-ins."""

    slug: str
    now: datetime
    ids: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    logins: dict[str, str] = field(default_factory=dict)
    apps: dict[str, str] = field(default_factory=dict)

    def code(self, authenticator_app: str) -> str:
        """What an authenticator app shows now."""
        return pyotp.TOTP(self.apps[authenticator_app]).now()


class Stage:
    """Stores scenes; ``app`` is composed as the servers' own are, with the same keys."""

    def __init__(self, app: AppContext, password_hash: str) -> None:
        self._app, self._hash = app, password_hash

    async def set(self, chance: Random) -> Scene:
        """One more practice."""
        building = _Building(self._app, self._hash, chance)
        # In a few transactions rather than with a commit for each row.
        for part in (
            building.practice_and_staff,
            building.dossiers_and_respondents,
            building.ada,
            building.others_with_logins,
            building.papers,
        ):
            async with transaction():
                await part()
        return building.scene


class _Building:
    def __init__(self, app: AppContext, password_hash: str, chance: Random) -> None:
        self.app, self.hash, self.chance, self.now = app, password_hash, chance, app.now
        self.scene = Scene(f"race-{secrets.token_hex(6)}", app.now)
        self.rows: dict[str, Any] = {}

    async def practice_and_staff(self) -> None:
        policy = policy_of({}, Audience.RESPONDENT)
        day = timedelta(days=1)
        offered = replace(policy, offered_from=self.now - day, required_from=self.now + 9 * day)
        chosen = self.chance.choice([policy, offered])
        self.practice = await Practice.create(
            slug=self.scene.slug,
            name="Praktijk De Renbaan",
            sign_up_open=True,
            policy={Audience.RESPONDENT.value: as_stored(chosen)},
            created_at=self.now,
        )
        for name, role in (
            ("olga", StaffRole.OWNER),
            ("otto", StaffRole.OWNER),
            ("adam", StaffRole.ADMIN),
            ("tess", StaffRole.THERAPIST),
        ):
            account = await self.account(name, Audience.STAFF)
            await self.member(name, role, account)
            await self.authenticator_app(name)
            await self.session(name, name)
        await self.codes("otto", kept=False)
        await self.exempt("tess")
        await self.member("noor", StaffRole.THERAPIST, None)
        await self.invitation("noor", staff_id=self.rows["noor"].id)

    async def dossiers_and_respondents(self) -> None:
        for name in ("d1", "d2"):
            dossier = self.rows[name] = await Dossier.create(
                **self.here, reference=name, name="Ada", sort_key="ada", birth_date=date(1990, 1, 1)
            )
            self.scene.ids[name] = node_id("Dossier", dossier.id)
            await CaseloadEntry.create(practice_id=self.practice.id, staff_id=self.rows["tess"].id, dossier=dossier)
        closed = await Dossier.create(**self.here, reference="closed", name="Bo", sort_key="bo", closed_at=self.now)
        self.scene.ids["closed"] = node_id("Dossier", closed.id)
        for name, about in (
            ("r1", "d1"),
            ("r2", "d2"),
            ("invited", "d1"),
            ("expired", "d1"),
            ("nobody", "d1"),
            ("r_bo", "d1"),
            ("r_sam", "d1"),
            ("r_zoe", "d1"),
        ):
            person = self.rows[name] = await Respondent.create(
                **self.here,
                dossier=self.rows[about],
                relation=Relation.SELF if name in ("r1", "r2") else Relation.PARENT,
                name=f"Persoon {name}",
                sort_key=search_key(f"Persoon {name}"),
                email=self.address(name),
            )
            self.scene.ids[name] = node_id("Respondent", person.id)
        await self.invitation("invited", respondent_id=self.rows["invited"].id)
        await self.invitation("expired", respondent_id=self.rows["expired"].id, over=True)

    async def ada(self) -> None:
        """One person who answers in two dossiers, with all that an account can have."""
        ada = await self.account("ada", Audience.RESPONDENT)
        states = [self.chance.choice(_STATES), self.chance.choice(_STATES)]
        if set(states) == {GrantState.DEACTIVATED}:
            states[0] = GrantState.APPROVED
        for respondent, state in zip(("r1", "r2"), states, strict=True):
            await self.grant(ada, respondent, state)
        await self.authenticator_app("ada")
        await self.codes("ada")
        await self.device("ada")
        await self.session("ada", "ada")
        await self.session("ada", "ada elsewhere")
        for purpose in (LinkPurpose.RESET_PASSWORD, LinkPurpose.CHANGE_EMAIL):
            await self.link(ada, purpose, purpose.value)
        request = await ChangeRequest.create(**self.here, account=ada, field=ChangeField.NAME, value="Ada Nieuw")
        self.scene.ids["change"] = node_id("ChangeRequest", request.id)
        signing_in = await self.sign_in(ada, "ada", password_at=self.now)
        await self.challenge("sign in", ada, Purpose.SIGN_IN, sign_in=signing_in)
        for asked in (Purpose.STEP_UP, Purpose.REMOVE):
            await self.challenge(asked.value, ada, asked)
        await self.challenge("enrol", ada, Purpose.ENROL)

    async def others_with_logins(self) -> None:
        bo = await self.account("bo", Audience.RESPONDENT)
        await self.grant(bo, "r_bo", GrantState.PENDING)
        await self.sign_in(bo, "bo", password_at=self.now)
        starter = {"must_change_password": True, "password_expires_at": self.now + timedelta(days=7)}
        sam = await self.account("sam", Audience.RESPONDENT, **starter)
        await self.grant(sam, "r_sam", GrantState.APPROVED)
        await self.authenticator_app("sam")
        await self.codes("sam")
        await self.sign_in(sam, "sam", password_at=self.now, proven_at=self.now, proven_by="totp")
        zoe = await self.account("zoe", Audience.RESPONDENT, suspended_at=self.now)
        await self.grant(zoe, "r_zoe", GrantState.APPROVED)
        for name, verified in (("pia", self.now), ("una", None)):
            account = await self.account(name, Audience.RESPONDENT, email_verified_at=verified)
            prospect = await Prospect.create(
                **self.here, account=account, phone="+31612345678", birth_date=date(1990, 5, 17), sort_key=name
            )
            self.scene.ids[name] = node_id("Prospect", prospect.id)
            await self.session(name, name)
        await self.link(self.rows["una"], LinkPurpose.VERIFY_EMAIL, "verify")

    async def papers(self) -> None:
        for name, starts_at in (("past", self.now - timedelta(days=1)), ("coming", self.now + timedelta(days=2))):
            appointment = await Appointment.create(
                **self.here,
                dossier=self.rows["d1"],
                staff=self.rows["tess"],
                starts_at=starts_at,
                ends_at=starts_at + timedelta(hours=1),
                timed_at=self.now,
                updated_at=self.now,
            )
            await AppointmentAttendee.create(
                practice=self.practice, appointment=appointment, respondent=self.rows["r1"]
            )
            await AppointmentColleague.create(**self.here, appointment=appointment, staff=self.rows["otto"])
            self.scene.ids[name] = node_id("Appointment", appointment.id)
        for name in ("released", "report"):
            await self.report(name)
        release = await ReportRelease.create(
            practice=self.practice,
            report=self.rows["released"],
            respondent=self.rows["r1"],
            released_at=self.now,
        )
        self.scene.ids["release"] = node_id("ReportRelease", release.id)
        await self.answers()

    # What the above is made of.

    @property
    def here(self) -> Mapping[str, Any]:
        return {"practice": self.practice, "created_at": self.now}

    def address(self, name: str) -> str:
        return f"{name}@{self.scene.slug}.example"

    def seal(self, content: bytes, place: tuple[str, ...]) -> bytes:
        return self.app.keys.seal(content, *place)

    async def account(self, name: str, audience: Audience, **values: Any) -> Account:
        address = self.address(name)
        given = {"email_verified_at": self.now, **values}
        account = self.rows[name] = await Account.create(
            **self.here,
            audience=audience,
            login_code=str(10**7 + secrets.randbelow(9 * 10**7)),
            name=name.title(),
            email=address,
            email_key=address,
            password_hash=self.hash,
            password_set_at=self.now,
            **given,
        )
        self.scene.logins[name] = account.login_code
        return account

    async def member(self, name: str, role: StaffRole, account: Account | None) -> None:
        address = self.address(name)
        member = await StaffMember.create(
            **self.here, account=account, name=name, email=address, email_key=address, role=role
        )
        self.rows[f"account of {name}"], self.rows[name] = account, member
        self.scene.ids[name] = node_id("StaffMember", member.id)

    async def grant(self, account: Account, respondent: str, state: GrantState) -> None:
        await AccessGrant.create(
            **self.here,
            account=account,
            respondent=self.rows[respondent],
            state=state,
            approved_at=self.now if state is GrantState.APPROVED else None,
            deactivated_at=self.now if state is GrantState.DEACTIVATED else None,
        )

    async def invitation(self, name: str, *, over: bool = False, **whom: Any) -> None:
        token = self.scene.tokens[name] = secrets.token_urlsafe(32)
        life = timedelta(days=-1 if over else 7)
        await Invitation.create(
            **self.here, **whom, email=self.address(name), token_hash=token_hash(token), expires_at=self.now + life
        )

    async def link(self, account: Account, purpose: LinkPurpose, name: str) -> None:
        token = self.scene.tokens[name] = secrets.token_urlsafe(32)
        new = self.address("ada-nieuw")
        await MailedLink.create(
            practice=self.practice,
            created_at=self.now - timedelta(hours=1),
            account=account,
            purpose=purpose,
            email=new if purpose is LinkPurpose.CHANGE_EMAIL else account.email,
            epoch=account.epoch,
            token_hash=token_hash(token),
            expires_at=self.now + timedelta(minutes=30),
        )

    async def session(self, who: str, name: str) -> None:
        token = self.scene.sessions[name] = secrets.token_urlsafe(32)
        account = self.rows.get(f"account of {who}") or self.rows[who]
        session = self.rows[f"session of {name}"] = await LoginSession.create(
            **self.here,
            account=account,
            token_hash=token_hash(token),
            transport=Transport.BEARER,
            proven_by="totp",
            last_seen_at=self.now,
            expires_at=self.now + timedelta(hours=12),
            stepped_up_at=self.now,
        )
        self.scene.ids[f"session of {name}"] = node_id("LoginSession", session.id)

    async def sign_in(self, account: Account, name: str, **proven: Any) -> SignIn:
        token = self.scene.tokens[f"sign-in of {name}"] = secrets.token_urlsafe(32)
        again: dict[str, Any] = {"password_again_at": self.now} if name == "bo" else {}
        return await SignIn.create(
            **self.here,
            account=account,
            epoch=account.epoch,
            token_hash=token_hash(token),
            transport=Transport.BEARER,
            expires_at=self.now + timedelta(minutes=15),
            **proven,
            **again,
        )

    async def challenge(
        self,
        name: str,
        account: Account,
        purpose: Purpose,
        *,
        sign_in: SignIn | None = None,
        session: str = "ada",
        shown: FactorEnrolment | None = None,
    ) -> None:
        """Of the app that the account has; of a new one where one is being set up; of codes that are ``shown``."""
        factor = self.app.factors.get("recovery_codes" if shown else "totp")
        assert factor is not None
        holder = Holder(
            ClientInfo(), account, self.practice, sign_in=sign_in, caller=self.caller(account, session, sign_in)
        )
        pending, enrolment = None, shown
        if purpose is Purpose.ENROL and shown is None:
            secret = self.scene.apps["new"] = pyotp.random_base32()
            pending = TotpState(secret=secret)
        elif shown is None:
            enrolment = self.rows[f"app of {account.name.lower()}"]
        stored = await store_challenge(
            self.app, holder, purpose, factor, Opened(), enrolment=enrolment, pending=pending
        )
        self.scene.ids[name] = node_id("Challenge", stored.id)

    def caller(self, account: Account, session: str, sign_in: SignIn | None) -> Caller | None:
        if sign_in is not None:
            return None
        return Caller(
            ClientInfo(), str(self.rows[f"session of {session}"].id), str(account.id), str(self.practice.id),
            self.scene.slug, account.audience, Access.APPROVED, None, None, "nl", self.now, "UTC",
        )  # fmt: skip

    async def authenticator_app(self, name: str) -> None:
        secret = self.scene.apps[name] = pyotp.random_base32()
        await self.enrolment(f"app of {name}", name, "totp", Role.PROOF, TotpState(secret=secret))

    async def exempt(self, name: str) -> None:
        account, until = self.rows[f"account of {name}"], self.now + timedelta(days=5)
        await FactorExemption.create(**self.here, account=account, reason="Kan niet", until=until)
        await Account.filter(id=account.id).update(exempt_until=until)

    async def codes(self, name: str, *, kept: bool = True) -> None:
        """A set of one, which ``kept`` says to be confirmed; otherwise the person's session was shown it."""
        salt = secrets.token_bytes(16)
        digest = await self.app.passwords.derive(RECOVERY_CODE, salt)
        state = RecoveryCodesState(salt=salt, digests=(digest,), used=(False,))
        await self.enrolment(f"codes of {name}", name, "recovery_codes", Role.FALLBACK, state)
        if not kept:
            row = self.rows[f"codes of {name}"]
            await FactorEnrolment.filter(id=row.id).update(confirmed_at=None)
            await self.challenge("codes", self.rows[f"account of {name}"], Purpose.ENROL, session=name, shown=row)

    async def device(self, name: str) -> None:
        handle, secret = secrets.token_urlsafe(16), secrets.token_urlsafe(32)
        until = self.now + timedelta(days=1)
        state = RememberedDeviceState(digest=sha256(secret.encode()).digest(), until=until)
        self.scene.tokens[f"device of {name}"] = f"remembered_devices:{handle}.{secret}"
        more: dict[str, Any] = {"handle": handle, "expires_at": until}
        await self.enrolment(f"device of {name}", name, "remembered_devices", Role.WAIVER, state, **more)

    async def enrolment(self, called: str, who: str, factor: str, role: Role, state: Any, **more: Any) -> None:
        known, account = self.app.factors.get(factor), self.rows.get(f"account of {who}") or self.rows[who]
        assert known is not None
        row = self.rows[called] = await FactorEnrolment.create(
            **self.here,
            account=account,
            factor=factor,
            role=role.value,
            slot=secrets.token_hex(8) if known.multiple else "only",
            state=seal_state(self.app, str(account.id), known, state),
            state_version=known.state_version,
            confirmed_at=self.now,
            **more,
        )
        self.scene.ids[called] = node_id("FactorEnrolment", row.id)

    async def report(self, name: str) -> None:
        file = StoredFile(**self.here, media_type="text/plain", size=4, attached_at=self.now, content=b"")
        file.content = self.seal(b"text", FILE.place(self.practice.id, file.id))
        await file.save(force_create=True)
        report = Report(**self.here, dossier=self.rows["d1"], file=file, title=b"")
        report.title = self.seal(b"Verslag", REPORT_TITLE.place(self.practice.id, report.id))
        await report.save(force_create=True)
        self.rows[name], self.scene.ids[name] = report, node_id("Report", report.id)

    async def answers(self) -> None:
        form = AnswerForm(
            practice=self.practice,
            dossier=self.rows["d1"],
            respondent=self.rows["r1"],
            reference="form",
            completed_at=self.now,
            delivered_at=self.now,
            content=b"",
        )
        content = orjson.dumps({"title": "Lijst", "groups": []})
        form.content = self.seal(content, ANSWERS.place(self.practice.id, form.id))
        await form.save(force_create=True)
        self.scene.ids["form"] = node_id("AnswerForm", form.id)
