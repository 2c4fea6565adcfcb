"""The demo: a practice with staff who have an authenticator app, two dossiers, and somebody who signed up.

Made once per data folder. Everything goes through the flows, as people would do it, but for the accounts, which stand
in for invitations accepted and mail answered earlier.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pyotp

from commands.demo_diary import AGO, Diary
from flows.core.accounts import NewAccount, create_account
from flows.core.context import AppContext, Caller, ClientInfo
from flows.dossiers import dossiers
from flows.dossiers.dossiers import DossierDraft, RespondentDraft
from flows.factor_setup import enrolment, fallbacks
from flows.factor_setup.enrolment import Confirmed, EnrolmentStarted
from flows.factor_setup.fallbacks import IssuedFallback
from flows.onboarding.sign_up import make_prospect
from flows.second_factor.holder import holder_of_sign_in
from flows.second_factor.proofs import GivenProof
from flows.signin import sessions, sign_in
from flows.signin.completion import SignedIn, StepPending
from flows.signin.sign_in import SignInRequest
from flows.signin.steps import FallbackUnconfirmed
from flows.staff.staff import Hire, add_staff
from models import (
    Account,
    Audience,
    Dossier,
    Practice,
    Prospect,
    Relation,
    Respondent,
    StaffMember,
    StaffRole,
    Transport,
)
from models.db.database import transaction
from models.onboarding.sign_up import SignUp
from normalise.addresses import parse_email
from normalise.search import search_key
from security.tokens import new_readable_password

SLUG = "demo"
_ORIGIN = ClientInfo(address="console", user_agent="demo", locale="en")


@dataclass(frozen=True, slots=True)
class DemoStaff:
    email: str
    password: str
    totp_secret: str
    role: str


@dataclass(frozen=True, slots=True)
class DemoRespondent:
    id: str
    name: str
    relation: str
    email: str | None


@dataclass(frozen=True, slots=True)
class DemoDossier:
    id: str
    reference: str
    name: str
    respondents: list[DemoRespondent]


@dataclass(frozen=True, slots=True)
class DemoProspect:
    """Somebody who signed up and verified the address, and waits for the practice."""

    id: str
    name: str
    email: str
    password: str


@dataclass(frozen=True, slots=True)
class Demo:
    """What the demo prints; ids are the API's."""

    practice: str
    staff: list[DemoStaff]
    dossiers: list[DemoDossier]
    prospects: list[DemoProspect]


#: How the API names a row of a type.
PublicId = Callable[[str, object], str]


async def load_or_make(app: AppContext, folder: Path, public_id: PublicId, *, diary: bool = False) -> Demo:
    """The demo's people. Kept beside its database, since passwords are stored nowhere else in clear.

    With a ``diary`` they have worked there for a week.
    """
    notes = folder / "demo.json"
    if notes.exists() and await Practice.filter(slug=SLUG).exists():
        return _read(json.loads(notes.read_text()))
    demo = await _make(app, public_id, diary=diary)
    notes.touch(mode=0o600)
    notes.write_text(json.dumps(asdict(demo), indent=2))
    return demo


def _read(stored: dict[str, Any]) -> Demo:
    return Demo(
        stored["practice"],
        [DemoStaff(**one) for one in stored["staff"]],
        [
            DemoDossier(one["id"], one["reference"], one["name"], [DemoRespondent(**r) for r in one["respondents"]])
            for one in stored["dossiers"]
        ],
        # A folder of an earlier release has none.
        [DemoProspect(**one) for one in stored.get("prospects", [])],
    )


async def _make(app: AppContext, public_id: PublicId, *, diary: bool) -> Demo:
    # A few minutes ago: the code that set up the app must not be the one that a quick visitor needs.
    ago = AGO if diary else timedelta(minutes=5)
    earlier = replace(app, clock=lambda: app.clock() - ago)
    practice = await Practice.create(
        slug=SLUG,
        name="Praktijk De Sluis",
        helpdesk_email="helpdesk@desluis.example",
        helpdesk_phone="+31 20 555 0100",
        sign_up_open=True,
        created_at=earlier.now,
    )
    owner, session = await hire(earlier, practice, Hire("Olga Owner", "owner@desluis.example", StaffRole.OWNER))
    manager = await _caller(earlier, session)
    vos, session = await hire(earlier, practice, Hire("Dr. T. Vos", "vos@desluis.example", StaffRole.THERAPIST))
    caller = await _caller(earlier, session)
    made = [
        await _dossier(earlier, caller, public_id, "D-1001", "Ada de Vries", [("Ada de Vries", Relation.SELF, None)]),
        await _dossier(
            earlier,
            caller,
            public_id,
            "D-1002",
            "Bram Jansen",
            [
                ("Bram Jansen", Relation.SELF, "bram@clients.example"),
                ("Carla Jansen", Relation.PARENT, "carla@clients.example"),
            ],
        ),
    ]
    if diary:
        client = await Respondent.get(name="Ada de Vries", practice_id=practice.id)
        await Diary(app, manager, caller, str(client.dossier_id), str(client.id)).fill()
    for person in (manager, caller):
        await sessions.sign_out(earlier, person)
    return Demo(SLUG, [owner, vos], made, [await _prospect(earlier, practice, public_id)])


