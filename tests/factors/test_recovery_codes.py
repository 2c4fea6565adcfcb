"""Recovery codes: each works once, costs one hash, and is stored as nothing but a digest."""

import random
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factors.recovery_codes import (
    ALPHABET,
    RecoveryCodeProof,
    RecoveryCodes,
    RecoveryCodesConfig,
    RecoveryCodesFactor,
    RecoveryCodesState,
)
from plugins import Accepted, Issued, Reason, Refused
from security.passwords import DEFAULT_COST, Cost
from tests.support.desk import LocalDesk

CODE = re.compile(r"([2-9A-HJ-NP-Z]{4}-){2}[2-9A-HJ-NP-Z]{4}")

factor = RecoveryCodesFactor()


@pytest.fixture
def desk() -> LocalDesk:
    return LocalDesk(RecoveryCodesConfig())


@pytest.fixture
async def issued(desk: LocalDesk) -> Issued[RecoveryCodesState]:
    return await factor.issue(desk, None)


async def judge(desk: LocalDesk, state: RecoveryCodesState, code: str) -> Accepted[RecoveryCodesState] | Refused:
    return await factor.verify(desk, state, desk.opened(), RecoveryCodeProof(code=code))


async def accept(desk: LocalDesk, state: RecoveryCodesState, code: str) -> RecoveryCodesState:
    verdict = await judge(desk, state, code)
    assert isinstance(verdict, Accepted)
    return verdict.state


def other_code(codes: list[str]) -> str:
    """A well-formed code outside the set."""
    return next(code for code in ("2222-2222-2222", "3333-3333-3333") if code not in codes)


def test_the_alphabet_has_no_look_alikes() -> None:
    assert len(ALPHABET) == len(set(ALPHABET)) == 32
    assert not set("01IO") & set(ALPHABET)


async def test_a_set_is_six_different_codes(issued: Issued[RecoveryCodesState]) -> None:
    codes = issued.kept["codes"]
    assert len(set(codes)) == len(codes) == 6
    assert all(CODE.fullmatch(code) for code in codes)
    assert factor.left(issued.state) == 6


@pytest.mark.parametrize("count", [4, 20])
async def test_the_practice_sets_how_many(count: int) -> None:
    issued = await factor.issue(LocalDesk(RecoveryCodesConfig(count=count)), None)
    assert len(issued.kept["codes"]) == factor.left(issued.state) == count


async def test_each_code_works_once_in_any_order(desk: LocalDesk, issued: Issued[RecoveryCodesState]) -> None:
    state, codes = issued.state, list(issued.kept["codes"])
    random.shuffle(codes)
    for done, code in enumerate(codes, start=1):
        state = await accept(desk, state, code)
        assert factor.left(state) == 6 - done
        assert await judge(desk, state, code) == Refused(Reason.REPLAYED)
    assert [await judge(desk, state, code) for code in codes] == [Refused(Reason.REPLAYED)] * 6
    assert (state.salt, state.digests) == (issued.state.salt, issued.state.digests)


async def test_a_code_of_no_or_another_set_is_wrong(desk: LocalDesk, issued: Issued[RecoveryCodesState]) -> None:
    newer = await factor.issue(desk, None)
    assert newer.state.salt != issued.state.salt
    old_codes = issued.kept["codes"]
    for code in (*old_codes, other_code(newer.kept["codes"])):
        assert await judge(desk, newer.state, code) == Refused(Reason.WRONG)


async def test_judging_a_code_costs_one_hash_whatever_the_verdict(
    desk: LocalDesk, issued: Issued[RecoveryCodesState]
) -> None:
    first, *_, last = codes = issued.kept["codes"]
    spent = await accept(desk, issued.state, first)
    for state, code in ((issued.state, first), (spent, first), (spent, last), (spent, other_code(codes))):
        desk.derived = 0
        await judge(desk, state, code)
        assert desk.derived == 1


async def test_what_can_be_no_code_costs_no_hash(desk: LocalDesk, issued: Issued[RecoveryCodesState]) -> None:
    desk.derived = 0
    assert await judge(desk, issued.state, "hello") == Refused(Reason.MALFORMED)
    assert desk.derived == 0


def wide(code: str) -> str:
    return "".join(chr(ord(symbol) + 0xFEE0) for symbol in code)


@pytest.mark.parametrize(
    "typed",
    [
        str.lower,
        wide,
        lambda code: code.replace("-", ""),
        lambda code: code.replace("-", " \u2013 ") + "\n",
        lambda code: " ".join(code.replace("-", "\u2011").lower()),
        lambda code: "\u200b" + code.replace("-", "\u00a0"),
    ],
)
async def test_case_spaces_and_dashes_do_not_matter(
    desk: LocalDesk, issued: Issued[RecoveryCodesState], typed: Callable[[str], str]
) -> None:
    await accept(desk, issued.state, typed(issued.kept["codes"][3]))


