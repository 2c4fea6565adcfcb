"""Mail about what happened: it leads to the configured address, goes with its cause, and holds no answer up."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.people.cast import Belongings, Person
from tests.people.device import Unanswered
from tests.people.staff import StaffPerson
from tests.support.faulty import Fault, faulty
from tests.support.sluis import Sluis


@pytest.fixture
def fault(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fault]:
    with faulty(monkeypatch) as made:
        yield made


@pytest.mark.parametrize("name", ["Host", "X-Forwarded-Host", "Forwarded"])
async def test_a_link_leads_to_the_configured_address(sluis: Sluis, olga: StaffPerson, name: str) -> None:
    olga.device.http.headers[name] = "host=evil.example" if name == "Forwarded" else "evil.example"
    assert (await olga.hires("Nieuw", "nieuw@staff.example", "THERAPIST"))["__typename"] == "StaffInvited"
    mail = await sluis.mailbox.wait_for("nieuw@staff.example", beyond=0)
    assert mail["links"]
    assert all(link.startswith(f"{sluis.url}/") for link in mail["links"])
    assert "evil" not in str(mail)


async def test_a_relay_that_is_down_changes_no_answer(sluis: Sluis, olga: StaffPerson) -> None:
    up = await olga.hires("Nieuw", "up@staff.example", "THERAPIST")
    await sluis.mailbox.wait_for("up@staff.example", beyond=0)
    await sluis.mailbox.stop()
    down = await olga.hires("Nieuw", "down@staff.example", "THERAPIST")
    assert (down["__typename"], down.keys()) == ("StaffInvited", up.keys())
    async with asyncio.timeout(20):
        while not await sluis.count("outbox_message", "last_error <> ''"):  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.05)
    assert await sluis.count("outbox_message", "state = 'WAITING'") == 1, "it is tried again"


async def test_deactivation_mail_has_the_persons_name(sluis: Sluis, dr_vos: StaffPerson) -> None:
    bram = Person(sluis, Belongings("Bram Jansen", "bram@clients.example"))
    await dr_vos.deactivates(await dr_vos.lets_in(bram))
    mail = await bram.is_told("heeft een toegang van u tot het portaal gesloten")
    assert mail["text"].startswith("Beste Bram Jansen,")
    assert "(tijd in Amsterdam, UTC+1)" in " ".join(mail["text"].split())


async def test_mail_is_undone_with_its_cause(fault: Fault, sluis: Sluis) -> None:
    """The n-th statement fails, for every n of asking for a new password."""
    ada = Person(sluis, Belongings("Ada de Vries", "ada@clients.example"))

    async def stored() -> list[int]:
        told = "event = 'account.reset_requested'"
        return [await sluis.count("outbox_message"), await sluis.count("audit_event", told)]

    before = await stored()
    for n in range(1, 30):
        fault.arm(n)
        with suppress(Unanswered):
            await ada.forgets_password("ada@clients.example")
        if not fault.struck:
            break
        assert await stored() == before, n
    assert n > 5
    assert await stored() == [one + 1 for one in before]
