"""The people of the kit: each with a password and a possession, who set up, sign in and prove through the flows."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from conformance.around import Around
from conformance.possession import Possession
from conformance.possessions import AuthenticatorApp
from conformance.stage import Stage
from flows.core.accounts import NewAccount, create_account
from flows.core.attempts import subject_of
from flows.core.context import AppContext, Caller, ClientInfo
from flows.core.sealing import open_challenge
from flows.factor_setup import enrolment, fallbacks, own_factors
from flows.factor_setup.enrolment import Confirmed, EnrolmentStarted
from flows.factor_setup.fallbacks import IssuedFallback
from flows.refusals import Refusal
from flows.second_factor.holder import Holder, holder_of_sign_in
from flows.second_factor.proofs import GivenProof
from flows.signin import passwordless, sign_in
from flows.signin.challenges import FactorQuestion
from flows.signin.completion import Outcome, SignedIn, StepPending
from flows.signin.remembered_devices import any_account
from flows.signin.sign_in import SignInRequest
from models import Account, Audience, Challenge, FactorEnrolment, Practice, Transport
from models.core.attempts import clear_budgets
from models.db.database import transaction
from models.second_factor.factor import enrolments_of
from plugins import Role

T = TypeVar("T")

ORIGIN = ClientInfo(address="192.0.2.7", user_agent="conformance")
#: One of the durations that a practice offers by default.
REMEMBERED = 12 * 3600


@dataclass(frozen=True, slots=True)
class OpenedChallenge:
    """An open challenge of the factor. ``secret`` is what only its ``verify`` may see."""

    token: str
    challenge: Challenge
    public: Mapping[str, Any]
    secret: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EnrolmentInSignIn:
    """A started enrolment in a sign-in; ``token`` is the sign-in's."""

    token: str
    begun: EnrolmentStarted


