"""A refusal that ends by itself says when: the wait is over then, and not before."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.people.cast import Belongings, Person, token_of
from tests.people.device import Answer
from tests.people.staff import StaffPerson
from tests.support.sluis import Sluis

Ask = Callable[[], Awaitable[Answer]]
PASSPHRASE = "paarse kikker in de regen"
_FRAGMENT = "__typename ... on TooManyAttempts { retryAt } ... on Refusal { code message }"


def asking(person: Person, field: str, kind: str, given: Any) -> Ask:
    """What runs one mutation, with one argument of that kind."""
    name = "input" if kind.endswith("Input!") else field.partition(":")[2] or "token"
    document = f"mutation($it: {kind}) {{ {field.partition(':')[0]}({name}: $it) {{ {_FRAGMENT} }} }}"

    async def ask() -> Answer:
        answer: Answer = await person.device.ask(document, it=given)
        return answer

    return ask


async def inviting_a_respondent(dr_vos: StaffPerson, ada: Person) -> Ask:
    return asking(dr_vos, "inviteRespondent:respondent", "ID!", await dr_vos.takes_on(ada))


async def giving_a_starter_password(dr_vos: StaffPerson, ada: Person) -> Ask:
    respondent = await dr_vos.takes_on(ada)
    return asking(dr_vos, "giveStarterPassword", "GiveStarterPasswordInput!", {"respondent": respondent})


async def asking_for_a_new_password(_: StaffPerson, ada: Person) -> Ask:
    given = {"practice": ada.practice, "login": "nobody@clients.example"}
    return asking(ada, "forgotPassword", "ForgotPasswordInput!", given)


async def asking_for_a_login_code(_: StaffPerson, ada: Person) -> Ask:
    given = {"practice": ada.practice, "email": "nobody@clients.example"}
    return asking(ada, "forgotLoginCode", "ForgotLoginCodeInput!", given)


async def accepting_with_a_used_up_link(dr_vos: StaffPerson, ada: Person) -> Ask:
    """Guessing at the account of the invited address."""
    await dr_vos.lets_in(ada)
    await dr_vos.invites(await dr_vos.takes_on(ada))
    given = {"token": token_of(await ada.gets_link("accept")), "password": "een verkeerd wachtwoord"}
    return asking(ada, "acceptInvitation", "AcceptInvitationInput!", given)


async def changing_a_password(dr_vos: StaffPerson, _: Person) -> Ask:
    return asking(dr_vos, "changePassword", "ChangePasswordInput!", {"password": PASSPHRASE})


async def taking_recovery_codes(dr_vos: StaffPerson, _: Person) -> Ask:
    return asking(dr_vos, "issueFallback", "FallbackInput!", {"factor": "recovery_codes"})


async def asking_for_another_address(dr_vos: StaffPerson, _: Person) -> Ask:
    return asking(dr_vos, "changeEmail", "ChangeEmailInput!", {"email": "vos.privé@elsewhere.example"})


EACH = pytest.mark.parametrize(
    "prepare",
    [
        inviting_a_respondent,
        giving_a_starter_password,
        asking_for_a_new_password,
        asking_for_a_login_code,
        accepting_with_a_used_up_link,
        changing_a_password,
        taking_recovery_codes,
        asking_for_another_address,
    ],
)


@EACH
async def test_a_limit_of_an_hour_says_when_it_ends(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, prepare: Callable[[StaffPerson, Person], Awaitable[Ask]]
) -> None:
    sluis.clock.forward(minutes=56)
    await dr_vos.steps_up()
    ask = await prepare(dr_vos, ada)
    answers = [await ask() for _ in range(6)]
    assert [answer["__typename"] == "TooManyAttempts" for answer in answers] == [False] * 5 + [True]
    retry_at = datetime.fromisoformat(answers[-1]["retryAt"])
    assert retry_at == sluis.clock.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    sluis.clock.now = retry_at - timedelta(seconds=1)
    assert (await ask()).get("retryAt") == answers[-1]["retryAt"], "not a second earlier"
    sluis.clock.now = retry_at
    assert (await ask())["__typename"] != "TooManyAttempts"


async def test_colleague_who_is_invited_too_often_may_be_invited_from_the_next_hour_on(
    sluis: Sluis, olga: StaffPerson
) -> None:
    await olga.hires("Kim Bos", "kim@practice.example", "THERAPIST")
    colleague = (await olga.sees_colleague("kim@practice.example"))["id"]
    sluis.clock.forward(minutes=10)
    ask = asking(olga, "resendStaffInvitation:staffMember", "ID!", colleague)
    answers = [await ask() for _ in range(6)]
    assert answers[-1]["__typename"] == "TooManyAttempts"
    sluis.clock.now = datetime.fromisoformat(answers[-1]["retryAt"])
    assert (await ask())["__typename"] == "StaffInvited"


async def test_sign_ups_and_verifications_begin_anew_with_the_hour(sluis: Sluis) -> None:
    await sluis.rows("UPDATE practice SET sign_up_open = TRUE")
    fleur = Person(sluis, Belongings("Fleur Kok", "fleur@elsewhere.example"))
    entered = {
        "practice": fleur.practice,
        "email": fleur.own.email,
        "name": fleur.own.name,
        "phone": "+31612345678",
        "birthDate": "1984-02-29",
        "password": PASSPHRASE,
    }
    ask = asking(fleur, "signUp", "SignUpInput!", entered)
    answers = [await ask() for _ in range(6)]
    assert [answer["__typename"] for answer in answers] == ["SignUpRequested"] * 5 + ["TooManyAttempts"]
    sluis.clock.now = datetime.fromisoformat(answers[-1]["retryAt"])
    assert (await ask())["__typename"] == "SignUpRequested"
