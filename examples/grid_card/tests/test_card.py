"""What is particular to a grid card; that it keeps the contract is the conformance kit's business."""

import xml.etree.ElementTree as ET
from types import SimpleNamespace
from typing import Any

import pytest
from sluis_grid_card import GridCard, GridCardProof, GridCardState
from sluis_grid_card.card import ALPHABET, PLACES, printed, svg

from plugins import Accepted, Challenged, Reason, Refused

CELLS = tuple(f"{ALPHABET[number // 32]}{ALPHABET[number % 32]}X" for number in range(50))

card = GridCard()


class FirstOfAll:
    """As much of a desk as a card needs, without any chance: it always chooses the first."""

    locale, practice_name = "nl", "De <Linde>"

    def choose(self, alphabet: str, length: int) -> str:
        return alphabet[0] * length


@pytest.fixture
def desk() -> Any:
    return FirstOfAll()


def asked(*places: str) -> Challenged:
    moment: Any = SimpleNamespace()
    return Challenged(public={"places": list(places)}, secret={}, opened_at=moment)


async def judge(desk: Any, state: GridCardState, challenge: Challenged, *cells: str) -> Any:
    return await card.verify(desk, state, challenge, GridCardProof(cells=list(cells)))


async def test_cells_are_read_as_people_type_them(desk: Any) -> None:
    state, challenge = GridCardState(cells=CELLS), asked("A1", "B1", "J5")
    verdict = await judge(desk, state, challenge, " 2-2x ", CELLS[1].lower(), CELLS[49])
    assert verdict == Accepted(GridCardState(cells=CELLS, used=("A1", "B1", "J5")))


async def test_their_order_matters(desk: Any) -> None:
    state = GridCardState(cells=CELLS)
    verdict = await judge(desk, state, asked("A1", "B1", "C1"), CELLS[1], CELLS[0], CELLS[2])
    assert verdict == Refused(Reason.WRONG)


@pytest.mark.parametrize(
    "cells", [[], ["22X"], ["22X", "23X", "24"], ["22X", "23X", "24X", "25X"], ["22O", "23X", "24X"]]
)
async def test_what_cannot_be_cells_is_malformed(desk: Any, cells: list[str]) -> None:
    assert await judge(desk, GridCardState(cells=CELLS), asked("A1", "B1", "C1"), *cells) == Refused(Reason.MALFORMED)


async def test_no_cell_is_used_twice(desk: Any) -> None:
    state = GridCardState(cells=CELLS, used=("A1", "B1", "C1"))
    opened = await card.challenge(desk, [state])
    assert opened.public == {"places": ["D1", "E1", "F1"]}
    assert await judge(desk, state, asked("C1", "D1", "E1"), *CELLS[2:5]) == Refused(Reason.REPLAYED)


async def test_a_used_up_card_asks_nothing_and_opens_nothing(desk: Any) -> None:
    state = GridCardState(cells=CELLS, used=PLACES[:48])
    assert (await card.challenge(desk, [state])).public == {"places": []}
    assert await judge(desk, state, asked()) == Refused(Reason.EXPIRED)
    assert card.left(state) == 0


def test_a_new_card_is_good_for_fifteen_sign_ins_after_it_was_confirmed() -> None:
    assert card.left(GridCardState(cells=CELLS, used=PLACES[:3])) == 15


def test_the_text_is_a_table() -> None:
    lines = printed(CELLS, "De Linde", "nl").splitlines()
    assert lines[0] == "Kaart met codes voor De Linde"
    assert lines[2].split() == list("ABCDEFGHIJ")
    assert [line.split() for line in lines[3:8]] == [[str(n + 1), *CELLS[n * 10 : n * 10 + 10]] for n in range(5)]


def test_the_drawing_is_xml_whatever_the_practice_is_called() -> None:
    drawing = ET.fromstring(svg(CELLS, "De <Linde> & Zn", "en"))
    texts = [element.text for element in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[0] == "Grid card for De <Linde> & Zn"
    assert set(CELLS) < set(texts)
