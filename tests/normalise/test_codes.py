"""Codes as people type and paste them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins import typed_code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("123456", "123456"),
        (" 123 456\r\n", "123456"),
        ("ab-Cd\u2014e\u2212f", "abCdef"),
        ("\u200b12\u00ad34\u202f\ufeff", "1234"),
        ("\uff11\uff12\uff0d\uff21\u3000\u2460", "12A1"),
        ("1.2_3", "1.2_3"),
        ("\u0661\u06f2\u0969", "123"),
    ],
)
def test_spaces_and_dashes_go_and_the_rest_stays(text: str, code: str) -> None:
    assert typed_code(text) == code


@pytest.mark.parametrize("text", ["", " - ", "caf\u00e9", "12\x0034", "\x7f", "\ud800", "1" * 65])
def test_what_can_be_no_code(text: str) -> None:
    assert typed_code(text) is None


@given(st.text())
def test_a_code_is_visible_ascii_and_reads_as_itself(text: str) -> None:
    code = typed_code(text)
    assert code is None or (code.isascii() and code.isprintable() and " " not in code and "-" not in code)
    if code is not None and len(code) <= 64:
        assert typed_code(code) == code
