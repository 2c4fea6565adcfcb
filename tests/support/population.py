"""Who is there before a test begins: the demo's practice and people, and a second practice that must see none of it."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from commands.database import opened
from commands.demo import Demo, DemoStaff, hire, load_or_make
from flows.core.context import ClientInfo
from flows.signin.sessions import authenticate, sign_out
from flows.staff.staff import Hire
from models import Practice, StaffRole
from schema.kit.ids import node_id
from server import compose
from settings import Settings
from tests.support.clock import LONG_AGO


@dataclass(frozen=True, slots=True)
class Population:
    """The practice ``demo`` as the product's own demo makes it; ``else_`` is the owner of the practice ``other``."""

    demo: Demo
    else_: DemoStaff

    @property
    def olga(self) -> DemoStaff:
        return next(one for one in self.demo.staff if one.role == "OWNER")

    @property
    def dr_vos(self) -> DemoStaff:
        return next(one for one in self.demo.staff if one.role == "THERAPIST")


async def populate(settings: Settings) -> Population:
    """Fill a migrated database, long ago: every code of an authenticator app from today on is unused."""
    app = compose(settings, lambda: LONG_AGO)
    try:
        async with opened(settings):
            with tempfile.TemporaryDirectory() as notes:
                demo = await load_or_make(app, Path(notes), node_id)
            other = await Practice.create(slug="other", name="Praktijk Elders", created_at=app.now)
            else_, token = await hire(app, other, Hire("Dr. E. Else", "else@elders.example", StaffRole.OWNER))
            await sign_out(app, await authenticate(app, ClientInfo(), token))
            return Population(demo, else_)
    finally:
        app.passwords.close()
