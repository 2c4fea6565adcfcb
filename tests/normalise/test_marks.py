"""Texts of nothing but combining marks are put in order in time that grows with their length alone."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalise.characters import MOST_MARKS, is_invisible, with_bounded_marks
from normalise.names import written_line, written_lines

MARKS = "\u0315\u0300"


@given(st.text(max_size=100))
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert with_bounded_marks(text) == text


def test_both_edges_of_the_marks_on_one_letter() -> None:
    assert MOST_MARKS == 30
    text = "e" + MARKS * 15
    assert with_bounded_marks(text) == text
    assert with_bounded_marks(text + "\u0300" + "a\u0300") == text + "a\u0300"


@pytest.mark.parametrize("between", ["", "\u200d", "\u034f", "\u00ad"], ids=["nothing", "joiner", "filler", "hyphen"])
@pytest.mark.parametrize("written", [written_line, written_lines])
def test_no_name_keeps_more_of_them(written: object, between: str) -> None:
    line = written("e" + (MARKS + between) * 10_000)  # type: ignore[operator]
    seen = unicodedata.normalize("NFD", "".join(char for char in line if not is_invisible(char)))
    assert len(seen) <= 1 + MOST_MARKS
