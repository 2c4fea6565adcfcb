"""The one policy on e-mail addresses: which are accepted, how they are shown, and when two are the same."""

import unicodedata
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from normalise.characters import is_invisible, script_of, trimmed

LONGEST_ADDRESS = 254
"""In octets of UTF-8, the domain in ASCII (RFC 3696, erratum 1690). A key has no more characters."""

# Scripts that people do mix in one word (UTS #39, 5.2, "Highly Restrictive").
_MIXABLE = (
    {"LATIN", "CJK", "HIRAGANA", "KATAKANA"},
    {"LATIN", "CJK", "BOPOMOFO"},
    {"LATIN", "CJK", "HANGUL"},
)
# A word wholly of these passes for a Latin one (the letters that Chromium distrusts in a host name).
_LATIN_LOOKALIKES = frozenset("аысԁеԍһіюјӏорԗԛѕԝхуъьҽпгѵѡ") | frozenset("αικνρυωηοτ")


class BadAddress(ValueError):
    """Not an e-mail address that we would send to. Carries no text of the address."""


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """`shown` is what is mailed and displayed; `key` decides whether two addresses are the same one."""

    shown: str
    key: str


def parse_email(text: str) -> EmailAddress:
    """The address in `text`, spaces and marks of direction around it aside; raises BadAddress.

    Syntax only, no DNS. The key is the local part in small letters, "@" and the domain in ASCII (IDNA 2008). RFC
    5321 leaves the local part's case to the receiver; we drop it, so that no two accounts differ by case alone.
    Refused: display names, quoted and non-NFKC local parts, control and invisible characters, domain
    literals, special-use domains (`.test`, `.local` …), more than 254 octets, and words that mix scripts
    or imitate Latin (UTS #39).
    """
    bare = trimmed(text)
    # The length first, as a bound on the work: the parser counts the octets.
    if len(bare) > LONGEST_ADDRESS or not all(_is_visible(char) for char in bare):
        raise BadAddress
    try:
        valid = validate_email(bare, check_deliverability=False, strict=True)
    except EmailNotValidError:
        raise BadAddress from None
    if not _is_honest(valid.local_part) or not all(map(_is_honest, valid.domain.split("."))):
        raise BadAddress
    return EmailAddress(valid.normalized, f"{_folded(valid.local_part)}@{valid.ascii_domain}")


def address_key(text: str) -> str:
    """The key of an address; for what is none, such as one stored before a rule was made, its text in small letters.

    For comparing and counting, where an unknown text must have one form as well.
    """
    try:
        return parse_email(text).key
    except BadAddress:
        return trimmed(text).lower()


def _is_visible(char: str) -> bool:
    return unicodedata.category(char)[0] not in "CZ" and not is_invisible(char)


def _is_honest(word: str) -> bool:
    """Whether `word`, a local part or a label in NFC, looks like what it is."""
    if unicodedata.normalize("NFKC", word) != word:
        return False
    letters = {char for char in word.casefold() if char.isalpha()}
    if letters and letters <= _LATIN_LOOKALIKES:
        return False
    scripts = {script_of(char) for char in letters}
    return len(scripts) <= 1 or any(scripts <= mixable for mixable in _MIXABLE)


def _folded(local: str) -> str:
    # Not case folding, which makes one of letters that differ (ß and ss): two mailboxes never share a key. Small
    # letters may be denormalised; what was NFKC before, as honest words are, is stable after one round.
    return unicodedata.normalize("NFKC", local.lower())
