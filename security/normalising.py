"""Unicode's normal forms (UAX #15) of what strangers type, in time that grows with its length alone."""

import unicodedata
from typing import Literal

#: UAX #15, 13, "Stream-Safe Text Format": no language needs as many marks on one letter.
MOST_MARKS = 30


class TooManyMarks(ValueError):
    """More combining marks in succession than any text has; putting them in order takes quadratic time."""


def normalised(form: Literal["NFC", "NFKC", "NFD", "NFKD"], text: str) -> str:
    """The text in this form. Raises TooManyMarks for more than 30 marks in succession."""
    if not text.isascii():
        _check_marks(text)
    return unicodedata.normalize(form, text)


def _check_marks(text: str) -> None:
    marks = 0
    for sign in text:
        marks = marks + 1 if unicodedata.combining(sign) else 0
        if marks > MOST_MARKS:
            raise TooManyMarks