@dataclass
class Person:
    """Somebody with an account. ``first_proof`` is what set the factor up; ``device`` a WAIVER's whole token."""

    stage: Stage
    practice: Practice
    account: Account
    holds: Possession
    authenticator: AuthenticatorApp
    first_proof: Any = None
    device: str | None = None

    async def starts_sign_in(self, app: AppContext | None = None, device: str | None = None) -> Outcome:
        """Login and password."""
        login, password = self.account.login_code, self.stage.password
        entry = SignInRequest(self.practice.slug, login, password, Transport.BEARER, any_account(device))
        return await answer_of(sign_in.start(app or self.stage.app, ORIGIN, entry))

    async def starts(self, app: AppContext | None = None, holds: Possession | None = None) -> EnrolmentInSignIn:
        """Up to the point where the first proof is due."""
        app, holds = app or self.stage.app, holds or self.holds
        token = await self.may_set_up(app)
        holder = await holder_of_sign_in(app, ORIGIN, token)
        begun = await answer_of(self.begins(app, holder, holds, holds.request()))
        return EnrolmentInSignIn(token, got(EnrolmentStarted, begun, "begin_enrolment"))

    async def may_set_up(self, app: AppContext) -> str:
        """The token of a sign-in in which the password was given twice."""
        way = got(StepPending, await self.starts_sign_in(app), "the password")
        again = sign_in.confirm_password(app, ORIGIN, way.token, self.stage.password)
        return got(StepPending, await answer_of(again), "the password, given again").token

    async def begins(
        self, app: AppContext, holder: Holder, holds: Possession, request: Any
    ) -> EnrolmentStarted | Refusal:
        self._wait_between_messages()
        return await enrolment.begin(app, holder, holds.factor, request)

    async def confirms(
        self, starting: EnrolmentInSignIn, proof: Any, app: AppContext | None = None
    ) -> Confirmed | Refusal:
        """Answer the start of setting up, in its sign-in."""
        app = app or self.stage.app
        holder = await answer_of(holder_of_sign_in(app, ORIGIN, starting.token))
        return holder if isinstance(holder, Refusal) else await self.confirms_as(holder, starting.begun, proof, app)

    async def confirms_as(
        self, holder: Holder, begun: EnrolmentStarted, proof: Any, app: AppContext | None = None
    ) -> Confirmed | Refusal:
        """Answer the start of setting up, in a sign-in or a session."""
        self.stage.notes.proofs.append(proof)
        given = GivenProof(begun.factor.name, proof)
        work = enrolment.confirm(app or self.stage.app, holder, str(begun.challenge.id), given)
        return await answer_of(work)

    async def sets_up(self, app: AppContext | None = None) -> None:
        """Come to have the factor: a PROOF is enrolled; the others are issued, beside an authenticator app."""
        app = app or self.stage.app
        if self.stage.role is Role.PROOF:
            starting = await self.starts(app)
            self.first_proof = await self.holds.enrol(starting.begun.public)
            confirmed = got(Confirmed, await self.confirms(starting, self.first_proof, app), "confirm_enrolment")
            got(SignedIn, confirmed.outcome, "setting up")
            return
        starting = await self.starts(app, self.authenticator)
        proof = await self.authenticator.enrol(starting.begun.public)
        confirmed = got(Confirmed, await self.confirms(starting, proof, app), "the authenticator app")
        if self.stage.role is Role.FALLBACK:
            await self._keeps(app, got(StepPending, confirmed.outcome, "the authenticator app"))
        else:
            await self.has_device_remembered(app)

    async def _keeps(self, app: AppContext, way: StepPending) -> None:
        holder = await holder_of_sign_in(app, ORIGIN, way.token)
        issued = got(IssuedFallback, await fallbacks.issue(app, holder, self.stage.subject.name), "issue")
        assert issued.token is not None
        self.holds.keep(issued.kept)
        holder = await holder_of_sign_in(app, ORIGIN, issued.token)
        kept = await answer_of(
            fallbacks.confirm(app, holder, issued.token, self.stage.subject.name, str(issued.identity))
        )
        got(SignedIn, kept, "keeping what was issued")

    async def has_device_remembered(self, app: AppContext | None = None) -> None:
        """Sign in with the app, and have this device remembered by the WAIVER."""
        challenge = await self.gets_challenge(app, "totp")
        proof = await self.authenticator.prove(challenge.public)
        outcome = got(SignedIn, await self.answers(challenge, proof, app, remember=REMEMBERED), "the authenticator app")
        assert outcome.waiver_token, "issue did not answer an Issued whose kept is {'token': str}"
        self.device = outcome.waiver_token
        self.holds.keep({"token": self.device.partition(":")[2]})

    async def gets_challenge(
        self, app: AppContext | None = None, factor: str = "", enrolment: object = None
    ) -> OpenedChallenge:
        """Enter login and password, and get the challenge of the factor (or of the app)."""
        return await self.reads(await self.starts_sign_in(app), app, factor or self.stage.subject.name, enrolment)

    async def reads(
        self, way: Outcome | None, app: AppContext | None, factor: str, enrolment: object = None
    ) -> OpenedChallenge:
        """The challenge of one factor in the current step of a sign-in."""
        app, way = app or self.stage.app, got(StepPending, way, "the password")
        mine = [q for q in way.questions if q.ask.factor.name == factor]
        chosen = [q for q in mine if enrolment is None or (q.ask.enrolment and q.ask.enrolment.id == enrolment)]
        assert chosen, f"the sign-in does not ask for {factor}, but stands at {type(way.step).__name__}"
        question = chosen[0]
        if question.challenge is None:
            assert question.ask.factor.sends, "challenge() raised, hung or did not answer an Opened"
            self._wait_between_messages()
            named = str(question.ask.enrolment.id) if question.ask.enrolment else None
            opened = await answer_of(sign_in.open_challenge(app, ORIGIN, way.token, factor, named))
            again = got(StepPending, opened, "challenge()").questions
            question = next(q for q in again if q.ask == question.ask)
        assert question.challenge is not None, "challenge() raised, hung or did not answer an Opened"
        seen, _ = open_challenge(app, question.challenge)
        return OpenedChallenge(way.token, question.challenge, seen.public, seen.secret)

    async def answers(
        self, challenge: OpenedChallenge, proof: Any, app: AppContext | None = None, *, remember: int = 0
    ) -> Outcome:
        """Give a proof; the core's verdict, refusals included."""
        self.stage.notes.proofs.append(proof)
        given = GivenProof(challenge.challenge.factor, proof)
        work = sign_in.answer(
            app or self.stage.app, ORIGIN, challenge.token, str(challenge.challenge.id), given, remember
        )
        return await answer_of(work)

    async def begins_alone(self, app: AppContext | None = None) -> OpenedChallenge:
        """Start a passwordless sign-in, and get the challenge of the factor."""
        app = app or self.stage.app
        begins = passwordless.begin(app, ORIGIN, self.practice.slug, self.stage.subject.name, Transport.BEARER)
        begun = got(passwordless.PasswordlessStarted, await answer_of(begins), "challenge(), without states")
        assert begun.question.challenge is not None
        seen, _ = open_challenge(app, begun.question.challenge)
        return OpenedChallenge(begun.token, begun.question.challenge, seen.public, seen.secret)

    async def answers_alone(self, challenge: OpenedChallenge, proof: Any) -> Outcome:
        """Give a proof in a sign-in without a password."""
        self.stage.notes.proofs.append(proof)
        given = GivenProof(challenge.challenge.factor, proof)
        return await answer_of(
            passwordless.answer(self.stage.app, ORIGIN, challenge.token, str(challenge.challenge.id), given)
        )

    async def proves(self, challenge: OpenedChallenge) -> Any:
        """A right proof for a challenge; to be made while it is the newest."""
        return await self.holds.prove(challenge.public)

    async def signs_in(self, app: AppContext | None = None) -> SignedIn:
        """With a right proof."""
        challenge = await self.gets_challenge(app)
        return got(SignedIn, await self.answers(challenge, await self.proves(challenge), app), "a right proof")

    async def is_let_in(self, app: AppContext | None = None) -> SignedIn:
        """As the factor has it: by a right proof, or by the token of a remembered device."""
        if self.stage.role is not Role.WAIVER:
            return await self.signs_in(app)
        return got(SignedIn, await self.starts_sign_in(app, self.device), "the token of a remembered device")

    async def begins_removal(self, caller: Caller | None, row: FactorEnrolment) -> OpenedChallenge:
        """Get the challenge for removing this enrolment, in a session."""
        self._wait_between_messages()
        begun = await answer_of(own_factors.begin_removal(self.stage.app, caller, str(row.id)))
        question = got(FactorQuestion, begun, "challenge(), for a removal")
        assert question.challenge is not None
        seen, _ = open_challenge(self.stage.app, question.challenge)
        return OpenedChallenge("", question.challenge, seen.public, seen.secret)

    async def enrolments(self) -> list[FactorEnrolment]:
        """What is stored of the factor under test for this account."""
        return [row for row in await enrolments_of(self.account.id) if row.factor == self.stage.subject.name]

    async def is_forgiven(self) -> None:
        """Forget the failures, so that a hundred more may follow."""
        await clear_budgets([subject_of(str(self.account.id), self.stage.subject.name)])

    def _wait_between_messages(self) -> None:
        # The core requires a wait between two messages to the same person.
        if self.stage.factor.channels:
            self.stage.clock.wait(1)


