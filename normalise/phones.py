"""Telephone numbers as people write them: numbers to call, and mobile numbers that get text messages."""

import unicodedata

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from normalise.characters import ascii_digits, is_invisible

LONGEST_TYPED = 40
"""In characters as typed: what is longer is no number."""

# Some countries' plans don't tell mobile numbers from others.
_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
_NUMBER = frozenset("+0123456789 ()-./")
# E.164 has fifteen digits, and a few more where 00 or (0) is dialled before some.
_MOST_DIGITS = 18


def written_number(text: str) -> str | None:
    """A number to call, as it was written but for what nobody sees; None for what is none.

    Digits of every script become 0 to 9, spaces and dashes of every kind " " and "-". A helpdesk's short number is a
    number too, so the numbering plan of a country is not asked.
    """
    if len(text) > LONGEST_TYPED:
        return None
    tidy = _plain(text)
    digits = sum(char.isdecimal() for char in tidy)
    plus = tidy.lstrip("(").rfind("+")
    return tidy if set(tidy) <= _NUMBER and 1 <= digits <= _MOST_DIGITS and plus <= 0 else None


def mobile_number(text: str, country: str) -> str | None:
    """The number in E.164, if it is one that a mobile phone can have; else None.

    ``country`` (ISO 3166-1 alpha-2) is that of a number without a country code.
    """
    number = _parsed(_plain(text), country) if len(text) <= LONGEST_TYPED else None
    # A number that is not valid has no type; an extension can't be texted.
    if number is None or number.extension or phonenumbers.number_type(number) not in _MOBILE:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def country_of(number: str) -> str | None:
    """ISO 3166-1 alpha-2 of a number in E.164; None for numbers of no country: satellites, premium services."""
    parsed = _parsed(number, None)
    return phonenumbers.region_code_for_number(parsed) if parsed else None


def is_country(code: str) -> bool:
    """Whether this is the ISO 3166-1 alpha-2 code of a country that has telephone numbers."""
    return code in phonenumbers.SUPPORTED_REGIONS


def _plain(text: str) -> str:
    seen = (char for char in ascii_digits(unicodedata.normalize("NFKC", text)) if not is_invisible(char))
    return " ".join("".join("-" if _is_dash(char) else char for char in seen).split())


def _is_dash(char: str) -> bool:
    return char == "\N{MINUS SIGN}" or unicodedata.category(char) == "Pd"


def _parsed(text: str, country: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
