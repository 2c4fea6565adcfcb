"""All data about a person in one file: for that person alone, after a step-up, without secrets."""

import io
import zipfile
from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest

from tests.people.cast import Belongings, Person
from tests.people.device import Answer
from tests.people.planner import planning
from tests.people.staff import StaffPerson
from tests.support.sluis import Sluis


async def where(person: Person) -> str:
    """The address of one's own file."""
    viewer: Answer = await person.device.ask("{ viewer { exportUrl } }")
    url: str = viewer["exportUrl"]
    return url


def unzipped(answer: httpx.Response) -> dict[str, Any]:
    """The data in a file that arrived."""
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip"), answer.text
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    data: dict[str, Any] = orjson.loads(archive.read("data.json"))
    return data


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_all_that_is_known_of_a_person(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    await ada.wants(name="Ada van Dam")
    url = await where(ada)
    sluis.clock.forward(minutes=5)
    assert code(await ada.device.fetch(url)) == (403, "STEP_UP_REQUIRED")
    await ada.steps_up()
    answer = await ada.device.follow(url)
    assert 'filename="mijn-gegevens.zip"' in answer.headers["content-disposition"]
    data = unzipped(answer)
    assert (data["account"]["email"], data["account"]["loginCode"]) == (ada.own.email, ada.own.login)
    assert data["practice"]["slug"] == "demo"
    (access,) = data["access"]
    assert (access["state"], access["relation"], access["respondent"]) == ("APPROVED", "SELF", ada.own.name)
    assert {one["factor"] for one in data["factors"]} == {"totp", "recovery_codes"}
    assert [one["wanted"] for one in data["changeRequests"]] == ["Ada van Dam"]
    assert (data["sessions"][0]["userAgent"], data["sessions"][0]["device"]) == ("COOKIE", "Onbekend apparaat")
    events = {one["event"] for one in data["log"]}
    assert {"dossier.created", "access.approved", "sign_in.completed", "factor.enrolled"} <= events
    assert data["leftOut"] == []
    secrets = [ada.own.password, *ada.own.codes]
    (row,) = await sluis.rows("SELECT password_hash FROM account WHERE name = ?", ada.own.name)
    assert not any(secret in str(data) for secret in [*secrets, row["password_hash"]])
    assert await sluis.count("audit_event", "event = 'account.exported'") == 1


@pytest.mark.security
async def test_care_is_what_the_portal_shows(sluis: Sluis, dr_vos: StaffPerson, ada: Person, bram: Person) -> None:
    await dr_vos.lets_in(ada)
    await dr_vos.lets_in(bram)
    vos = planning(dr_vos)
    mine, his = await vos.opens_dossier("D-1001"), await vos.opens_dossier("D-1002")
    starts = sluis.clock.now + timedelta(days=1)
    await vos.books(mine, starts, note="Neem uw agenda mee")
    await vos.books(mine, starts + timedelta(days=7))
    await vos.books(his, starts + timedelta(days=1), note="Van Bram")
    data = unzipped(await ada.device.fetch(await where(ada)))
    assert [one["note"] for one in data["appointments"]] == ["", "Neem uw agenda mee"], "newest first"
    assert {one["with"] for one in data["appointments"]} == {"Dr. T. Vos"}
    assert "Bram" not in str(data)


@pytest.mark.security
async def test_nobody_elses(sluis: Sluis, dr_vos: StaffPerson, ada: Person, bram: Person, mallory: Person) -> None:
    await dr_vos.lets_in(ada)
    await dr_vos.lets_in(bram)
    url = await where(ada)
    assert code(await bram.device.takes(url)) == (404, "NOT_FOUND")
    assert code(await dr_vos.device.takes(url)) == (404, "NOT_FOUND")
    assert code(await mallory.device.fetch(url)) == (401, "NOT_SIGNED_IN")
    assert code(await ada.device.fetch(url.partition("&viewer=")[0][:-20])) == (404, "NOT_FOUND")
    his = unzipped(await bram.device.fetch(await where(bram)))
    assert ada.own.name not in str(his)
    assert ada.own.email not in str(his)


@pytest.mark.security
async def test_half_signed_in_is_not_signed_in(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    url = await where(ada)
    underway = ada.elsewhere("BEARER")
    step = await underway.starts_sign_in()
    underway.device.session_token = step["token"]
    assert code(await underway.device.fetch(url)) == (401, "NOT_SIGNED_IN")
    assert await sluis.count("audit_event", "event = 'account.exported'") == 0


@pytest.mark.security
async def test_nothing_of_a_dossier_before_approval(sluis: Sluis, dr_vos: StaffPerson) -> None:
    carla = Person(sluis, Belongings("Carla Jansen", "carla@clients.example"))
    identity = await dr_vos.lets_in(carla)
    whole = unzipped(await carla.device.fetch(await where(carla)))
    assert whole["access"][0]["client"] == "Bram Jansen"
    assert not {"dossier.created", "dossier.listed"} & {one["event"] for one in whole["log"]}, (
        "the dossier is her son's"
    )
    await dr_vos.resets_factors(identity)
    await carla.keeps_codes(await carla.sets_up_app(await carla.starts_sign_in()))
    waiting = unzipped(await carla.device.fetch(await where(carla)))
    assert [one.keys() for one in waiting["access"]] == [{"state", "since"}]
    assert "Bram" not in str(waiting)


@pytest.mark.security
async def test_not_without_end(dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    url = await where(ada)
    statuses = [(await ada.device.fetch(url)).status_code for _ in range(7)]
    assert statuses == [200] * 5 + [429] * 2


async def test_answers_and_reports_come_along(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    identity = await dr_vos.lets_in(ada)
    dossier = (await dr_vos.opens_dossier("D-1001"))["id"]
    await dr_vos.delivers(identity, "ROM-1")
    shown = (await dr_vos.adds_report(dossier, "Verslag", text="Alles goed"))["report"]["id"]
    await dr_vos.adds_report(dossier, "Niet voor haar", text="geheim")
    await dr_vos.releases(shown, identity)
    answer = await ada.device.fetch(await where(ada))
    data = unzipped(answer)
    (form,), (report,) = data["answers"], data["reports"]
    assert form["groups"][0] == {"title": "Dag", "questions": [{"question": "Bent u moe?", "answers": []}]}
    assert (report["title"], report["about"]) == ("Verslag", ada.own.name)
    assert zipfile.ZipFile(io.BytesIO(answer.content)).read(report["file"]) == b"Alles goed"
    await dr_vos.sets_scopes(identity, [])
    data = unzipped(await ada.device.fetch(await where(ada)))
    assert data["answers"] == data["reports"] == []
