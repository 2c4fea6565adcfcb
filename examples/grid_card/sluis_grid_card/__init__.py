"""A printed grid card as a second factor: for people who have no phone, or do not want to use it for this.

A look-up secret after NIST SP 800-63B-4, section 3.1.2: each cell of the card is used once.
"""

import hmac
from collections.abc import Sequence
from typing import Any

import strawberry

from plugins import (
    Accepted,
    AnyFactor,
    Challenged,
    Contribution,
    Desk,
    EnrolmentBegun,
    EnrolmentConfirmed,
    EnrolmentStart,
    Factor,
    FactorChallenge,
    Opened,
    Reason,
    Refused,
    State,
    hookimpl,
    typed_code,
)
from sluis_grid_card.card import ALPHABET, CELL, PLACES, printed, svg

_ASKED = 3


@strawberry.type(description="One cell of a grid card.")
class GridCardCell:
    place: str = strawberry.field(description="Its column and row, as `B4`.")
    characters: str = strawberry.field(description="What is printed in it.")

    def __repr__(self) -> str:
        return f"<GridCardCell {self.place}>"


@strawberry.type(description="A grid card being set up: print it, then give the cells in `places`.")
class GridCardEnrolment(EnrolmentStart):
    cells: list[GridCardCell] = strawberry.field(description="All cells, row by row.")
    text: str = strawberry.field(description="The card as plain text for a fixed-width font, to print or download.")
    svg: str = strawberry.field(description="The card as an SVG element in the size of a bank card, to print.")
    places: list[str] = strawberry.field(description="The cells to give in `confirmEnrolment`, in this order.")

    def __post_init__(self) -> None:
        # What is public of a start is kept as JSON, which has no types of ours.
        self.cells = [GridCardCell(**cell) for cell in self.cells if isinstance(cell, dict)]


@strawberry.type(description="Cells of the card are asked for.")
class GridCardChallenge(FactorChallenge):
    places: list[str] = strawberry.field(description="Which, in the order to give them; empty: the card is used up.")


@strawberry.input(description="Cells of the card.")
class GridCardProof:
    cells: list[str] = strawberry.field(
        description="What is printed at each of the places asked, in that order; capitals or not, spaces are ignored."
    )


class GridCardState(State):
    """``cells`` by the order of ``card.PLACES``; ``used``: the places whose cells were given."""

    cells: tuple[str, ...]
    used: tuple[str, ...] = ()


class GridCard(Factor[GridCardState, GridCardProof]):
    """Accepts the cells that its challenge drew, each cell once."""

    name = "grid_card"
    title = {"en": "Grid card", "nl": "Kaart met codes"}
    explanation = {
        "en": "A card on paper: each time you type three of its cells. You need no phone.",
        "nl": "Een kaart op papier: elke keer typt u drie vakjes ervan over. U hebt geen telefoon nodig.",
    }
    State = GridCardState
    graphql = Contribution(proof=GridCardProof, enrolment=GridCardEnrolment, challenge=GridCardChallenge)

    async def begin_enrolment(
        self, desk: Desk, states: Sequence[GridCardState], request: None
    ) -> EnrolmentBegun[GridCardState]:
        cells = tuple(desk.choose(ALPHABET, CELL) for _ in PLACES)
        shown = [{"place": place, "characters": cell} for place, cell in zip(PLACES, cells, strict=True)]
        public = {
            "cells": shown,
            "text": printed(cells, desk.practice_name, desk.locale),
            "svg": svg(cells, desk.practice_name, desk.locale),
            "places": _drawn(desk, PLACES),
        }
        return EnrolmentBegun(GridCardState(cells=cells), public)

    async def confirm_enrolment(
        self, desk: Desk, pending: GridCardState, challenge: Challenged, proof: GridCardProof
    ) -> EnrolmentConfirmed[GridCardState] | Refused:
        verdict = await self.verify(desk, pending, challenge, proof)
        return verdict if isinstance(verdict, Refused) else EnrolmentConfirmed(verdict.state)

    async def challenge(self, desk: Desk, states: Sequence[GridCardState]) -> Opened:
        (state,) = states
        unused = [place for place in PLACES if place not in state.used]
        return Opened(public={"places": _drawn(desk, unused) if len(unused) >= _ASKED else []})

    async def verify(
        self, desk: Desk, state: GridCardState, challenge: Challenged, proof: GridCardProof
    ) -> Accepted[GridCardState] | Refused:
        places: list[str] = challenge.public["places"]
        if not places:
            return Refused(Reason.EXPIRED)
        given = _cells(proof.cells, len(places))
        if given is None:
            return Refused(Reason.MALFORMED)
        right = "".join(state.cells[PLACES.index(place)] for place in places)
        if not hmac.compare_digest(right, given):
            return Refused(Reason.WRONG)
        if set(places) & set(state.used):
            return Refused(Reason.REPLAYED)
        return Accepted(state.model_copy(update={"used": (*state.used, *places)}))

    def left(self, state: GridCardState) -> int:
        return (len(PLACES) - len(state.used)) // _ASKED


def _drawn(desk: Desk, places: Sequence[str]) -> list[str]:
    """Different places, each combination as likely as any other."""
    rest = list(places)
    # The desk chooses among characters: here each stands for a position among those that are left.
    return [rest.pop(ord(desk.choose("".join(map(chr, range(len(rest)))), 1))) for _ in range(_ASKED)]


def _cells(typed: Sequence[Any], number: int) -> str | None:
    """So many cells in one text, None for anything else."""
    if len(typed) != number:
        return None
    cells = [(typed_code(cell) or "").upper() for cell in typed]
    return "".join(cells) if all(len(cell) == CELL and set(cell) <= set(ALPHABET) for cell in cells) else None


@hookimpl
def portal_factors() -> list[type[AnyFactor]]:
    return [GridCard]
