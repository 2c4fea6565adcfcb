"""Who the trail says it was: nobody, before anything proves that it is the account's holder."""

from typing import Any

from tests.journeys.account.test_export import unzipped, where
from tests.people.cast import Person
from tests.people.device import Answer
from tests.people.guest import token_of
from tests.people.staff import StaffPerson
from tests.support.sluis import Sluis

_ACTS = "event IN ('sign_in.password', 'factor.verify', 'account.password_asked', 'account.reset_requested')"


async def acts(sluis: Sluis, login: str, where: str = _ACTS) -> list[tuple[str, str, bool]]:
    """Event, outcome and whether the account is the actor, of rows about this account."""
    (account,) = await sluis.rows("SELECT id FROM account WHERE login_code = ?", login.replace(" ", ""))
    rows = await sluis.rows(
        f"SELECT event, outcome, actor_account, actor_role FROM audit_event WHERE {where} AND EXISTS (SELECT 1 FROM"
        " audit_subject s WHERE s.event = audit_event.id AND s.subject = ?) ORDER BY at, event, outcome",
        str(account["id"]),
    )
    assert all(bool(row["actor_role"]) is bool(row["actor_account"]) for row in rows)
    return [(row["event"], row["outcome"], str(row["actor_account"]) == str(account["id"])) for row in rows]


async def _log(person: Person) -> list[dict[str, Any]]:
    """The log in the file with one's own data."""
    log: list[dict[str, Any]] = unzipped(await person.device.follow(await where(person)))["log"]
    return log


async def test_guesses_are_audited_without_an_actor(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, mallory: Person
) -> None:
    await dr_vos.lets_in(ada)
    attacker = ada.elsewhere("BEARER")
    known = len(await acts(sluis, ada.own.login))
    for _ in range(5):
        sluis.clock.forward(seconds=1)
        assert (await attacker.starts_sign_in(password="not hers at all"))["code"] == "WRONG_CREDENTIALS"
    assert (await attacker.starts_sign_in(password="not hers at all"))["code"] == "TOO_MANY_ATTEMPTS"
    sluis.clock.forward(minutes=5)
    # The password leaked; what follows it is guessed at, up to the limit and beyond.
    step = await attacker.starts_sign_in()
    for factor, code in (("totp", "000000"), ("recovery_codes", "2222-2222-2222")):
        for _ in range(5):
            assert (await attacker.proves(step, factor, code))["code"] == "PROOF_WRONG"
        assert (await attacker.proves(step, factor, code))["code"] == "TOO_MANY_ATTEMPTS"
    told = (await acts(sluis, ada.own.login))[known:]
    assert [one[2] for one in told] == [False] * 19
    assert {one[1] for one in told} == {"REFUSED", "BLOCKED", "SUCCESS"}

    sluis.clock.forward(minutes=5)
    assert (await ada.signs_in())["__typename"] == "SignedIn"
    refused = [entry for entry in await _log(ada) if entry["refused"]]
    assert len(refused) == 18
    assert {entry["who"] for entry in refused} == {"NOBODY_SIGNED_IN"}
    assert not any("address" in entry for entry in refused)


async def test_proven_factor_is_audited_as_its_holder(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    assert (await ada.signs_in(remember=86400))["__typename"] == "SignedIn"
    sluis.clock.forward(minutes=1)
    # The password alone is not enough; with a device that was remembered it is.
    assert {("factor.verify", "SUCCESS", True), ("sign_in.password", "SUCCESS", False)} <= set(
        await acts(sluis, ada.own.login)
    )
    assert (await ada.starts_sign_in())["__typename"] == "SignedIn"
    assert (await acts(sluis, ada.own.login))[-1] == ("sign_in.password", "SUCCESS", True)
    sluis.clock.forward(minutes=1)
    # In a session, the session says who it is.
    assert (await ada.steps_up(password="not hers at all"))["code"] == "WRONG_CREDENTIALS"
    assert (await acts(sluis, ada.own.login))[-1] == ("account.password_asked", "REFUSED", True)


async def test_a_password_that_is_guessed_at_a_mailed_link(sluis: Sluis, ada: Person) -> None:
    """Who holds the mail of a verification guesses at the account's password."""
    await ada.signs_up("seventeen green bicycles")
    link = await ada.gets_verification()
    guess = "mutation($t: String!, $p: String) { verifyEmail(token: $t, password: $p) { ... on Refusal { code } } }"
    answer: Answer = await ada.device.ask(guess, t=token_of(link), p="not hers at all")
    assert answer["code"] == "WRONG_CREDENTIALS"
    assert await acts(sluis, ada.own.login) == [("account.password_asked", "REFUSED", False)]


async def test_mailed_reset_is_audited_without_an_actor(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    await ada.forgets_password()
    assert (await ada.resets(await ada.gets_link("reset"), "nineteen quiet herons"))["__typename"] == "PasswordReset"
    assert await acts(sluis, ada.own.login, "event = 'account.password_reset'") == [
        ("account.password_reset", "SUCCESS", False)
    ]
