"""Amounts as text: what is one, and how many minor units it has."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalise.amounts import minor_units, read_amount


@pytest.mark.parametrize(
    ("text", "decimals", "minor"),
    [
        ("95.00", 2, 9500),
        ("95", 2, 9500),
        ("0.1", 2, 10),
        ("0", 2, 0),
        ("1.250", 3, 1250),
        ("1200", 0, 1200),
        ("9999999999999.999", 3, 9_999_999_999_999_999),
        ("1.000", 2, None),
        ("95.005", 2, None),
        ("1.5", 0, None),
    ],
)
def test_an_amount_is_exact(text: str, decimals: int, minor: int | None) -> None:
    assert minor_units(read_amount(text), decimals) == minor


@pytest.mark.parametrize(
    "text",
    ["", ".", "5.", ".5", "05", "-1", "+1", " 5", "5\n", "1_000", "1,5", "1.000,00", "1e3", "NaN", "Infinity", "veel",
     "\N{FULLWIDTH DIGIT ONE}", "\N{ARABIC-INDIC DIGIT ONE}", "\u200e5", "5\u00a0", "1." + "0" * 40 + "1", "9" * 14],
)  # fmt: skip
def test_anything_else_is_no_amount(text: str) -> None:
    assert minor_units(read_amount(text), 3) is None


@given(st.decimals(min_value=0, max_value=10**13 - 1, places=2))
def test_what_is_shown_is_read_back(amount: Decimal) -> None:
    assert read_amount(f"{amount:f}") == amount
    assert minor_units(read_amount(f"{amount:f}"), 2) == amount * 100
