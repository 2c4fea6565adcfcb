"""Text messages as a second factor, over HTTP: set up, asked for, answered once, and not to be pumped."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.delivery.provider import Provider, providing
from tests.people.cast import Belongings
from tests.people.device import Answer
from tests.people.manager import managing
from tests.people.phone_owner import PhoneOwner, challenge_in
from tests.people.staff import StaffPerson
from tests.support.sluis import Sluis

NUMBER = "0612345678"


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with providing() as up:
        yield up


@pytest.fixture
def given_settings(provider: Provider) -> dict[str, Any]:
    return {
        "plugins": ["totp", "sms", "recovery_codes", "remembered_devices"],
        "sms_gateway": "http",
        "sms_gateway_options": {"url": provider.url},
    }


@pytest.fixture
async def ada(sluis: Sluis, provider: Provider, dr_vos: StaffPerson) -> PhoneOwner:
    """Has an account and no second factor yet."""
    ada = PhoneOwner(sluis, Belongings("Ada de Vries", "ada@clients.example"), provider, NUMBER)
    respondent = await dr_vos.finds(ada.own.name)
    await dr_vos.gives_email(respondent, ada.own.email)
    await dr_vos.invites(respondent["id"])
    await ada.accepts(await ada.gets_link("accept"), "blauwe fiets onder de brug")
    return ada


@pytest.fixture
async def ada_in(sluis: Sluis, ada: PhoneOwner, dr_vos: StaffPerson) -> PhoneOwner:
    """Let in, with text messages as the only factor; the hour of the first message is over."""
    done = await ada.keeps_codes(await ada.sets_up_phone(await ada.starts_sign_in()))
    assert done["__typename"] == "SignedIn"
    await dr_vos.approves((await dr_vos.finds(ada.own.name))["id"])
    sluis.clock.forward(hours=1)
    return ada


def wrong(code: str) -> str:
    return code[:5] + str((int(code[5]) + 1) % 10)


async def test_a_respondent_sets_up_text_messages_at_the_first_sign_in(
    sluis: Sluis, provider: Provider, ada: PhoneOwner
) -> None:
    step = await ada.starts_sign_in()
    assert [option["factor"] for option in step["options"]] == ["totp", "sms"], "the app comes first"
    assert (await ada.gives_number(step))["code"] == "PASSWORD_NEEDED"
    step = await ada.confirms_password(step)
    landline = await ada.gives_number(step, "020 123 4567")
    assert (landline["code"], landline["field"], landline["problemCode"]) == ("INVALID_INPUT", "number", "UNUSABLE")
    assert landline["path"] == ["request", "sms", "number"]
    assert landline["message"] == f"Please check “Number”. {landline['problem']}"
    assert landline["problem"] == "This is not a mobile phone number, such as +31 6 12345678."
    assert (await ada.gives_number(step, "+49 1512 3456789"))["code"] == "NOT_SENT_COUNTRY"
    assert provider.asked == []
    begun = await ada.gives_number(step)
    assert (begun["enrolment"]["factor"], begun["enrolment"]["hint"]) == ("sms", "78")
    code = await ada.reads_code()
    assert "Geef hem nooit door" in provider.sent_to(ada.line)[0]
    assert (await ada.confirms_number(step, begun, wrong(code)))["code"] == "PROOF_WRONG"
    confirmed = await ada.confirms_number(step, begun, code)
    assert confirmed["enrolment"]["factor"] == "sms"
    done = await ada.keeps_codes(confirmed["step"])
    assert (done["__typename"], done["access"]) == ("SignedIn", "AWAITING_APPROVAL")
    (row,) = await sluis.rows("SELECT * FROM factor_enrolment WHERE factor = 'sms'")
    assert ada.line.encode() not in bytes(row["state"])
    assert [each["factor"] for each in (await ada.sees_settings())["factors"]] == ["sms"]
    assert "notice_factor_added" in {row["template"] for row in await sluis.rows("SELECT template FROM outbox_message")}


async def test_the_code_is_sent_when_asked_for_and_signs_in_once(
    sluis: Sluis, provider: Provider, ada_in: PhoneOwner
) -> None:
    ada = ada_in.elsewhere()
    before = len(provider.asked)
    step = await ada.starts_sign_in()
    assert {option["factor"]: option["challenge"] for option in step["options"]}["sms"] is None
    asked = await ada.asks_for_text(step)
    challenge = challenge_in(asked)
    assert (challenge["hint"], datetime.fromisoformat(challenge["sentAt"])) == ("78", sluis.clock.now)
    assert datetime.fromisoformat(challenge["expiresAt"]) == sluis.clock.now + timedelta(minutes=5)
    code = await ada.reads_code()
    assert len(provider.asked) == before + 1
    again = await ada.looks_again(step["token"])
    assert challenge_in(again)["id"] == challenge["id"], "looking again sends nothing"
    assert (await ada.types_code(step, asked, wrong(code)))["code"] == "PROOF_WRONG"
    done = await ada.types_code(step, asked, f" {code[:3]} {code[3:]} ")
    assert (done["__typename"], done["access"]) == ("SignedIn", "APPROVED")
    assert (await ada.types_code(step, asked, code))["code"] == "SIGN_IN_EXPIRED"
    (session,) = await sluis.rows(
        "SELECT * FROM login_session WHERE proven_by = 'sms' ORDER BY created_at DESC LIMIT 1"
    )
    assert session["ended_at"] is None


@pytest.mark.security
async def test_nothing_is_sent_before_the_password(sluis: Sluis, provider: Provider, ada_in: PhoneOwner) -> None:
    before = len(provider.asked)
    mallory = ada_in.elsewhere("BEARER")
    assert (await mallory.starts_sign_in(password="een gok"))["code"] == "WRONG_CREDENTIALS"
    for token in ("", "x", "x" * 43):
        assert (await mallory.asks_for_text({"token": token}))["code"] == "SIGN_IN_EXPIRED"
        assert (await mallory.gives_number({"token": token}))["code"] == "SIGN_IN_EXPIRED"
    assert (await mallory.asks_for_text({}))["code"] == "NOT_SIGNED_IN"
    assert (await mallory.gives_number({}))["code"] == "NOT_SIGNED_IN"
    assert await sluis.count("outbox_message", "channel = 'sms'") == before == len(provider.asked)


@pytest.mark.security
async def test_a_code_is_of_its_challenge_its_sign_in_and_its_account(ada_in: PhoneOwner, sluis: Sluis) -> None:
    one, other = ada_in.elsewhere(), ada_in.elsewhere()
    first, second = await one.starts_sign_in(), await other.starts_sign_in()
    asked = await one.asks_for_text(first)
    code = await one.reads_code()
    assert (await other.types_code(second, asked, code))["code"] == "CHALLENGE_EXPIRED"
    sluis.clock.forward(seconds=30)
    newer = await one.asks_for_text(first)
    newest = await one.reads_code()
    if code != newest:
        assert (await one.types_code(first, newer, code))["code"] == "PROOF_WRONG"
    assert (await one.types_code(first, newer, newest))["__typename"] == "SignedIn"


@pytest.mark.security
@pytest.mark.parametrize(("seconds", "outcome"), [(299, "SignedIn"), (300, "ChallengeExpired")])
async def test_a_code_lives_five_minutes(sluis: Sluis, ada_in: PhoneOwner, seconds: int, outcome: str) -> None:
    ada = ada_in.elsewhere()
    step = await ada.starts_sign_in()
    asked = await ada.asks_for_text(step)
    code = await ada.reads_code()
    sluis.clock.forward(seconds=seconds)
    assert (await ada.types_code(step, asked, code))["__typename"] == outcome


@pytest.mark.security
async def test_asking_again_has_to_wait_longer_each_time(sluis: Sluis, provider: Provider, ada_in: PhoneOwner) -> None:
    ada = ada_in.elsewhere()
    step = await ada.starts_sign_in()
    for seconds in (30, 60, 120, 240):
        assert (await ada.asks_for_text(step))["__typename"] == "FactorRequired"
        again = sluis.clock.now + timedelta(seconds=seconds)
        sluis.clock.forward(seconds=seconds - 1)
        # A new sign-in, at another device, waits as well.
        elsewhere = ada_in.elsewhere()
        refusal = await elsewhere.asks_for_text(await elsewhere.starts_sign_in())
        assert refusal["__typename"] == "NotSentYet"
        assert (refusal["code"], refusal["reason"]) == ("NOT_SENT_TOO_SOON", "TOO_SOON")
        assert datetime.fromisoformat(refusal["retryAt"]) == again
        sluis.clock.now = again
    assert (await ada.asks_for_text(step))["__typename"] == "FactorRequired"
    capped = await ada.asks_for_text(step)
    assert capped["code"] == "NOT_SENT_CAP_REACHED"
    assert datetime.fromisoformat(capped["retryAt"]) > sluis.clock.now + timedelta(minutes=30)
    assert "later" in capped["message"]


async def test_one_number_of_two_people(sluis: Sluis, provider: Provider, dr_vos: StaffPerson, ada: PhoneOwner) -> None:
    """Who asked for none is not told that a code was sent, nor anything about the other one."""
    bea = PhoneOwner(sluis, Belongings("Bea de Vries", "bea@clients.example"), provider, ada.number)
    await dr_vos.takes_on(bea)
    await dr_vos.invites((await dr_vos.finds(bea.own.name))["id"])
    assert (await bea.accepts(await bea.gets_link("accept"), "gele tulp naast de molen"))["__typename"] == "AccountMade"
    mine = await ada.confirms_password(await ada.starts_sign_in())
    hers = await bea.confirms_password(await bea.starts_sign_in())
    assert (await ada.gives_number(mine))["__typename"] == "EnrolmentBegun"
    refusal = await bea.gives_number(hers)
    assert (refusal["code"], refusal["reason"]) == ("NOT_SENT_NUMBER_BUSY", "NUMBER_BUSY")
    assert refusal["message"].startswith(
        ("Naar dit nummer kan nu even geen code", "No code can be sent to this number")
    )
    assert (await ada.gives_number(mine))["code"] == "NOT_SENT_TOO_SOON"
    sluis.clock.now = datetime.fromisoformat(refusal["retryAt"])
    assert (await bea.gives_number(hers))["__typename"] == "EnrolmentBegun"


@pytest.mark.security
async def test_setting_up_one_number_after_the_other_pumps_nothing(
    sluis: Sluis, provider: Provider, ada: PhoneOwner
) -> None:
    step = await ada.confirms_password(await ada.starts_sign_in())
    answers: list[Answer] = []
    for n in range(40):
        answers.append(await ada.gives_number(step, f"06123456{n:02d}"))
        sluis.clock.forward(seconds=5)
    assert {answer.get("code") for answer in answers} == {None, "NOT_SENT_TOO_SOON"}
    assert await sluis.count("outbox_message", "channel = 'sms'") == 3


@pytest.mark.security
async def test_sixteen_requests_at_once_send_one_message(sluis: Sluis, ada_in: PhoneOwner) -> None:
    before = await sluis.count("outbox_message", "channel = 'sms'")
    devices = [ada_in.elsewhere("BEARER") for _ in range(16)]
    steps = [await device.starts_sign_in() for device in devices]
    answers = await asyncio.gather(*(device.asks_for_text(step) for device, step in zip(devices, steps, strict=True)))
    kinds = sorted(answer["__typename"] for answer in answers)
    assert kinds == ["FactorRequired"] + ["NotSentYet"] * 15
    assert await sluis.count("outbox_message", "channel = 'sms'") == before + 1


async def test_a_step_up_asks_for_a_text_message_too(sluis: Sluis, ada_in: PhoneOwner) -> None:
    assert (await ada_in.signs_in_by_text())["__typename"] == "SignedIn"
    sluis.clock.forward(minutes=6)
    begun = await ada_in.begins_step_up()
    assert {option["factor"]: option["challenge"] for option in begun["options"]}["sms"] is None
    asked = await ada_in.asks_for_text({})
    answer: Answer = await ada_in.device.ask(
        "mutation($input: StepUpInput!) { stepUp(input: $input) { __typename ... on Refusal { code } } }",
        input={
            "password": ada_in.own.password,
            "challenge": challenge_in(asked)["id"],
            "proof": {"sms": {"code": await ada_in.reads_code()}},
        },
    )
    assert answer["__typename"] == "SteppedUp"


async def test_a_provider_that_is_down_stops_nobody_with_recovery_codes(
    sluis: Sluis, provider: Provider, ada_in: PhoneOwner
) -> None:
    ada = ada_in.elsewhere()
    step = await ada.starts_sign_in()
    provider.answer(503)
    assert (await ada.asks_for_text(step))["__typename"] == "FactorRequired"
    await ada.reads_code()
    done = await ada.proves(step, "recovery_codes", ada.own.codes[0])
    assert done["__typename"] == "SignedIn"


async def test_what_is_sent_is_counted_by_practice_and_month(sluis: Sluis, ada_in: PhoneOwner) -> None:
    assert (await ada_in.elsewhere().signs_in_by_text())["__typename"] == "SignedIn"
    (row,) = await sluis.rows("SELECT month, country, count, cost_micros FROM sms_count")
    assert tuple(row.values()) == ("2026-03", "NL", 2, 200_000)


@pytest.mark.security
async def test_no_code_and_no_number_is_stored_in_clear(sluis: Sluis, provider: Provider, ada_in: PhoneOwner) -> None:
    ada = ada_in.elsewhere()
    step = await ada.starts_sign_in()
    await ada.asks_for_text(step)
    code = await ada.reads_code()
    for table in ("outbox_message", "challenge", "factor_enrolment", "audit_event", "attempt_budget", "window_count"):
        for row in await sluis.rows(f"SELECT * FROM {table}"):
            texts = [bytes(value) if isinstance(value, memoryview) else value for value in row.values()]
            assert not any(ada.line[1:] in str(text) or NUMBER in str(text) for text in texts)
            assert code not in texts


@pytest.fixture
async def bram(sluis: Sluis, provider: Provider, dr_vos: StaffPerson) -> PhoneOwner:
    """Has an account and no second factor, and gives Ada's number for his own."""
    bram = PhoneOwner(sluis, Belongings("Bram Jansen", "bram@clients.example"), provider, NUMBER, "BEARER")
    await dr_vos.signs_in()
    await dr_vos.invites((await dr_vos.finds(bram.own.name))["id"])
    await bram.accepts(await bram.gets_link("accept"), "rode trein over de dijk")
    return bram


