"""What right and wrong proofs leave behind: rows of the audit trail, and a line of the log beyond a limit."""

from structlog.testing import capture_logs

from tests.people.cast import Person
from tests.people.staff import StaffPerson
from tests.support.sluis import Sluis


async def told(sluis: Sluis, known: set[str]) -> list[tuple[str, str]]:
    """The rows that are new, in their order."""
    rows = await sluis.rows("SELECT id, event, outcome FROM audit_event ORDER BY at, event")
    return [(row["event"], row["outcome"]) for row in rows if str(row["id"]) not in known]


async def test_right_and_wrong_proofs_are_in_the_trail(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    before = {str(row["id"]) for row in await sluis.rows("SELECT id FROM audit_event")}

    assert (await ada.starts_sign_in(password="not hers at all"))["code"] == "WRONG_CREDENTIALS"
    sluis.clock.forward(seconds=1)
    assert (await ada.starts_sign_in(login="87654321"))["code"] == "WRONG_CREDENTIALS"
    sluis.clock.forward(seconds=1)
    step = await ada.starts_sign_in()
    sluis.clock.forward(seconds=1)
    assert (await ada.proves(step, "totp", "000000"))["code"] == "PROOF_WRONG"
    sluis.clock.forward(seconds=30)
    assert (await ada.proves(step, "totp", ada.app.code()))["__typename"] == "SignedIn"
    sluis.clock.forward(seconds=1)
    await ada.signs_out()

    assert await told(sluis, before) == [
        ("sign_in.password", "REFUSED"),
        ("sign_in.password", "REFUSED"),
        ("sign_in.password", "SUCCESS"),
        ("factor.verify", "REFUSED"),
        ("factor.verify", "SUCCESS"),
        ("sign_in.completed", "SUCCESS"),
        ("session.signed_out", "SUCCESS"),
    ]
    (wrong,) = await sluis.rows("SELECT * FROM audit_event WHERE event = 'factor.verify' AND outcome = 'REFUSED'")
    assert "totp" in str(wrong["details"])
    assert wrong["address"] == "127.0.0.1"
    assert wrong["actor_account"] is None
    assert str(wrong["subjects"]).count("Account") == 1
    assert wrong["request"]


async def test_guesses_beyond_the_limit_are_in_the_log(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    attacker = ada.elsewhere("BEARER")
    for _ in range(5):
        await attacker.starts_sign_in(password="not hers at all")
    with capture_logs() as lines:
        assert (await attacker.starts_sign_in(password="not hers at all"))["code"] == "TOO_MANY_ATTEMPTS"
    (line,) = [line for line in lines if line["event"] == "graphql.request"]
    assert (line["refused"], line["address"], line["account"]) == (["TOO_MANY_ATTEMPTS"], "127.0.0.1", None)
    assert "not hers" not in str(lines)
