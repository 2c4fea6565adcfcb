"""``demo``: a practice to try the product with, on this machine alone, made once."""

import asyncio
import json
import socket
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from commands.demo import DemoStaff
from tests.people.bookkeeper import Bookkeeper
from tests.people.staff import StaffPerson, at_work
from tests.support.command import Serving, free_port, ran
from tests.support.command import serving_anew as serving
from tests.support.databases import Database
from tests.support.sluis import visited


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo, what it printed, and the staff at their devices."""

    server: Serving
    told: dict[str, Any]
    olga: StaffPerson
    dr_vos: StaffPerson


@asynccontextmanager
async def demonstrating(folder: Path, port: int) -> AsyncIterator[Demo]:
    async with serving("demo", "--json", "--data-dir", folder, port=port, public_url=None) as server:
        (line,) = server.output.splitlines()
        told = json.loads(line)
        async with visited(server.url, Database(f"sqlite://{folder}/sluis.db")) as sluis:
            olga, dr_vos = (at_work(sluis, DemoStaff(**one)) for one in told["staff"])
            yield Demo(server, told, olga, dr_vos)


async def test_the_same_practice_is_there_each_time(tmp_path: Path) -> None:
    folder, port = tmp_path / "demo", free_port()
    async with demonstrating(folder, port) as demo:
        is_described_by_one_line(demo)
        await lets_the_therapist_in(demo)
        await has_a_mailbox(demo)
        await offers_what_the_guides_speak_of(demo)
        await has_worked_for_a_week(demo)
        assert (await demo.dr_vos.creates_dossier("D-2001", "Emma Bakker"))["__typename"] == "DossierCreated"
        code, seconds = await demo.server.stopped()
        assert code == 0
        assert seconds < 15
        assert "Traceback" not in demo.server.errors
        first = demo.told
    assert {stat.S_IMODE(file.stat().st_mode) & 0o077 for file in [folder, folder / "demo.json"]} == {0}
    async with demonstrating(folder, port) as demo:
        assert demo.told == first
        assert (await demo.dr_vos.starts_sign_in())["__typename"] == "FactorRequired"
        assert (await demo.olga.signs_in())["__typename"] == "SignedIn"
        references = [dossier["reference"] for dossier in await demo.olga.sees_dossiers()]
        assert sorted(references) == ["D-1001", "D-1002", "D-2001"], "what was added is still there"


def is_described_by_one_line(demo: Demo) -> None:
    told, url = demo.told, demo.server.url
    assert set(told) == {"url", "graphql", "mailbox", "practice", "staff", "dossiers", "prospects"}
    assert (told["url"], told["graphql"], told["mailbox"]) == (url, f"{url}/graphql", f"{url}/dev/mailbox")
    assert told["practice"] == "demo"
    assert [one["role"] for one in told["staff"]] == ["OWNER", "THERAPIST"]
    assert all(set(one) == {"email", "password", "totp_secret", "role"} for one in told["staff"])
    assert [(one["email"], set(one)) for one in told["prospects"]] == [
        ("eva@clients.example", {"id", "name", "email", "password"})
    ]
    people = [person for dossier in told["dossiers"] for person in dossier["respondents"]]
    assert len(told["dossiers"]) == 2
    assert any(person["email"] is None for person in people), "one cannot be invited yet"


async def lets_the_therapist_in(demo: Demo) -> None:
    done = await demo.dr_vos.signs_in()
    assert (done["__typename"], done["access"]) == ("SignedIn", "APPROVED")
    seen = {dossier["id"]: dossier for dossier in await demo.dr_vos.sees_dossiers()}
    for dossier in demo.told["dossiers"]:
        respondents = seen[dossier["id"]]["respondents"]
        assert {one["id"] for one in respondents} == {one["id"] for one in dossier["respondents"]}


async def offers_what_the_guides_speak_of(demo: Demo) -> None:
    question = '{ practice(slug: "demo") { signInOptions { factor } } }'
    async with httpx.AsyncClient() as http:
        answer = (await http.post(demo.told["graphql"], json={"query": question})).json()
    offered = [option["factor"] for option in answer["data"]["practice"]["signInOptions"]]
    assert offered == ["totp", "passkeys", "sms"]


async def has_worked_for_a_week(demo: Demo) -> None:
    """Sessions held, passed and to come, the last by video with a colleague, and a receipt with all its facts."""
    vos = Bookkeeper(demo.dr_vos.sluis, demo.dr_vos.own)
    vos.device = demo.dr_vos.device
    page = await vos.sees_appointments(demo.told["dossiers"][0])
    planned = sorted((edge["node"] for edge in page["edges"]), key=lambda one: str(one["startsAt"]))
    assert [one["state"] for one in planned] == ["COMPLETED", "PASSED", "BOOKED"]
    assert planned[2]["video"] is not None
    assert [one["name"] for one in planned[2]["colleagues"]] == ["Olga Owner"]
    (edge,) = (await vos.sees_receipts(demo.told["dossiers"][0]))["edges"]
    receipt = edge["node"]
    assert (receipt["practiceAgbCode"], receipt["practiceKvkNumber"]) == ("94012345", "12345678")
    assert (receipt["therapistAgbCode"], receipt["therapistBigNumber"]) == ("94098765", "12345678901")
    assert receipt["paidBy"] == "CARD"
    assert [line["amount"] for line in receipt["lines"]] == ["95.00", "-10.00"]
    assert receipt["total"] == "85.00"
    assert (await ran("verify-data", database_url=demo.dr_vos.sluis.database.url)).code == 0


async def has_a_mailbox(demo: Demo) -> None:
    respondent = demo.told["dossiers"][1]["respondents"][0]
    assert (await demo.dr_vos.invites(respondent["id"]))["__typename"] == "RespondentInvited"
    async with httpx.AsyncClient() as http:
        mail: list[dict[str, Any]] = []
        async with asyncio.timeout(15):
            while not any(one["to"] == respondent["email"] for one in mail):
                mail = (await http.get(demo.told["mailbox"] + ".json")).json()
        page = await http.get(demo.told["mailbox"])
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert respondent["email"] in page.text
        ide = await http.get(demo.told["graphql"], headers={"Accept": "text/html"})
        assert ide.status_code == 200
        for path in ("/health", "/ready", "/p/demo"):
            assert (await http.get(demo.told["url"] + path)).status_code == 200
        assert (await http.get(demo.told["url"] + "/p/nope")).status_code == 404


async def test_other_machines_do_not_reach_it(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outward:
        try:
            # Sends nothing: asks under which address this machine would.
            outward.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no network")
        address = outward.getsockname()[0]
    async with demonstrating(tmp_path / "demo", free_port()) as demo, httpx.AsyncClient() as http:
        with pytest.raises(httpx.ConnectError):
            await http.get(demo.server.url.replace("localhost", address))


async def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (problem,) = (await ran("demo", "--data-dir", tmp_path, "--port", port)).problems
    assert problem == f"Nothing can listen on localhost, port {port}: Address already in use. Choose another --port."


async def test_a_folder_that_is_none_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    (problem,) = (await ran("demo", "--data-dir", file)).problems
    assert problem == f"--data-dir {file} can't be a folder of the demo's: File exists."


async def test_it_is_for_development_whatever_the_environment_says(tmp_path: Path) -> None:
    async with serving("demo", "--data-dir", tmp_path, environment="production", public_url=None) as server:
        assert "vos@desluis.example" in server.output
        assert "TOTP secret" in server.output, "for people: how to sign in"
