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
from flows.core.context import Caller, House, Origin
from flows.core.sealing import open_challenge
from flows.factor_setup import enrolment, fallbacks, own_factors
from flows.factor_setup.enrolment import Begun, Confirmed
from flows.factor_setup.fallbacks import Handed
from flows.refusals import Refusal
from flows.second_factor.holder import Holder, holder_of_sign_in
from flows.second_factor.proofs import Given
from flows.signin import passwordless, sign_in
from flows.signin.challenges import Question
from flows.signin.completion import Outcome, SignedIn, UnderWay
from flows.signin.remembered_devices import any_account
from flows.signin.sign_in import Entry
from models import Account, Audience, Challenge, FactorEnrolment, Practice, Transport
from models.core.attempts import clear_budgets
from models.db.database import transaction
from models.second_factor.factor import enrolments_of
from plugins import Role

T = TypeVar("T")

ORIGIN = Origin(address="192.0.2.7", user_agent="conformance")
#: One of the durations that a practice offers by default.
REMEMBERED = 12 * 3600


@dataclass(frozen=True, slots=True)
class Asked:
    """An open challenge of the factor. ``secret`` is what only its ``verify`` may see."""

    token: str
    challenge: Challenge
    public: Mapping[str, Any]
    secret: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Starting:
    """A factor that is being set up in a sign-in, whose token this is."""

    token: str
    begun: Begun