async def hire(app: AppContext, practice: Practice, whom: Hire) -> tuple[DemoStaff, str]:
    """A member of staff with an account and an authenticator app, and the token of their first session."""
    password = new_readable_password()
    encoded = await app.passwords.hash(password)
    key = parse_email(whom.email).key
    async with transaction():
        member = await add_staff(app, practice, whom)
        new = NewAccount(practice.id, Audience.STAFF, whom.name, whom.email, key, practice.locale, encoded)
        account = await create_account(app, new)
        await StaffMember.filter(id=member.id).update(account_id=account.id)
    secret, token = await _set_up_app(app, SignInRequest(practice.slug, whom.email, password, Transport.BEARER))
    return DemoStaff(whom.email, password, secret, whom.role.value), token


async def _set_up_app(app: AppContext, entry: SignInRequest) -> tuple[str, str]:
    """The first sign-in, as a person walks it; answers the app's secret and the session's token."""
    started = _as(StepPending, await sign_in.start(app, _ORIGIN, entry))
    again = _as(StepPending, await sign_in.confirm_password(app, _ORIGIN, started.token, entry.password))
    holder = await holder_of_sign_in(app, _ORIGIN, again.token)
    factor = next(f for f in holder.policy.offers(app.factors) if f.name == "totp")
    begun = _as(EnrolmentStarted, await enrolment.begin(app, holder, factor.name, None))
    secret = str(begun.public["secret"])
    assert factor.graphql.proof is not None
    proof = factor.graphql.proof(code=pyotp.TOTP(secret).at(app.now))
    given = GivenProof(factor.name, proof)
    confirmed = _as(Confirmed, await enrolment.confirm(app, holder, str(begun.challenge.id), given))
    outcome: object = confirmed.outcome
    while isinstance(outcome, StepPending):
        outcome = await _keep_codes(app, outcome)
    return secret, _as(SignedIn, outcome).session_token


async def _keep_codes(app: AppContext, under_way: StepPending) -> object:
    step = _as(FallbackUnconfirmed, under_way.step)
    holder = await holder_of_sign_in(app, _ORIGIN, under_way.token)
    handed = _as(IssuedFallback, await fallbacks.issue(app, holder, step.factor.name))
    assert handed.token is not None
    holder = await holder_of_sign_in(app, _ORIGIN, handed.token)
    return await fallbacks.confirm(app, holder, handed.token, step.factor.name, str(handed.identity))


async def _caller(app: AppContext, session_token: str) -> Caller:
    return _as(Caller, await sessions.authenticate(app, _ORIGIN, session_token))


async def _dossier(
    app: AppContext,
    caller: Caller,
    public_id: PublicId,
    reference: str,
    name: str,
    people: list[tuple[str, Relation, str | None]],
) -> DemoDossier:
    dossier = _as(Dossier, await dossiers.create_dossier(app, caller, DossierDraft(reference, name, locale="nl")))
    respondents = []
    for person, relation, email in people:
        draft = RespondentDraft(relation, person, email)
        added = _as(Respondent, await dossiers.add_respondent(app, caller, str(dossier.id), draft))
        respondents.append(DemoRespondent(public_id("Respondent", added.id), person, relation.value, email))
    return DemoDossier(public_id("Dossier", dossier.id), reference, name, respondents)


async def _prospect(app: AppContext, practice: Practice, public_id: PublicId) -> DemoProspect:
    name, email, password = "Eva Smit", "eva@clients.example", new_readable_password()
    encoded = await app.passwords.hash(password)
    asked = SignUp(
        name, search_key(name), parse_email(email), "+31 6 12345678", date(1990, 5, 17), practice.locale, encoded
    )
    async with transaction():
        account = await make_prospect(app, practice, asked)
        await Account.filter(id=account.id).update(email_verified_at=app.now)
    prospect = await Prospect.get(account_id=account.id)
    return DemoProspect(public_id("Prospect", prospect.id), name, email, password)


def welcome(demo: Demo, url: str) -> str:
    """What a person reads when the demo is up."""
    lines = [f"Sluis demo: {url}/graphql (GraphiQL in a browser)", f"Mailbox:    {url}/dev/mailbox", ""]
    for one in demo.staff:
        lines += [
            f"{one.role.title()}: {one.email}",
            f"  password     {one.password}",
            f"  TOTP secret  {one.totp_secret}   (for any authenticator app)",
        ]
    lines += ["", f'Practice "{demo.practice}" with dossiers:']
    for dossier in demo.dossiers:
        people = ", ".join(f"{r.name} ({r.email or 'no e-mail'})" for r in dossier.respondents)
        lines.append(f"  {dossier.reference}  {people}")
    for prospect in demo.prospects:
        lines.append(
            f"Signed up, and waits for the owner: {prospect.name}, {prospect.email}, password {prospect.password}"
        )
    return "\n".join([*lines, "", "Stop with Ctrl-C."])


T = TypeVar("T")


def _as(kind: type[T], outcome: object) -> T:
    """The outcome of a step of the demo; anything else is a fault to be seen, not a refusal to be handled."""
    if not isinstance(outcome, kind):
        raise TypeError(f"the demo expected {kind.__name__}, and got {outcome!r}")
    return outcome
