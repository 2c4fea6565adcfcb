"""Codes by text message: where they go, what they accept, both edges of their life, and what nobody sees."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factors.sms import Sms, SmsChallenge, SmsConfig, SmsProof, SmsRequest, SmsState
from locales import LANGUAGES
from plugins import (
    Accepted,
    Challenged,
    EnrolmentBegun,
    EnrolmentConfirmed,
    NotSent,
    Reason,
    Refused,
    Role,
    Unusable,
    build_registry,
)
from tests.support.desk import LocalDesk

ADA = "+31612345678"
LIFE = timedelta(minutes=5)
INSTANT = timedelta(microseconds=1)

sms = Sms()


def desk_in(country: str = "NL", **config: Any) -> LocalDesk:
    return LocalDesk(SmsConfig(**config), country=country)


def code_sent(desk: LocalDesk) -> str:
    """The code of the newest message."""
    return desk.sent[-1][3]["code"]


async def begin(desk: LocalDesk, number: str) -> EnrolmentBegun[SmsState] | Unusable:
    return await sms.begin_enrolment(desk, [], SmsRequest(number=number))


async def begun(desk: LocalDesk, number: str = ADA) -> EnrolmentBegun[SmsState]:
    started = await begin(desk, number)
    assert isinstance(started, EnrolmentBegun)
    return started


async def challenged(desk: LocalDesk, number: str = ADA) -> Challenged:
    """A code on its way, as the core hands the challenge back."""
    opened = await sms.challenge(desk, [SmsState(number=number)])
    return Challenged(opened.public, opened.secret, desk.now)


async def judge(desk: LocalDesk, challenge: Challenged, code: str) -> Accepted[SmsState] | Refused:
    return await sms.verify(desk, SmsState(number=ADA), challenge, SmsProof(code=code))


def other_than(code: str) -> str:
    return code[:5] + str((int(code[5]) + 1) % 10)


@pytest.mark.parametrize(
    ("country", "typed", "stored"),
    [
        ("NL", "0612345678", ADA),
        ("NL", "06-12 34 56 78", ADA),
        ("NL", "+31 6 12345678", ADA),
        ("NL", "0031612345678", ADA),
        ("NL", "+32 470 12 34 56", "+32470123456"),
        ("BE", "0470/12.34.56", "+32470123456"),
        ("DE", "0151 23456789", "+4915123456789"),
        ("US", "(201) 555-0123", "+12015550123"),
        ("BE", "\u202a0470/12.34.56\u202c", "+32470123456"),
        ("NL", "\uff10\uff16\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18", ADA),
    ],
)
async def test_a_number_is_kept_in_e164_with_the_practices_country_as_the_default(
    country: str, typed: str, stored: str
) -> None:
    desk = desk_in(country)
    started = await begun(desk, typed)
    assert started.pending.number == stored
    assert [(channel, to) for channel, to, _, _ in desk.sent] == [("sms", stored)]


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ada",
        "06",
        "061234567",
        "06123456789",
        "020 123 4567",  # A landline.
        "0900 1234",  # Premium rate.
        "0800 1234",
        "112",
        "+31 970 1234 56789",  # Machines.
        "0612345678 ext. 9",
        "+883 5100 12345678",  # Of no country.
        "+",
        "0" * 41,
        "9" * 10_000,
        "\ud800",
    ],
)
async def test_what_is_no_mobile_number_gets_no_message(typed: str) -> None:
    desk = desk_in()
    for refused in (await begin(desk, typed), await sms.begin_enrolment(desk, [], None)):
        assert isinstance(refused, Unusable)
        assert (refused.field, set(refused.why)) == ("number", set(LANGUAGES))
    assert desk.sent == []


@given(st.text(max_size=60))
async def test_no_text_breaks_the_reading_of_numbers(typed: str) -> None:
    started = await begin(desk_in(), typed)
    assert isinstance(started, Unusable) or started.pending.number.startswith("+")


async def test_a_code_has_six_digits_and_is_new_each_time() -> None:
    desk = desk_in()
    for _ in range(20):
        await challenged(desk)
    codes = [code_sent(replace(desk, sent=[message])) for message in desk.sent]
    assert all(len(code) == 6 and code.isascii() and code.isdigit() for code in codes)
    assert len(set(codes)) > 15
    assert {message[:3] for message in desk.sent} == {("sms", ADA, "one_time_code")}


async def test_the_code_that_was_sent_confirms_the_number_and_is_forgotten() -> None:
    desk = desk_in()
    started = await begun(desk)
    proof = SmsProof(code=code_sent(desk))
    confirmed = await sms.confirm_enrolment(desk, started.pending, desk.opened(), proof)
    assert confirmed == EnrolmentConfirmed(SmsState(number=ADA))
    wrong = SmsProof(code=other_than(proof.code))
    assert await sms.confirm_enrolment(desk, started.pending, desk.opened(), wrong) == Refused(Reason.WRONG)


async def test_the_code_of_the_challenge_is_accepted_as_people_type_it() -> None:
    desk = desk_in()
    challenge = await challenged(desk)
    code = code_sent(desk)
    persian = "".join(chr(0x06F0 + int(digit)) for digit in code)
    for typed in (code, f" {code[:3]} {code[3:]}\n", f"{code[:3]}-{code[3:]}", f"{code}.", f"\u202a{persian}\u202c"):
        assert await judge(desk, challenge, typed) == Accepted(SmsState(number=ADA))
    assert await judge(desk, challenge, other_than(code)) == Refused(Reason.WRONG)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "12 34 5", "\ud800", "1" * 10_000])
async def test_what_is_no_code(typed: str) -> None:
    desk = desk_in()
    assert await judge(desk, await challenged(desk), typed) == Refused(Reason.MALFORMED)


async def test_a_code_is_bound_to_its_challenge() -> None:
    desk = desk_in()
    first = await challenged(desk)
    first_code = code_sent(desk)
    second = await challenged(desk)
    second_code = code_sent(desk)
    if first_code != second_code:
        assert await judge(desk, second, first_code) == Refused(Reason.WRONG)
        assert await judge(desk, first, second_code) == Refused(Reason.WRONG)
    # One that was opened without a code is answered by nothing.
    assert await judge(desk, desk.opened(), first_code) == Refused(Reason.WRONG)


@pytest.mark.parametrize(("now", "later"), [(300, 60), (60, 600)])
async def test_a_code_lives_as_long_as_when_it_was_sent(now: int, later: int) -> None:
    desk = desk_in(lifetime=now)
    challenge = await challenged(desk)
    code, sent = code_sent(desk), desk.now
    desk.config = SmsConfig(lifetime=later)
    desk.now = sent + timedelta(seconds=now - 1)
    assert isinstance(await judge(desk, challenge, code), Accepted)
    desk.now = sent + timedelta(seconds=now)
    assert await judge(desk, challenge, code) == Refused(Reason.EXPIRED)


@pytest.mark.parametrize("lifetime", [60, 300, 600])
async def test_a_code_lives_as_long_as_configured(lifetime: int) -> None:
    desk = desk_in(lifetime=lifetime)
    challenge = await challenged(desk)
    code, end = code_sent(desk), desk.now + timedelta(seconds=lifetime)
    for moment in (desk.now, end - INSTANT):
        assert isinstance(await judge(replace(desk, now=moment), challenge, code), Accepted)
    for moment in (end, end + LIFE):
        assert await judge(replace(desk, now=moment), challenge, code) == Refused(Reason.EXPIRED)


async def test_an_enrolments_code_lives_as_long() -> None:
    desk = desk_in()
    started = await begun(desk)
    challenge, proof = desk.opened(), SmsProof(code=code_sent(desk))
    late = replace(desk, now=desk.now + LIFE)
    assert await sms.confirm_enrolment(late, started.pending, challenge, proof) == Refused(Reason.EXPIRED)
    in_time = replace(desk, now=desk.now + LIFE - INSTANT)
    assert isinstance(await sms.confirm_enrolment(in_time, started.pending, challenge, proof), EnrolmentConfirmed)


async def test_only_the_last_two_digits_are_shown() -> None:
    desk = desk_in()
    started, challenge = await begun(desk), await challenged(desk)
    assert started.public == {"hint": "78"}
    assert challenge.public == {"hint": "78", "sent_at": desk.now.isoformat()}


async def test_the_time_of_sending_comes_back_out_of_storage() -> None:
    desk = desk_in()
    public = (await challenged(desk)).public
    shown = SmsChallenge(id="x", factor="sms", expires_at=desk.now, **public)  # type: ignore[arg-type]
    assert shown.sent_at == desk.now
    assert isinstance(shown.sent_at, datetime)


async def test_nothing_shows_the_number_or_a_code() -> None:
    desk = desk_in()
    started = await begun(desk)
    opened = await sms.challenge(desk, [started.pending])
    proof, request = SmsProof(code=code_sent(desk)), SmsRequest(number=ADA)
    shown = f"{started!r} {started.pending} {opened!r} {proof!r} {request!r}"
    codes = [message[3]["code"] for message in desk.sent]
    assert not any(secret in shown for secret in (ADA, ADA[3:], *codes))


async def test_what_the_core_would_not_send_is_the_cores_to_tell() -> None:
    class Capped(LocalDesk):
        async def send(self, *_: object) -> None:
            raise NotSent("TOO_SOON", self.now)

    desk = Capped(SmsConfig())
    with pytest.raises(NotSent):
        await begin(desk, ADA)
    with pytest.raises(NotSent):
        await challenged(desk)


def test_it_is_a_single_proof_that_waits_to_be_asked_for() -> None:
    registry = build_registry(["sms"], {"sms": {"lifetime": 120}})
    (factor,) = registry.of(Role.PROOF)
    assert (factor.sends, factor.multiple, factor.channels) == (True, False, ("sms",))
    assert registry.config("sms").model_dump() == {"lifetime": 120}


def test_people_are_told_what_is_weaker_about_it() -> None:
    assert "Less safe than an app" in sms.explanation["en"]
    assert "Minder veilig dan een app" in sms.explanation["nl"]
