"""Tokens that can't be guessed or matched by nothing, and login codes as people type them."""

import hashlib
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalise.codes import normal_login_code, shown_login_code
from security.tokens import NO_TOKEN, new_login_code, new_token, token_hash

codes = st.text("0123456789", min_size=8, max_size=8)
fillers = st.text(" -\t\n\u00a0\u00ad\u2007\u2009\u200b\u202f\u2010\u2011\u2013\u2014\u2212\u3000", max_size=4)


def test_tokens_are_long_urlsafe_and_all_different() -> None:
    tokens = {new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert {len(token) for token in tokens} == {43}
    assert set("".join(tokens)) <= set(string.ascii_letters + string.digits + "-_")


def test_a_token_is_stored_as_its_sha256() -> None:
    assert token_hash("abc") == hashlib.sha256(b"abc").hexdigest()


@pytest.mark.parametrize("token", [None, "", "a" * 257, "tokén", "\ud800"])
def test_what_is_no_token_has_a_hash_that_matches_nothing(token: str | None) -> None:
    assert token_hash(token) == NO_TOKEN
    assert not set(NO_TOKEN) & set(string.hexdigits)


def test_the_longest_token_is_hashed() -> None:
    assert token_hash("a" * 256) == hashlib.sha256(b"a" * 256).hexdigest()


def test_new_login_codes_are_eight_digits_without_a_leading_zero() -> None:
    made = [new_login_code() for _ in range(2000)]
    assert all(len(code) == 8 and code.isascii() and code.isdigit() and code[0] != "0" for code in made)
    assert {code[0] for code in made} == set("123456789")
    assert all(normal_login_code(code) == code for code in made)


@given(codes)
def test_a_shown_code_reads_back(code: str) -> None:
    assert normal_login_code(shown_login_code(code)) == code


@given(st.lists(fillers, min_size=9, max_size=9), codes)
def test_spaces_and_dashes_are_ignored_wherever_they_are(between: list[str], code: str) -> None:
    typed = between[0] + "".join(digit + filler for digit, filler in zip(code, between[1:], strict=True))
    assert normal_login_code(typed) == code


@given(st.text())
def test_any_text_gives_eight_digits_or_nothing(text: str) -> None:
    code = normal_login_code(text)
    assert code is None or (len(code) == 8 and set(code) <= set("0123456789"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1234567",
        "123456789",
        "1234567a",
        "ada@example.nl",
        "1234,5678",
        " " * 57 + "12345678",
    ],
)
def test_anything_else_is_no_login_code(text: str) -> None:
    assert normal_login_code(text) is None


def test_a_code_is_shown_in_two_groups() -> None:
    assert shown_login_code("12345678") == "1234 5678"