@pytest.mark.parametrize(
    "code",
    [
        "",
        "-",
        "ABCD-EFGH-JKL",
        "ABCD-EFGH-JKLMN",
        "ABCD-EFGH-JKL0",
        "ABCD-EFGH-JKL1",
        "ABCD-EFGH-JKLI",
        "ABCD-EFGH-JKLO",
        "ABCD-EFGH-JK\N{LATIN SMALL LETTER SHARP S}",
        "ABCD-EFGH-JKL\N{CYRILLIC CAPITAL LETTER A}",
        "ABCD_EFGH_JKLM",
        "ABCD-EFGH-JKLM\x00",
        "\ud800",
        " " * 60 + "ABCD-EFGH-JKLM",
    ],
)
async def test_what_is_no_code_is_malformed(desk: LocalDesk, issued: Issued[RecoveryCodesState], code: str) -> None:
    assert await judge(desk, issued.state, code) == Refused(Reason.MALFORMED)


async def test_codes_outlive_a_change_of_the_cost(desk: LocalDesk, issued: Issued[RecoveryCodesState]) -> None:
    desk.cost = Cost(memory_kib=16, time=2, parallelism=1)
    verdict = await judge(desk, issued.state, issued.kept["codes"][0])
    assert isinstance(verdict, Accepted)
    assert desk.derived == 6 + 1


async def test_an_older_set_is_read_at_the_cost_of_today_or_by_default(desk: LocalDesk) -> None:
    """Its salt says nothing: made before salts kept their cost."""
    for cost in (desk.cost, DEFAULT_COST):
        maker, salt = LocalDesk(RecoveryCodesConfig(), cost=cost), b"sixteen bytes 16"
        digests = (await maker.derive("ABCDEFGHJKLM", salt), b"1" * 32)
        state = RecoveryCodesState(salt=salt, digests=digests, used=(False, False))
        assert isinstance(await judge(desk, state, "ABCD-EFGH-JKLM"), Accepted)
        assert await judge(desk, state, "ABCD-EFGH-JKLN") == Refused(Reason.WRONG)


@given(st.text() | st.text(ALPHABET + "- ", max_size=16) | st.integers(65, 10_000_000).map("A".__mul__))
async def test_garbage_is_refused_and_never_an_error(code: str) -> None:
    desk = LocalDesk(RecoveryCodesConfig())
    state = RecoveryCodesState(salt=desk.salt(), digests=(b"1" * 32,) * 6, used=(False,) * 6)
    verdict = await judge(desk, state, code)
    assert isinstance(verdict, Refused)
    if len(code) > 64:
        assert verdict.reason is Reason.MALFORMED


@pytest.mark.parametrize(
    ("locale", "opening"),
    [
        ("en", "Recovery codes for De Linde\nMade on 2 March 2026\n\n"),
        ("nl", "Herstelcodes voor De Linde\nGemaakt op 2 maart 2026\n\n"),
    ],
)
async def test_the_text_to_keep_has_a_code_a_line(locale: str, opening: str) -> None:
    issued = await factor.issue(LocalDesk(RecoveryCodesConfig(), locale=locale), None)
    shown = RecoveryCodes(factor="recovery_codes", **issued.kept)
    assert shown.text.startswith(opening)
    assert [line for line in shown.text.splitlines() if CODE.fullmatch(line)] == shown.codes


async def test_braces_in_a_practice_name_stay_what_they_are() -> None:
    issued = await factor.issue(LocalDesk(RecoveryCodesConfig(), practice_name="{codes}"), None)
    assert "Recovery codes for {codes}\n" in issued.kept["text"]


async def test_the_state_holds_no_code_and_survives_its_storage(issued: Issued[RecoveryCodesState]) -> None:
    stored = issued.state.model_dump_json()
    assert RecoveryCodesState.model_validate_json(stored) == issued.state
    for code in issued.kept["codes"]:
        assert code not in stored
        assert code.replace("-", "") not in stored
        # In JSON, bytes are base64.
        assert not any(code.replace("-", "").encode() in kept for kept in issued.state.digests)


async def test_no_repr_shows_a_code(desk: LocalDesk, issued: Issued[RecoveryCodesState]) -> None:
    code = issued.kept["codes"][0]
    proof = RecoveryCodeProof(code=code)
    shown = RecoveryCodes(factor="recovery_codes", **issued.kept)
    told = f"{issued!r} {proof!r} {proof} {shown!r} {await judge(desk, issued.state, code)!r}"
    assert code not in told
    assert repr(issued.state.salt) not in told