@pytest.mark.security
async def test_another_persons_number_uses_up_none_of_its_owners_codes(
    sluis: Sluis, ada_in: PhoneOwner, bram: PhoneOwner
) -> None:
    bram.texts_read = ada_in.texts_read
    for _ in range(5):
        begun = await bram.gives_number(await bram.confirms_password(await bram.starts_sign_in()))
        assert begun["__typename"] == "EnrolmentBegun"
        await bram.reads_code()
        sluis.clock.forward(minutes=9)
    ada_in.texts_read = bram.texts_read
    begun = await bram.gives_number(await bram.confirms_password(await bram.starts_sign_in()))
    assert begun["code"] == "NOT_SENT_CAP_REACHED"
    assert (await ada_in.elsewhere().signs_in_by_text())["__typename"] == "SignedIn"


async def test_a_practice_sees_what_was_sent_and_what_it_cost(
    sluis: Sluis, ada_in: PhoneOwner, olga: StaffPerson, dr_vos: StaffPerson, dr_else: StaffPerson
) -> None:
    owner = managing(olga)
    assert (await ada_in.elsewhere().signs_in_by_text())["__typename"] == "SignedIn"
    march = {
        "__typename": "SmsUsage",
        "month": "2026-03",
        "count": 2,
        "cost": "0.2",
        "currency": "EUR",
        "costCap": "250",
        "dailyCap": 500,
        "countries": [{"country": "NL", "count": 2, "cost": "0.2"}],
    }
    assert await owner.sees_sms_usage() == march
    nothing = {"count": 0, "cost": "0", "countries": []}
    assert await managing(dr_else).sees_sms_usage() == march | nothing
    assert await owner.sees_sms_usage("2026-02") == march | nothing | {"month": "2026-02"}
    sluis.clock.forward(days=31)
    await owner.signs_in()
    assert await owner.sees_sms_usage() == march | nothing | {"month": "2026-04"}
    assert await owner.sees_sms_usage("2026-03") == march
    for month in ("", "2026", "2026-13", "2026-3", "march", "2026-03-01"):
        answer = await owner.sees_sms_usage(month)
        assert (answer["code"], answer["field"], answer["problemCode"]) == ("INVALID_INPUT", "month", "MONTH")
    await dr_vos.signs_in()
    assert (await managing(dr_vos).sees_sms_usage())["code"] == "NOT_ALLOWED"


