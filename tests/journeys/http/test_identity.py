"""For whom a request is meant, and what becomes of it when somebody else is signed in, or nobody any more.

Ada and Bram share a browser: it has one cookie a practice, and pages of both are open.
"""

import json
from datetime import timedelta
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.people.cast import Person
from tests.people.staff import StaffPerson, at_work
from tests.support.contents import pdf
from tests.support.sluis import Sluis

ME = "{ viewer { id name } }"
RENAME = 'mutation { updateOwnContact(input: {phone: "0612345678"}) { __typename } }'


@pytest.fixture
async def shared(dr_vos: StaffPerson, ada: Person, bram: Person) -> tuple[str, str]:
    """The ids of Ada's and of Bram's account; Ada signed in, then Bram in another tab of the same browser."""
    for person in (ada, bram):
        await dr_vos.lets_in(person)
        await person.signs_out()
    await ada.signs_in()
    first: str = (await ada.device.ask(ME))["id"]
    bram.device = ada.device
    await bram.signs_in()
    return first, (await bram.device.ask(ME))["id"]


def code(body: Any) -> Any:
    assert "errors" in body, body
    return body["errors"][0]["extensions"]["code"]


async def test_page_of_another_account_does_nothing(sluis: Sluis, ada: Person, shared: tuple[str, str]) -> None:
    """Whatever it asks: nothing of it runs, so that nothing is read, changed or counted."""
    hers, his = shared
    before = await sluis.database.tables()
    for document in (ME, "mutation { signOut { __typename } }", "mutation { beginStepUp { __typename } }"):
        ada.device.http.headers["Sluis-Viewer"] = hers
        answer = await ada.device.post(document)
        assert (answer.status_code, code(answer.json())) == (409, "VIEWER_MISMATCH")
        assert "data" not in answer.json()
        assert "Bram" not in answer.text
        ada.device.http.headers["Accept-Language"] = "nl"
        assert "iemand anders" in (await ada.device.post(document)).text
    assert await sluis.database.tables() == before
    ada.device.http.headers["Sluis-Viewer"] = his
    assert (await ada.device.ask(ME))["name"] == "Bram Jansen"
    del ada.device.http.headers["Sluis-Viewer"]
    assert (await ada.device.ask(ME))["name"] == "Bram Jansen", "who does not say for whom is answered as before"


@pytest.mark.parametrize("viewer", ["", "x", "QWNjb3VudDp4", "TG9naW5TZXNzaW9uOjE", "é" * 300])
async def test_what_is_no_id_is_nobodys(ada: Person, shared: tuple[str, str], viewer: str) -> None:
    answer = await ada.device.http.post(
        "/graphql", json={"query": ME}, headers=[(b"Sluis-Viewer", viewer.encode("utf-8"))]
    )
    assert (answer.status_code, code(answer.json())) == (409, "VIEWER_MISMATCH")


async def test_for_somebody_where_nobody_is_signed_in(ada: Person, shared: tuple[str, str]) -> None:
    await ada.signs_out()
    ada.device.http.headers["Sluis-Viewer"] = shared[0]
    answer = await ada.device.post(ME)
    assert (answer.status_code, code(answer.json())) == (401, "NOT_SIGNED_IN")


async def test_uploads_and_downloads_name_their_account(sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson) -> None:
    """A download's address says it by itself, for a link that is followed has no header."""
    me = (await dr_vos.device.ask(ME))["id"]
    other = (await olga.device.ask(ME))["id"]
    dr_vos.device.http.headers["Sluis-Viewer"] = other
    refused = await dr_vos.device.send(pdf(), "application/pdf")
    assert (refused.status_code, refused.json()["code"]) == (409, "VIEWER_MISMATCH")
    assert await sluis.count("stored_file") == 0
    dr_vos.device.http.headers["Sluis-Viewer"] = me
    stored = (await dr_vos.device.send(pdf(), "application/pdf")).json()
    assert f"viewer={me}" in stored["url"]
    del dr_vos.device.http.headers["Sluis-Viewer"]
    assert (await dr_vos.device.follow(stored["url"])).status_code == 200
    manager = at_work(sluis, sluis.population.olga)
    manager.device = dr_vos.device
    sluis.clock.forward(minutes=2)
    assert (await manager.signs_in())["__typename"] == "SignedIn"
    followed = await manager.device.follow(stored["url"])
    assert (followed.status_code, followed.json()["code"]) == (409, "VIEWER_MISMATCH")
    mine = stored["url"].replace(me, other)
    assert (await manager.device.follow(mine)).status_code != 409


async def test_audit_export_url_names_its_account(olga: StaffPerson, dr_vos: StaffPerson) -> None:
    url = (await olga.device.ask("{ auditTrail(first: 1) { exportUrl } }"))["exportUrl"]
    me, other = (await olga.device.ask(ME))["id"], (await dr_vos.device.ask(ME))["id"]
    assert f"viewer={me}" in url
    refused = await dr_vos.device.follow(url)
    assert (refused.status_code, refused.json()["code"]) == (409, "VIEWER_MISMATCH")
    assert (await olga.device.fetch(url.replace(me, other))).status_code == 200, "a token says it by itself"


