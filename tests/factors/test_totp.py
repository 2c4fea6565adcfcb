"""The authenticator app: RFC 6238's own vectors, both edges of every window, and each step once."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pyotp
import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from factors.totp import Totp, TotpConfig, TotpEnrolment, TotpProof, TotpState
from plugins import Accepted, EnrolmentBegun, EnrolmentConfirmed, Reason, Refused
from tests.support.desk import LocalDesk

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
STEP = timedelta(seconds=30)
INSTANT = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

totp = Totp()


def desk_at(now: datetime, drift: int = 1) -> LocalDesk:
    return LocalDesk(TotpConfig(drift=drift), now=now)


async def judge(desk: LocalDesk, state: TotpState, code: str) -> Accepted[TotpState] | Refused:
    return await totp.verify(desk, state, desk.opened(), TotpProof(code=code))


async def accept(desk: LocalDesk, state: TotpState, code: str) -> TotpState:
    verdict = await judge(desk, state, code)
    assert isinstance(verdict, Accepted)
    return verdict.state


async def begin(desk: LocalDesk) -> EnrolmentBegun[TotpState]:
    return await totp.begin_enrolment(desk, [], None)


def code_at(secret: str, moment: datetime) -> str:
    return pyotp.TOTP(secret).at(moment)


@pytest.mark.parametrize(
    ("seconds", "value"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
async def test_the_vectors_of_rfc_6238_appendix_b(seconds: int, value: str) -> None:
    desk = desk_at(EPOCH + timedelta(seconds=seconds))
    state = await accept(desk, TotpState(secret=RFC_SECRET), value[-6:])
    assert state == TotpState(secret=RFC_SECRET, last_step=seconds // 30)


@pytest.mark.parametrize("drift", [0, 1, 2])
async def test_a_code_lives_by_the_drift_before_and_after_its_step(drift: int) -> None:
    shown = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    start, end = shown - drift * STEP, shown + (drift + 1) * STEP
    state, code = TotpState(secret=RFC_SECRET), code_at(RFC_SECRET, shown)
    for moment in (start, shown - INSTANT, shown, shown + STEP - INSTANT, end - INSTANT):
        if moment >= start:
            assert isinstance(await judge(desk_at(moment, drift), state, code), Accepted)
    for moment in (start - STEP, start - INSTANT, end, end + STEP):
        refused = await judge(desk_at(moment, drift), state, code)
        assert isinstance(refused, Refused)
        assert refused.reason is Reason.CLOCK


async def test_a_phone_twenty_seconds_ahead_signs_in_at_every_moment() -> None:
    ahead = timedelta(seconds=20)
    for second in range(30):
        desk = desk_at(datetime(2026, 3, 2, 9, 30, second, tzinfo=UTC))
        await accept(desk, TotpState(secret=RFC_SECRET), code_at(RFC_SECRET, desk.now + ahead))


async def test_a_step_that_was_taken_early_is_spent_with_those_before_it() -> None:
    desk = desk_at(datetime(2026, 3, 2, 9, 30, tzinfo=UTC))
    early = code_at(RFC_SECRET, desk.now + STEP)
    state = await accept(desk, TotpState(secret=RFC_SECRET), early)
    for spent in (early, code_at(RFC_SECRET, desk.now), code_at(RFC_SECRET, desk.now - STEP)):
        assert await judge(desk, state, spent) == Refused(Reason.REPLAYED)
    desk.wait(seconds=30)
    assert await judge(desk, state, early) == Refused(Reason.REPLAYED)
    await accept(desk, state, code_at(RFC_SECRET, desk.now + STEP))


@pytest.mark.parametrize("steps", [-10, -2, 2, 10])
async def test_a_clock_that_is_wrong_is_told(steps: int) -> None:
    desk = desk_at(datetime(2026, 3, 2, 9, 30, tzinfo=UTC))
    refused = await judge(desk, TotpState(secret=RFC_SECRET), code_at(RFC_SECRET, desk.now + steps * STEP))
    assert isinstance(refused, Refused)
    assert (refused.reason, refused.alert) == (Reason.CLOCK, None)
    assert (refused.state is None) == (steps < 0), "an early code is worth nothing any more"


@pytest.mark.parametrize("steps", [-11, 11, 120])
async def test_a_code_of_another_time_is_wrong(steps: int) -> None:
    desk = desk_at(datetime(2026, 3, 2, 9, 30, tzinfo=UTC))
    code = code_at(RFC_SECRET, desk.now + steps * STEP)
    assert await judge(desk, TotpState(secret=RFC_SECRET), code) == Refused(Reason.WRONG)


async def test_a_guesser_learns_no_code_to_keep_from_the_clock() -> None:
    """What was refused as too early is refused in its own time, when the neighbours are not."""
    desk = desk_at(datetime(2026, 3, 2, 9, 30, tzinfo=UTC))
    state = TotpState(secret=RFC_SECRET)
    start, guesses = desk.now, {steps: code_at(RFC_SECRET, desk.now + steps * STEP) for steps in (3, 5)}
    for guess in guesses.values():
        refused = await judge(desk, state, guess)
        assert isinstance(refused, Refused)
        assert isinstance(refused.state, TotpState)
        state = TotpState.model_validate_json(refused.state.model_dump_json())
    for steps, guess in guesses.items():
        for away in (-1, 0, 1):
            desk.now = start + (steps + away) * STEP
            assert await judge(desk, state, guess) == Refused(Reason.REPLAYED)
        state = await accept(desk, state, code_at(RFC_SECRET, desk.now))
    desk.wait(seconds=60)
    assert (await accept(desk, state, code_at(RFC_SECRET, desk.now))).told == (), "their time is over"


def test_a_state_without_told_steps_is_stored_as_before() -> None:
    state = TotpState(secret=RFC_SECRET, last_step=7)
    assert set(state.model_dump()) == {"secret", "last_step"}
    assert TotpState.model_validate_json(state.model_dump_json()) == state


async def test_a_step_is_accepted_once_for_as_long_as_its_code_lives() -> None:
    desk = desk_at(datetime(2026, 3, 2, 9, 30, tzinfo=UTC))
    code = code_at(RFC_SECRET, desk.now)
    state = await accept(desk, TotpState(secret=RFC_SECRET), code)
    for seconds in (0, 29, 30):
        desk.wait(seconds=seconds)
        assert await judge(desk, state, code) == Refused(Reason.REPLAYED)
    desk.wait(seconds=1)
    assert await judge(desk, state, code) == Refused(Reason.REPLAYED)


async def test_a_newer_step_spends_the_older() -> None:
    desk = desk_at(datetime(2026, 3, 2, 9, 30, tzinfo=UTC))
    older = code_at(RFC_SECRET, desk.now - STEP)
    state = await accept(desk, TotpState(secret=RFC_SECRET), code_at(RFC_SECRET, desk.now))
    assert await judge(desk, state, older) == Refused(Reason.REPLAYED)


async def test_an_older_step_leaves_the_newer() -> None:
    desk = desk_at(datetime(2026, 3, 2, 9, 30, tzinfo=UTC))
    state = await accept(desk, TotpState(secret=RFC_SECRET), code_at(RFC_SECRET, desk.now - STEP))
    await accept(desk, state, code_at(RFC_SECRET, desk.now))


async def test_two_steps_that_share_a_code_are_spent_together() -> None:
    older, newer, code = 57766335, 57766336, "251166"
    desk = desk_at(EPOCH + newer * STEP)
    assert code_at(RFC_SECRET, EPOCH + older * STEP) == code_at(RFC_SECRET, desk.now) == code
    state = await accept(desk, TotpState(secret=RFC_SECRET), code)
    assert state.last_step == newer
    assert await judge(desk, state, code) == Refused(Reason.REPLAYED)


async def test_a_clock_set_back_gives_no_second_use() -> None:
    desk = desk_at(datetime(2026, 3, 2, 9, 30, tzinfo=UTC))
    first = code_at(RFC_SECRET, desk.now)
    state = await accept(desk, TotpState(secret=RFC_SECRET), first)
    desk.wait(minutes=5)
    state = await accept(desk, state, code_at(RFC_SECRET, desk.now))
    desk.wait(minutes=-5)
    assert await judge(desk, state, first) == Refused(Reason.REPLAYED)


async def test_the_code_that_confirms_is_refused_as_the_first_login() -> None:
    desk = desk_at(datetime(2026, 3, 2, 9, 30, tzinfo=UTC))
    begun = await begin(desk)
    proof = TotpProof(code=code_at(begun.pending.secret, desk.now))
    confirmed = await totp.confirm_enrolment(desk, begun.pending, desk.opened(), proof)
    assert isinstance(confirmed, EnrolmentConfirmed)
    assert await judge(desk, confirmed.state, proof.code) == Refused(Reason.REPLAYED)
    desk.wait(seconds=30)
    await accept(desk, confirmed.state, code_at(begun.pending.secret, desk.now))


async def test_another_secret_s_code_does_not_confirm() -> None:
    desk = desk_at(datetime(2026, 3, 2, 9, 30, tzinfo=UTC))
    pending = TotpState(secret=RFC_SECRET)
    other = base64.b32encode(b"another 20 byte key!").decode()
    proof = TotpProof(code=code_at(other, desk.now))
    confirmed = await totp.confirm_enrolment(desk, pending, desk.opened(), proof)
    assert confirmed == Refused(Reason.WRONG)


async def test_an_enrolment_shows_one_key_in_three_ways() -> None:
    desk = desk_at(datetime(2026, 3, 2, 9, 30, tzinfo=UTC))
    begun = await begin(desk)
    shown = TotpEnrolment(id="x", factor="totp", expires_at=desk.now, **begun.public)  # type: ignore[arg-type]
    assert shown.secret == begun.pending.secret
    assert len(base64.b32decode(shown.secret)) * 8 == 160
    app: Any = pyotp.parse_uri(shown.uri)
    assert isinstance(app, pyotp.TOTP)
    assert (app.secret, app.issuer, app.name) == (shown.secret, "De Linde", "1234 5678")
    assert (app.digits, app.interval, app.digest().name) == (6, 30, "sha1")
    await accept(desk, begun.pending, app.at(desk.now))


@pytest.mark.parametrize(
    ("locale", "title"),
    [("en", "QR code for your authenticator app"), ("nl", "QR-code voor uw authenticator-app")],
)
async def test_the_qr_code_is_an_element_with_a_name(locale: str, title: str) -> None:
    desk = LocalDesk(TotpConfig(), locale=locale)
    public = (await begin(desk)).public
    svg = ElementTree.fromstring(public["qr_svg"])
    assert public["qr_svg"].startswith("<svg ")
    assert (svg.tag, svg.get("role"), svg.findtext("title")) == ("svg", "img", title)
    modules = int(svg.attrib["width"]) // 4
    assert svg.get("viewBox") == f"0 0 {modules} {modules}"
    drawn = [path.get("d") for path in svg.iter("path")]
    plain = ElementTree.fromstring(segno.make_qr(public["uri"], error="m").svg_inline())
    assert drawn[-1] == next(plain.iter("path")).get("d")


async def test_every_enrolment_has_a_key_of_its_own() -> None:
    desk = LocalDesk(TotpConfig())
    assert len({(await begin(desk)).pending.secret for _ in range(50)}) == 50


@pytest.mark.parametrize("name", ["Praktijk: De Linde", "<b>&\"'", "心" * 120, "\N{OLD PERSIAN SIGN A}" * 120])
async def test_any_practice_name_fits_in_the_qr_code(name: str) -> None:
    desk = LocalDesk(TotpConfig(), practice_name=name)
    public = (await begin(desk)).public
    app: Any = pyotp.parse_uri(public["uri"])
    assert app.issuer == name.replace(":", " ")[:60]
    assert app.name == "1234 5678"
    ElementTree.fromstring(public["qr_svg"])


@pytest.mark.parametrize("shape", ["{0}{1}", " {0} {1}\n", "{0}-{1}", "{0}\u2013{1}", "\u200b{0}\u00a0{1}"])
async def test_spaces_and_dashes_in_a_code_are_ignored(shape: str) -> None:
    desk = desk_at(datetime(2026, 3, 2, 9, 30, tzinfo=UTC))
    code = code_at(RFC_SECRET, desk.now)
    await accept(desk, TotpState(secret=RFC_SECRET), shape.format(code[:3], code[3:]))


async def test_full_width_digits_are_digits() -> None:
    desk = desk_at(datetime(2026, 3, 2, 9, 30, tzinfo=UTC))
    wide = "".join(chr(ord(digit) - ord("0") + 0xFF10) for digit in code_at(RFC_SECRET, desk.now))
    await accept(desk, TotpState(secret=RFC_SECRET), wide)


@pytest.mark.parametrize(
    "code",
    [
        "",
        " ",
        "12345",
        "1234567",
        "12345a",
        "+12345",
        "1.2345",
        "12345\x00",
        "\ud800",
        " " * 59 + "123456",
    ],
)
async def test_what_is_no_code_is_malformed(code: str) -> None:
    desk = LocalDesk(TotpConfig())
    assert await judge(desk, TotpState(secret=RFC_SECRET), code) == Refused(Reason.MALFORMED)


@given(st.text() | st.text("0123456789 -", max_size=12) | st.integers(65, 10_000_000).map("1".__mul__))
async def test_garbage_is_refused_and_never_an_error(code: str) -> None:
    desk = desk_at(datetime(2026, 3, 2, 9, 30, tzinfo=UTC))
    verdict = await judge(desk, TotpState(secret=RFC_SECRET, last_step=2**40), code)
    assert isinstance(verdict, Refused)
    assert verdict.state is None
    if len(code) > 64:
        assert verdict.reason is Reason.MALFORMED


async def test_no_repr_shows_a_secret() -> None:
    desk = LocalDesk(TotpConfig())
    begun = await begin(desk)
    code = code_at(begun.pending.secret, desk.now)
    proof = TotpProof(code=code)
    shown = TotpEnrolment(id="x", factor="totp", expires_at=desk.now, **begun.public)  # type: ignore[arg-type]
    confirmed = await totp.confirm_enrolment(desk, begun.pending, desk.opened(), proof)
    accepted = await judge(desk, begun.pending, code)
    told = f"{begun} {begun!r} {begun.pending} {proof} {proof!r} {shown!r} {confirmed!r} {accepted!r}"
    assert begun.pending.secret not in told
    assert code not in told


def test_a_state_survives_its_storage() -> None:
    state = TotpState(secret=RFC_SECRET, last_step=57)
    assert TotpState.model_validate_json(state.model_dump_json()) == state
