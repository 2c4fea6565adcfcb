"""Using a factor as it is meant to be."""

from conformance.check import check
from conformance.person import ORIGIN, answer_of, got, ready, refused, somebody
from conformance.stage import Stage
from flows.factor_setup.enrolment import Confirmed, EnrolmentStarted
from flows.second_factor.holder import holder_of_session
from flows.signin.completion import SignedIn
from flows.signin.sessions import authenticate
from locales import LANGUAGES
from plugins import Role


@check(after=("test_the_core_takes_it",))
async def test_it_can_be_used(stage: Stage) -> None:
    """Set up (or issued) and used once, as a person would. Where this fails, nothing else can be said."""
    await (await ready(stage)).is_let_in()


@check(after=("test_it_can_be_used",))
async def test_a_wrong_proof_is_refused(stage: Stage) -> None:
    """A proof that is wrong was taken for right: by `verify`, or by `confirm_enrolment` when setting up. Every
    answer but `Refused` opens the door."""
    person = await ready(stage)
    if stage.role is Role.WAIVER:
        token = f"{stage.subject.name}:{person.holds.wrong()}"
        await person.reads(await person.starts_sign_in(device=token), None, person.authenticator.factor)
        return
    challenge = await person.gets_challenge()
    refused(await person.answers(challenge, person.holds.wrong()), "a wrong proof")
    if stage.role is Role.PROOF:
        newcomer = await somebody(stage)
        starting = await newcomer.starts()
        refused(await newcomer.confirms(starting, newcomer.holds.wrong()), "a wrong first proof")


@check()
async def test_it_speaks_every_language(stage: Stage) -> None:
    """Somebody could not set it up or use it in a language that the installation has: take your own texts by
    `in_language(texts, desk.locale)`, which answers the English one where there is no other."""
    for locale in LANGUAGES:
        await (await ready(stage, locale=locale)).is_let_in()


@check(Role.PROOF, when=lambda factor: factor.multiple)
async def test_two_of_one_account_are_two(stage: Stage) -> None:
    """An account may have several of this factor (`multiple`): each opens the door by its own proof, and the
    second does not disturb the first."""
    person = await ready(stage)
    done = await person.signs_in()
    holder = await holder_of_session(await authenticate(stage.app, ORIGIN, done.session_token))
    other = stage.subject.possession(person.holds.around)
    begins = person.begins(stage.app, holder, other, other.request())
    begun = got(EnrolmentStarted, await answer_of(begins), "begin_enrolment, the second time")
    first_proof = await other.enrol(begun.public)
    got(Confirmed, await person.confirms_as(holder, begun, first_proof), "confirm_enrolment, the second time")
    older, newer = await person.enrolments()
    for row, holds in ((older, person.holds), (newer, other)):
        challenge = await person.gets_challenge(enrolment=None if stage.factor.names_enrolment else row.id)
        got(SignedIn, await person.answers(challenge, await holds.prove(challenge.public)), "the proof of one of two")