async def test_a_practice_settles_where_messages_go(sluis: Sluis, ada: PhoneOwner, olga: StaffPerson) -> None:
    owner = managing(olga)
    await owner.settles(smsCountries=["BE"])
    step = await ada.confirms_password(await ada.starts_sign_in())
    assert (await ada.gives_number(step))["code"] == "NOT_SENT_COUNTRY"
    await owner.settles(smsCountries=["BE", "NL"])
    assert (await ada.gives_number(step))["__typename"] == "EnrolmentBegun"


async def test_a_practice_prefers_the_app_or_the_message(ada: PhoneOwner, olga: StaffPerson) -> None:
    """Ada has both; the preferred factor is asked first, and offered first to people without a factor."""
    owner = managing(olga)
    for preferred, first in ((None, "totp"), ("sms", "sms"), ("totp", "totp")):
        now = await owner.sets_policy(factors=["totp", "sms"], preferred=preferred)
        assert now["__typename"] == "PolicySet"
        offered = await ada.device.ask('{ practice(slug: "demo") { signInOptions { factor } } }')
        assert offered["signInOptions"][0]["factor"] == first
    assert (await owner.sets_policy(preferred="passkeys"))["code"] == "POLICY_PREFERRED"
    await ada.keeps_codes(await ada.sets_up_phone(await ada.starts_sign_in()))
    await ada.shows_app_works({}, await ada.scans({}))
    for preferred in ("sms", "totp"):
        await owner.sets_policy(preferred=preferred)
        options = [option["factor"] for option in (await ada.elsewhere().starts_sign_in())["options"]]
        assert (options[0], options[-1]) == (preferred, "recovery_codes")


