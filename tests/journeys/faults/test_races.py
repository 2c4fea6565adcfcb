"""Sixteen at once for one thing that works once: exactly one wins, in one process and over two workers."""

from tests.journeys.arena import RACERS, Arena, race
from tests.people.cast import token_of
from tests.people.device import Answer


def only_winner(answers: list[Answer], success: str) -> int:
    """The number of the one that got the success; every other one got a refusal."""
    winners = [number for number, answer in enumerate(answers) if answer["__typename"] == success]
    assert len(winners) == 1, [answer.get("code", answer["__typename"]) for answer in answers]
    assert all(answer["code"] for number, answer in enumerate(answers) if number not in winners)
    return winners[0]


async def test_one_step_of_an_authenticator_app_signs_in_once(arena: Arena) -> None:
    devices, code = await arena.begun(), arena.ada.app.code()
    sessions = await arena.sluis.count("login_session")
    answers = await race([device.proves(step, "totp", code) for device, step in devices])
    only_winner(answers, "SignedIn")
    assert {answer.get("code") for answer in answers} <= {None, "PROOF_REPLAYED", "TOO_MANY_ATTEMPTS"}
    assert await arena.sluis.count("login_session") == sessions + 1


async def test_one_recovery_code_signs_in_once(arena: Arena) -> None:
    devices, code = await arena.begun(), arena.ada.own.codes[0]
    sessions = await arena.sluis.count("login_session")
    answers = await race([device.proves(step, "recovery_codes", code) for device, step in devices])
    winner, _ = devices[only_winner(answers, "SignedIn")]
    assert {answer.get("code") for answer in answers} <= {None, "PROOF_REPLAYED", "TOO_MANY_ATTEMPTS"}
    assert await arena.sluis.count("login_session") == sessions + 1
    me = await winner.looks_at_own_account()
    assert me is not None
    assert [one["codesLeft"] for one in me["fallbacks"]] == [5]


async def test_one_invitation_makes_one_account(arena: Arena) -> None:
    accounts = await arena.sluis.count("account")
    guests = [arena.bram.elsewhere("BEARER", arena.sluis) for _ in range(RACERS)]
    passwords = [f"zestien renners nummer {number}" for number in range(RACERS)]
    tries = [guest.accepts(arena.invitation, password) for guest, password in zip(guests, passwords, strict=True)]
    answers = await race(tries)
    won = only_winner(answers, "AccountMade")
    assert await arena.sluis.count("account") == accounts + 1
    assert await arena.sluis.count("invitation", "accepted_at IS NOT NULL") == 2, "Ada's and this one"
    login = answers[won]["loginCode"]
    assert (await guests[0].starts_sign_in(login, passwords[won]))["__typename"] == "EnrolmentRequired"
    assert (await guests[0].starts_sign_in(login, passwords[won - 1]))["code"] == "WRONG_CREDENTIALS"


async def test_one_reset_link_sets_one_password(arena: Arena) -> None:
    devices = [arena.ada.elsewhere("BEARER", arena.sluis) for _ in range(RACERS)]
    passwords = [f"zestien renners nummer {number}" for number in range(RACERS)]
    tries = [device.resets(arena.reset_link, password) for device, password in zip(devices, passwords, strict=True)]
    answers = await race(tries)
    won = only_winner(answers, "PasswordReset")
    assert {answer.get("code") for answer in answers} <= {None, "LINK_USED", "LINK_SUPERSEDED", "TOO_MANY_ATTEMPTS"}
    assert await arena.sluis.count("mailed_link", "used_at IS NOT NULL") == 1
    assert token_of(arena.reset_link) not in str(await arena.sluis.rows("SELECT * FROM mailed_link"))
    assert (await devices[0].starts_sign_in(password=passwords[won]))["__typename"] == "FactorRequired"
    assert (await devices[0].starts_sign_in(password=passwords[won - 1]))["code"] == "WRONG_CREDENTIALS"