async def somebody(stage: Stage, practice: Practice | None = None, locale: str = "en") -> Person:
    """A new person, by default alone in a new practice."""
    practice = practice or await stage.practice()
    encoded = await stage.app.passwords.hash(stage.password)
    new = NewAccount(practice.id, Audience.RESPONDENT, "Kim Kit", "kim@kit.example", None, locale, encoded)
    async with transaction():
        account = await create_account(stage.app, new)
    around = Around(stage, practice)
    return Person(stage, practice, account, stage.subject.possession(around), AuthenticatorApp(around))


async def ready(stage: Stage, practice: Practice | None = None, locale: str = "en") -> Person:
    """A new person who has set the factor up."""
    person = await somebody(stage, practice, locale)
    await person.sets_up()
    return person


async def answer_of(work: Awaitable[T]) -> T | Refusal:
    """The result of a flow, or the refusal that it raised; other exceptions pass through."""
    try:
        return await work
    except Refusal as refusal:
        return refusal


def got(kind: type[T], outcome: object, after: str) -> T:
    """The outcome, which must be of this kind."""
    __tracebackhide__ = True
    assert isinstance(outcome, kind), f"after {after}: {kind.__name__} was due, and it was {described(outcome)}"
    return outcome


def refused(outcome: object, what: str) -> None:
    """The outcome must be a no."""
    __tracebackhide__ = True
    assert isinstance(outcome, Refusal), f"{what} was accepted: {described(outcome)}"


def described(outcome: object) -> str:
    """An outcome in a few words, none of them secret."""
    if isinstance(outcome, Refusal):
        return f"the refusal {outcome.code}"
    return f"{type(outcome.step).__name__}" if isinstance(outcome, StepPending) else type(outcome).__name__