async def test_news_comes_by_text_message_where_there_is_no_mail(
    sluis: Sluis, provider: Provider, ada_in: PhoneOwner, dr_vos: StaffPerson
) -> None:
    await sluis.rows("UPDATE account SET email = NULL, email_key = NULL WHERE name = ?", ada_in.own.name)
    before = await sluis.count("outbox_message", "channel = 'mail'")
    assert (
        await ada_in.elsewhere().proves(
            await ada_in.elsewhere().starts_sign_in(), "recovery_codes", ada_in.own.codes[0]
        )
    )["__typename"] == "SignedIn"
    assert await ada_in.reads_text() == (
        "Er is met een herstelcode op uw account ingelogd. Was u dit niet? Bel dan uw helpdesk."
    )
    await dr_vos.signs_in()
    await dr_vos.resets_factors((await dr_vos.finds(ada_in.own.name))["id"])
    assert await ada_in.reads_text() == (
        "De manieren van inloggen van uw account zijn gereset. Was u dit niet? Bel dan uw helpdesk."
    )
    assert await sluis.count("outbox_message", "channel = 'mail'") == before


async def test_a_reset_is_told_by_mail_and_to_the_phone_that_was_a_factor(
    provider: Provider, ada_in: PhoneOwner, dr_vos: StaffPerson
) -> None:
    await dr_vos.signs_in()
    await dr_vos.resets_factors((await dr_vos.finds(ada_in.own.name))["id"])
    assert (await ada_in.reads_text()).startswith("De manieren van inloggen van uw account zijn gereset.")
    await ada_in.is_told("heeft de twee-staps-authenticatie van uw account verwijderd")


