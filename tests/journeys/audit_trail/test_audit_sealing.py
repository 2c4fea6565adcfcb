"""A server seals what is written to the audit trail, by itself and again and again."""

import asyncio
from typing import Any

import pytest

from tests.people.staff import StaffPerson
from tests.support.sluis import Sluis

pytestmark = pytest.mark.security


@pytest.fixture
def given_settings() -> dict[str, Any]:
    return {"audit_seal_every": "1s"}


async def test_what_staff_do_is_sealed(sluis: Sluis, dr_vos: StaffPerson) -> None:
    for reference in ("S-1", "S-2"):
        await dr_vos.creates_dossier(reference, "Emma Bakker")
        async with asyncio.timeout(30):
            while await sluis.count("audit_event", "segment IS NULL"):  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.05)
    assert await sluis.count("audit_segment", "number > 1") > 0
    assert await sluis.count("audit_event", "event = 'dossier.created' AND segment IS NOT NULL") > 1
