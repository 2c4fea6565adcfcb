"""The card in somebody's hand, for the conformance kit; the server never loads this."""

from collections.abc import Mapping, Sequence
from typing import Any

from conformance import Possession
from sluis_grid_card import GridCardProof


class CardInHand(Possession):
    """Looks up what is asked."""

    factor = "grid_card"

    async def enrol(self, public: Mapping[str, Any]) -> GridCardProof:
        self._cells = {cell["place"]: cell["characters"] for cell in public["cells"]}
        return await self.prove(public)

    async def prove(self, public: Mapping[str, Any]) -> GridCardProof:
        places: Sequence[str] = public["places"]
        return GridCardProof(cells=[self._cells[place] for place in places])

    def wrong(self) -> GridCardProof:
        return GridCardProof(cells=["222", "222", "222"])
