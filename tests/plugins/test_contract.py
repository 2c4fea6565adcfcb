"""What the contract's own classes keep to themselves."""

import pytest
from pydantic import ValidationError

from plugins import State


class Word(State):
    word: str
    uses: int = 0


def test_a_state_shows_no_value_not_even_where_it_is_damaged() -> None:
    state = Word(word="pancake")
    assert [repr(state), str(state), f"{state}"] == ["<Word>"] * 3
    with pytest.raises(ValidationError) as caught:
        Word.model_validate_json('{"word": "pancake", "uses": "waffle"}')
    assert "uses" in str(caught.value)
    assert "pancake" not in str(caught.value)
    assert "waffle" not in str(caught.value)


def test_a_state_can_not_be_changed_in_place() -> None:
    with pytest.raises(ValidationError):
        Word(word="pancake").word = "waffle"  # type: ignore[misc]


def test_a_state_s_bytes_survive_its_storage() -> None:
    class Key(State):
        key: bytes

    state = Key(key=bytes(range(256)))
    assert Key.model_validate_json(state.model_dump_json()) == state