async def test_what_is_new_is_told_by_text_message_where_there_is_no_mail(
    sluis: Sluis, provider: Provider, ada_in: PhoneOwner, dr_vos: StaffPerson
) -> None:
    await sluis.rows("UPDATE account SET email = NULL, email_key = NULL WHERE name = ?", ada_in.own.name)
    await dr_vos.signs_in()
    respondent = (await dr_vos.finds(ada_in.own.name))["id"]
    (dossier,) = [one["id"] for one in await dr_vos.sees_dossiers() if respondent in str(one["respondents"])]
    added = await dr_vos.adds_report(dossier, text="Het gaat goed.")
    assert (await dr_vos.releases(added["report"]["id"], respondent))["__typename"] == "ReportReleased"
    assert await ada_in.reads_text() == "Er staat iets nieuws voor u klaar: u kunt inloggen om het te lezen."


async def test_the_old_number_is_told_of_the_new_one(sluis: Sluis, provider: Provider, ada_in: PhoneOwner) -> None:
    assert (await ada_in.signs_in_by_text())["__typename"] == "SignedIn"
    sluis.clock.forward(minutes=1)
    new = ada_in.elsewhere()
    new.device, new.number, new.line, new.texts_read = ada_in.device, "0687654321", "+31687654321", 0
    begun = await new.gives_number({})
    await new.confirms_number({}, begun, await new.reads_code())
    assert (await ada_in.reads_text()).startswith("Van uw account is een manier van inloggen verwijderd.")
    mails = [(await ada_in.is_told("een manier van twee-staps-authenticatie"))["text"] for _ in range(2)]
    done = [re.search("twee-staps-authenticatie (verwijderd|toegevoegd)\\.", " ".join(mail.split())) for mail in mails]
    assert {found[1] for found in done if found} == {"verwijderd", "toegevoegd"}
    assert all("Het gaat om: Sms." in mail for mail in mails), "and which of the ways"
    assert [len(provider.sent_to(line)) for line in (ada_in.line, new.line)] == [3, 1], (
        "one text of it, to the old number"
    )
