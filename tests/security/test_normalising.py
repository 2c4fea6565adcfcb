"""Normal forms of what strangers type take no more time than its length is worth."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from security.normalising import MOST_MARKS, TooManyMarks, normalised


@given(st.text(max_size=200), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_other_texts_are_as_the_standard_says(text: str, form: str) -> None:
    assert normalised(form, text) == unicodedata.normalize(form, text)  # type: ignore[arg-type]


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_both_edges_of_the_marks_on_one_letter(form: str) -> None:
    marks = "\u0315\u0300" * MOST_MARKS
    text = "e" + marks[:MOST_MARKS]
    assert normalised(form, text) == unicodedata.normalize(form, text)  # type: ignore[arg-type]
    with pytest.raises(TooManyMarks):
        normalised(form, "e" + marks[: MOST_MARKS + 1])  # type: ignore[arg-type]