@dataclass
class Person:
    """Somebody with an account. ``first_proof`` is what set the factor up; ``device`` a WAIVER's whole token."""

    stage: Stage
    practice: Practice
    account: Account
    holds: Possession
    app: AuthenticatorApp
    first_proof: Any = None
    device: str | None = None

    async def knocks(self, house: House | None = None, device: str | None = None) -> Outcome:
        """Login and password."""
        login, password = self.account.login_code, self.stage.password
        entry = Entry(self.practice.slug, login, password, Transport.BEARER, any_account(device))
        return await answer_of(sign_in.start(house or self.stage.house, ORIGIN, entry))

    async def starts(self, house: House | None = None, holds: Possession | None = None) -> Starting:
        """Up to the point where the first proof is due."""
        house, holds = house or self.stage.house, holds or self.holds
        token = await self.may_set_up(house)
        holder = await holder_of_sign_in(house, ORIGIN, token)
        begun = await answer_of(self.begins(house, holder, holds, holds.request()))
        return Starting(token, got(Begun, begun, "begin_enrolment"))

    async def may_set_up(self, house: House) -> str:
        """The token of a sign-in in which the password was given twice."""
        way = got(UnderWay, await self.knocks(house), "the password")
        again = sign_in.confirm_password(house, ORIGIN, way.token, self.stage.password)
        return got(UnderWay, await answer_of(again), "the password, given again").token

    async def begins(self, house: House, holder: Holder, holds: Possession, request: Any) -> Begun | Refusal:
        self._breathe()
        return await enrolment.begin(house, holder, holds.factor, request)

    async def confirms(self, starting: Starting, proof: Any, house: House | None = None) -> Confirmed | Refusal:
        """Answer the start of setting up, in its sign-in."""
        house = house or self.stage.house
        holder = await answer_of(holder_of_sign_in(house, ORIGIN, starting.token))
        return holder if isinstance(holder, Refusal) else await self.confirms_as(holder, starting.begun, proof, house)

    async def confirms_as(
        self, holder: Holder, begun: Begun, proof: Any, house: House | None = None
    ) -> Confirmed | Refusal:
        """Answer the start of setting up, in a sign-in or a session."""
        self.stage.notes.proofs.append(proof)
        given = Given(begun.factor.name, proof)
        work = enrolment.confirm(house or self.stage.house, holder, str(begun.challenge.id), given)
        return await answer_of(work)

    async def sets_up(self, house: House | None = None) -> None:
        """Come to have the factor: a PROOF is enrolled; the others are issued, beside an authenticator app."""
        house = house or self.stage.house
        if self.stage.role is Role.PROOF:
            starting = await self.starts(house)
            self.first_proof = await self.holds.enrol(starting.begun.public)
            confirmed = got(Confirmed, await self.confirms(starting, self.first_proof, house), "confirm_enrolment")
            got(SignedIn, confirmed.outcome, "setting up")
            return
        starting = await self.starts(house, self.app)
        proof = await self.app.enrol(starting.begun.public)
        confirmed = got(Confirmed, await self.confirms(starting, proof, house), "the authenticator app")
        if self.stage.role is Role.FALLBACK:
            await self._keeps(house, got(UnderWay, confirmed.outcome, "the authenticator app"))
        else:
            await self.has_device_remembered(house)

    async def _keeps(self, house: House, way: UnderWay) -> None:
        holder = await holder_of_sign_in(house, ORIGIN, way.token)
        handed = got(Handed, await fallbacks.issue(house, holder, self.stage.subject.name), "issue")
        assert handed.token is not None
        self.holds.keep(handed.kept)
        holder = await holder_of_sign_in(house, ORIGIN, handed.token)
        kept = await answer_of(
            fallbacks.confirm(house, holder, handed.token, self.stage.subject.name, str(handed.identity))
        )
        got(SignedIn, kept, "keeping what was issued")

    async def has_device_remembered(self, house: House | None = None) -> None:
        """Sign in with the app, and have this device remembered by the WAIVER."""
        asked = await self.asked(house, "totp")
        proof = await self.app.prove(asked.public)
        outcome = got(SignedIn, await self.answers(asked, proof, house, remember=REMEMBERED), "the authenticator app")
        assert outcome.waiver_token, "issue did not answer an Issued whose kept is {'token': str}"
        self.device = outcome.waiver_token
        self.holds.keep({"token": self.device.partition(":")[2]})

    async def asked(self, house: House | None = None, factor: str = "", enrolment: object = None) -> Asked:
        """Knock, and be asked for the factor (or for the app)."""
        return await self.reads(await self.knocks(house), house, factor or self.stage.subject.name, enrolment)

    async def reads(self, way: Outcome | None, house: House | None, factor: str, enrolment: object = None) -> Asked:
        """The challenge of one factor in what a sign-in stands at."""
        house, way = house or self.stage.house, got(UnderWay, way, "the password")
        mine = [q for q in way.questions if q.ask.factor.name == factor]
        chosen = [q for q in mine if enrolment is None or (q.ask.enrolment and q.ask.enrolment.id == enrolment)]
        assert chosen, f"the sign-in does not ask for {factor}, but stands at {type(way.step).__name__}"
        question = chosen[0]
        if question.challenge is None:
            assert question.ask.factor.sends, "challenge() raised, hung or did not answer an Opened"
            self._breathe()
            named = str(question.ask.enrolment.id) if question.ask.enrolment else None
            opened = await answer_of(sign_in.open_challenge(house, ORIGIN, way.token, factor, named))
            again = got(UnderWay, opened, "challenge()").questions
            question = next(q for q in again if q.ask == question.ask)
        assert question.challenge is not None, "challenge() raised, hung or did not answer an Opened"
        seen, _ = open_challenge(house, question.challenge)
        return Asked(way.token, question.challenge, seen.public, seen.secret)

    async def answers(self, asked: Asked, proof: Any, house: House | None = None, *, remember: int = 0) -> Outcome:
        """Give a proof; the core's verdict, refusals included."""
        self.stage.notes.proofs.append(proof)
        given = Given(asked.challenge.factor, proof)
        work = sign_in.answer(house or self.stage.house, ORIGIN, asked.token, str(asked.challenge.id), given, remember)
        return await answer_of(work)

    async def begins_alone(self, house: House | None = None) -> Asked:
        """Be asked for the factor, and for nothing else: nobody is known yet."""
        house = house or self.stage.house
        begins = passwordless.begin(house, ORIGIN, self.practice.slug, self.stage.subject.name, Transport.BEARER)
        begun = got(passwordless.Begun, await answer_of(begins), "challenge(), without states")
        assert begun.question.challenge is not None
        seen, _ = open_challenge(house, begun.question.challenge)
        return Asked(begun.token, begun.question.challenge, seen.public, seen.secret)

    async def answers_alone(self, asked: Asked, proof: Any) -> Outcome:
        """Give a proof in a sign-in without a password."""
        self.stage.notes.proofs.append(proof)
        given = Given(asked.challenge.factor, proof)
        return await answer_of(
            passwordless.answer(self.stage.house, ORIGIN, asked.token, str(asked.challenge.id), given)
        )

    async def proves(self, asked: Asked) -> Any:
        """A right proof for a challenge; to be made while it is the newest."""
        return await self.holds.prove(asked.public)

    async def signs_in(self, house: House | None = None) -> SignedIn:
        """With a right proof."""
        asked = await self.asked(house)
        return got(SignedIn, await self.answers(asked, await self.proves(asked), house), "a right proof")

    async def is_let_in(self, house: House | None = None) -> SignedIn:
        """As the factor has it: by a right proof, or by the token of a remembered device."""
        if self.stage.role is not Role.WAIVER:
            return await self.signs_in(house)
        return got(SignedIn, await self.knocks(house, self.device), "the token of a remembered device")

    async def asked_to_remove(self, caller: Caller | None, row: FactorEnrolment) -> Asked:
        """Be asked for the last proof of what shall go, in a session."""
        self._breathe()
        begun = await answer_of(own_factors.begin_removal(self.stage.house, caller, str(row.id)))
        question = got(Question, begun, "challenge(), for a removal")
        assert question.challenge is not None
        seen, _ = open_challenge(self.stage.house, question.challenge)
        return Asked("", question.challenge, seen.public, seen.secret)

    async def enrolments(self) -> list[FactorEnrolment]:
        """What is stored of the factor under test for this account."""
        return [row for row in await enrolments_of(self.account.id) if row.factor == self.stage.subject.name]

    async def is_forgiven(self) -> None:
        """Forget the failures, so that a hundred more may follow."""
        await clear_budgets([subject_of(str(self.account.id), self.stage.subject.name)])

    def _breathe(self) -> None:
        # The core wants a moment between two messages to the same person.
        if self.stage.factor.channels:
            self.stage.clock.wait(1)


async def somebody(stage: Stage, practice: Practice | None = None, locale: str = "en") -> Person:
    """A new person, by default alone in a new practice."""
    practice = practice or await stage.practice()
    encoded = await stage.house.passwords.hash(stage.password)
    new = NewAccount(practice.id, Audience.RESPONDENT, "Kim Kit", "kim@kit.example", None, locale, encoded)
    async with transaction():
        account = await create_account(stage.house, new)
    around = Around(stage, practice)
    return Person(stage, practice, account, stage.subject.possession(around), AuthenticatorApp(around))


async def ready(stage: Stage, practice: Practice | None = None, locale: str = "en") -> Person:
    """A new person who has set the factor up."""
    person = await somebody(stage, practice, locale)
    await person.sets_up()
    return person


async def answer_of(work: Awaitable[T]) -> T | Refusal:
    """What a flow answers; a refusal that it raised as well. Anything else that it raises has escaped."""
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
    return f"{type(outcome.step).__name__}" if isinstance(outcome, UnderWay) else type(outcome).__name__
