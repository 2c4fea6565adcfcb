"""A place to race in: everything is set up, and many devices wait for the same moment."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.people.cast import Belongings, Person
from tests.people.device import Answer
from tests.people.staff import at_work
from tests.support.sluis import Sluis

RACERS = 16


@dataclass(frozen=True, slots=True)
class Arena:
    """A server, Ada who has an account there, and two mailed links that nobody used: hers and Bram's."""

    sluis: Sluis
    ada: Person
    bram: Person
    reset_link: str
    invitation: str

    async def begun(self) -> list[tuple[Person, Answer]]:
        """As many of Ada's devices, each with a sign-in and a challenge of its own."""
        devices = [self.ada.elsewhere("BEARER", self.sluis) for _ in range(RACERS)]
        begun = [(device, await device.starts_sign_in()) for device in devices]
        # Workers live by the machine's time, and the app's next code is for now.
        self.sluis.clock.now = datetime.now(UTC)
        return begun


async def prepared(sluis: Sluis) -> Arena:
    dr_vos = at_work(sluis, sluis.population.dr_vos)
    ada = Person(sluis, Belongings("Ada de Vries", "ada@clients.example"))
    bram = Person(sluis, Belongings("Bram Jansen", "bram@clients.example"))
    await dr_vos.signs_in()
    await dr_vos.lets_in(ada)
    await dr_vos.invites((await dr_vos.finds("Bram Jansen"))["id"])
    await ada.forgets_password()
    reset_link, invitation = await ada.gets_link("reset"), await bram.gets_link("accept")
    return Arena(sluis, ada, bram, reset_link, invitation)


async def race(racers: list[Coroutine[Any, Any, Answer]]) -> list[Answer]:
    """What each got, all having started at once."""
    async with asyncio.timeout(60):
        return await asyncio.gather(*racers)