async def opened(sluis: Sluis, cookies: str, **payload: object) -> tuple[str, int, str]:
    """What a socket answers to `connection_init`: its message, or the code and reason with which it closes."""
    url = f"{sluis.url.replace('http', 'ws', 1)}/graphql"
    protocol = Subprotocol("graphql-transport-ws")
    async with connect(url, subprotocols=[protocol], additional_headers={"Cookie": cookies}) as line:
        await line.send(json.dumps({"type": "connection_init", "payload": payload}))
        try:
            return json.loads(await line.recv())["type"], 0, ""
        except ConnectionClosed:
            return "", line.close_code or 0, line.close_reason or ""


async def test_socket_names_its_account(sluis: Sluis, ada: Person, shared: tuple[str, str]) -> None:
    hers, his = shared
    cookies = ada.device.cookies
    assert await opened(sluis, cookies, practice="demo", viewer=his) == ("connection_ack", 0, "")
    assert await opened(sluis, cookies, practice="demo", viewer=hers) == ("", 4403, "VIEWER_MISMATCH")
    assert await opened(sluis, "", practice="demo", viewer=hers) == ("", 4403, "NOT_SIGNED_IN")
    for odd in (5, [his], True):
        assert await opened(sluis, cookies, practice="demo", viewer=odd) == ("", 4403, "VIEWER_MISMATCH")


async def test_two_accounts_in_one_browser_are_both_remembered(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, bram: Person
) -> None:
    """Each by a cookie of their own; neither skips the other's factor."""
    for person in (ada, bram):
        await dr_vos.lets_in(person)
    bram.device = ada.device
    for person in (ada, bram):
        await person.signs_out()
        assert (await person.signs_in(remember=43200))["__typename"] == "SignedIn"
    assert len([name for name in ada.device.http.cookies if name.startswith("sluis-device-demo.")]) == 2
    for person in (ada, bram, ada):
        await person.signs_out()
        assert (await person.starts_sign_in())["__typename"] == "SignedIn", person.own.name
    carla = Person(sluis, ada.own.__class__("Carla Jansen", "carla@clients.example"))
    carla.device = ada.device
    await dr_vos.takes_on(carla, "D-1002")
    assert (await carla.starts_sign_in())["__typename"] != "SignedIn"


@pytest.mark.parametrize("authorization", ["Bearer x", "Bearer", "Basic YTpi", "x"])
async def test_invalid_token_is_reported(ada: Person, authorization: str) -> None:
    answer = await ada.device.http.post("/graphql", json={"query": ME}, headers={"Authorization": authorization})
    assert answer.status_code == 200
    body = answer.json()
    assert body["data"] == {"viewer": None}
    assert "errors" in body, body
    assert [error["extensions"]["code"] for error in body["errors"]] == ["INVALID_TOKEN"]
    assert body["extensions"]["session"]["code"] == "INVALID_TOKEN"
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


async def test_ended_bearer_token_is_reported_at_every_path(sluis: Sluis, olga: StaffPerson) -> None:
    token = olga.device.session_token
    export = (await olga.device.ask("{ viewer { exportUrl } }"))["exportUrl"].partition("?")[0]
    assert "errors" not in (await olga.device.post(ME)).json()
    await olga.signs_out()
    olga.device.session_token = token
    assert (await olga.device.post(ME)).json()["extensions"]["session"]["code"] == "INVALID_TOKEN"
    staff = (await olga.device.post("{ dossiers(first: 1) { edges { cursor } } }")).json()
    assert ([code(staff)], staff["extensions"]["session"]["code"]) == (["NOT_SIGNED_IN"], "INVALID_TOKEN")
    for answer in (await olga.device.send(pdf(), "application/pdf"), await olga.device.fetch(export)):
        assert (answer.status_code, answer.json()["code"]) == (401, "NOT_SIGNED_IN")
        assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


async def test_expired_cookie_is_reported_beside_the_answer(sluis: Sluis, dr_vos: StaffPerson) -> None:
    """No error: the browser sends it by itself, with the next sign-in too."""
    sluis.clock.now += timedelta(hours=1, minutes=1)
    body = (await dr_vos.device.post(ME)).json()
    assert body["data"] == {"viewer": None}
    assert "errors" not in body
    assert "extensions" in body, body
    assert body["extensions"]["session"]["code"] == "INVALID_TOKEN"
    assert (await dr_vos.signs_in())["__typename"] == "SignedIn"
    assert "extensions" not in (await dr_vos.device.post(ME)).json()
    dr_vos.device.http.cookies.clear()
    assert "extensions" not in (await dr_vos.device.post(ME)).json(), "nothing was sent"
