"""Every spelling in the tables reads as its one form, and what is read reads as itself."""

from collections.abc import Callable, Mapping
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factors.recovery_codes import ALPHABET
from normalise.addresses import BadAddress, address_key, parse_email
from normalise.codes import normal_login_code, read_code
from normalise.names import is_usable, written_line
from normalise.passwords import password_form
from normalise.phones import mobile_number, written_number
from normalise.search import LONGEST_KEY, search_key
from normalise.slugs import normal_slug
from tests.normalise import spellings

Read = Callable[[str], str | None]


def key_of_address(text: str) -> str | None:
    try:
        return parse_email(text).key
    except BadAddress:
        return None


def name(text: str) -> str | None:
    line = written_line(text)
    return line if is_usable(line) else None


KINDS: Mapping[str, tuple[Read, Mapping[str, str | None]]] = {
    "login code": (normal_login_code, spellings.LOGIN_CODES),
    "one-time code": (partial(read_code, length=6), spellings.ONE_TIME_CODES),
    "recovery code": (partial(read_code, length=12, alphabet=ALPHABET), spellings.RECOVERY_CODES),
    "mobile number": (partial(mobile_number, country="NL"), spellings.MOBILES),
    "number to call": (written_number, spellings.WRITTEN),
    "address": (key_of_address, spellings.ADDRESSES),
    "name": (name, spellings.NAMES),
    "search key": (search_key, dict(spellings.SEARCH_KEYS)),
    "slug": (normal_slug, spellings.SLUGS),
    "password": (password_form, dict(spellings.PASSWORDS)),
}
CASES = [(kind, text, key) for kind, (_, table) in KINDS.items() for text, key in table.items()]


@pytest.mark.parametrize(("kind", "text", "key"), CASES)
def test_each_spelling_has_its_form(kind: str, text: str, key: str | None) -> None:
    read, _ = KINDS[kind]
    assert read(text) == key
    assert key is None or read(key) == key, "the form itself is read as it is"


@pytest.mark.parametrize("kind", KINDS)
@given(text=st.one_of(st.text(), st.text("+0123456789 ()-./", max_size=20)))
def test_what_is_read_once_reads_as_itself(kind: str, text: str) -> None:
    read, _ = KINDS[kind]
    once = read(text)
    assert once is None or len(once) == LONGEST_KEY or read(once) == once


@pytest.mark.parametrize(("text", "key"), list(spellings.ADDRESSES.items()))
def test_every_text_has_a_key_to_count_under(text: str, key: str | None) -> None:
    assert address_key(text) == (key or text.strip("\u00a0 ").casefold())
    assert address_key(text.upper()) == address_key(text) or not text.isascii()
