"""Who waits for approval with an open page stays signed in, up to the session's total; then the page is told so."""

import asyncio
from contextlib import suppress
from datetime import datetime

import orjson
import pytest
from websockets.exceptions import ConnectionClosed

from models.db.database import as_time
from tests.people.cast import Person
from tests.people.device import Subscription
from tests.people.staff import StaffPerson
from tests.support.sluis import Sluis

PROGRESS = "subscription($id: ID!) { loginProgressChanged(dossier: $id) { respondents { name } } }"


@pytest.fixture
async def waiting(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> str:
    """Ada's respondent: she has set up her app and waits."""
    found = await dr_vos.finds(ada.own.name)
    respondent: str = found["id"]
    await dr_vos.gives_email(found, ada.own.email)
    await dr_vos.invites(respondent)
    await ada.accepts(await ada.gets_link("accept"), "vier losse paarden rennen")
    assert (await ada.comes_in())["access"] == "AWAITING_APPROVAL"
    return respondent


async def last_seen(sluis: Sluis, person: Person) -> datetime:
    (row,) = await sluis.rows(
        "SELECT s.last_seen_at FROM login_session s JOIN account a ON a.id = s.account_id"
        " WHERE a.audience = ? AND s.transport = 'COOKIE' AND s.ended_at IS NULL",
        "STAFF" if isinstance(person, StaffPerson) else "RESPONDENT",
    )
    seen = as_time(row["last_seen_at"])
    assert seen is not None
    return seen


async def seen_now(sluis: Sluis, person: Person) -> None:
    """The open subscription looks once a second and notes that its page is there."""
    async with asyncio.timeout(20):
        while await last_seen(sluis, person) != sluis.clock.now:
            pass


async def ending(page: Subscription) -> tuple[list[str], int]:
    """The kinds of messages until the socket closes, and its code."""
    kinds: list[str] = []
    async with asyncio.timeout(20):
        with suppress(ConnectionClosed):
            while True:
                kinds.append(orjson.loads(await page.connection.recv())["type"])
    return kinds, page.connection.close_code or 0


async def test_the_waiting_page_may_be_open_for_longer_than_the_idle_time(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, waiting: str
) -> None:
    async with ada.watches_access() as page:
        assert (await page.news())["access"] == "AWAITING_APPROVAL"
        for _ in range(4):
            sluis.clock.forward(minutes=50)
            await seen_now(sluis, ada)
        await dr_vos.signs_in()
        assert (await dr_vos.approves(waiting))["__typename"] != "StepUpRequired"
        assert (await page.news())["access"] == "APPROVED"
    assert await ada.looks_at_own_account() is not None


async def test_after_the_total_the_page_is_told_and_no_stream_completes(
    sluis: Sluis, ada: Person, waiting: str
) -> None:
    """Told complete, it would close the socket itself (1000) and think that the news were over."""
    async with ada.watches_access() as page:
        await page.news()
        for _ in range(28):
            sluis.clock.forward(minutes=50)
            await seen_now(sluis, ada)
        sluis.clock.forward(minutes=50)
        assert await ending(page) == ([], 4403)


async def test_an_open_page_keeps_nobody_signed_in_who_has_access(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson
) -> None:
    dossier = (await dr_vos.opens_dossier("D-1001"))["id"]
    seen = await last_seen(sluis, dr_vos)
    async with dr_vos.device.subscribe(PROGRESS, id=dossier) as page:
        await page.news()
        sluis.clock.forward(minutes=50)
        await olga.adds_respondent(dossier, "Oma Jansen", None)
        assert await page.news(), "so the page was looked at after 50 minutes"
        assert await last_seen(sluis, dr_vos) == seen
        sluis.clock.forward(minutes=11)
        assert await ending(page) == ([], 4403)
    assert await last_seen(sluis, dr_vos) == seen


async def test_without_an_open_page_the_idle_time_ends_it(sluis: Sluis, ada: Person, waiting: str) -> None:
    sluis.clock.forward(minutes=61)
    assert await ada.looks_at_own_account() is None


async def test_a_refused_subscription_is_an_error(dr_vos: StaffPerson, ada: Person, waiting: str) -> None:
    """Of a field that is not theirs, and of a dossier that is out of reach: nothing began, so nothing is next."""
    dossier = (await dr_vos.opens_dossier("D-1001"))["id"]
    for person, identity, code in ((ada, dossier, "AWAITING_APPROVAL"), (dr_vos, "QWNjb3VudDp4", "NOT_FOUND")):
        async with person.device.subscribe(PROGRESS, id=identity) as page:
            answer = await page.receive()
        assert (answer["type"], [error["extensions"]["code"] for error in answer["payload"]]) == ("error", [code])
