"""A cookie that somebody else knows, or knew, never becomes this person's session."""

import httpx
import pytest

from tests.people.cast import Person
from tests.people.staff import StaffPerson
from tests.support.sluis import Sluis

pytestmark = pytest.mark.security


async def who(sluis: Sluis, cookie: str) -> object:
    """The person signed in by a cookie, in a browser of its own."""
    headers = {"Cookie": cookie, "Sluis-Practice": "demo", "Origin": sluis.url}
    async with httpx.AsyncClient(base_url=sluis.url, headers=headers) as browser:
        return (await browser.post("/graphql", json={"query": "{ viewer { name } }"})).json()["data"]["viewer"]


async def test_planted_cookie_is_replaced_at_sign_in(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, bram: Person
) -> None:
    await dr_vos.lets_in(ada)
    await dr_vos.lets_in(bram)
    planted = bram.device.cookies
    name, _, value = planted.partition("; ")[0].partition("=")
    browser = ada.elsewhere()
    browser.device.http.cookies.set(name, value, domain="localhost.local", path="/")
    sluis.clock.forward(minutes=1)
    assert (await browser.signs_in())["viewer"]["name"] == ada.own.name
    assert browser.device.cookies.count(f"{name}=") == 1, "in the place of the one that was planted"
    assert value not in browser.device.cookies
    assert await who(sluis, browser.device.cookies) == {"name": ada.own.name}
    assert await who(sluis, planted) == {"name": bram.own.name}, "nobody else's session by it"


async def test_cookie_from_before_a_step_up_is_invalid_after_it(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    before = ada.device.cookies
    assert await who(sluis, before) == {"name": ada.own.name}
    sluis.clock.forward(minutes=1)
    assert (await ada.steps_up())["__typename"] == "SteppedUp"
    assert await who(sluis, before) is None
    assert await who(sluis, ada.device.cookies) == {"name": ada.own.name}
