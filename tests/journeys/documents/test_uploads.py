"""Files come in by staff, checked and sealed; what is wrong is refused while it is read, and nothing of it stays."""

import tracemalloc
from collections.abc import AsyncIterator
from datetime import datetime

import httpx
import pytest

from models.housekeeping import tidy
from tests.people.cast import Person
from tests.people.staff import StaffPerson
from tests.support.clock import Clock
from tests.support.contents import HTML, pdf, picture, zip_in_pdf
from tests.support.sluis import Sluis

PDF = "application/pdf"
MEGABYTE = 1_000_000


def code(response: httpx.Response) -> tuple[int, str]:
    body = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"
    assert body["status"] == response.status_code
    assert body["detail"]
    return response.status_code, body["code"]


async def dripping(megabytes: int) -> AsyncIterator[bytes]:
    """Bit by bit, so that the sender holds none of it."""
    for _ in range(10 * megabytes):
        yield bytes(MEGABYTE // 10)


async def test_a_file_is_sealed_and_comes_back_as_it_was(sluis: Sluis, dr_vos: StaffPerson) -> None:
    report = pdf("Rapport over Ada")
    answer = await dr_vos.device.send(report, PDF)
    told = answer.json()
    assert (answer.status_code, told["mediaType"], told["size"]) == (201, PDF, len(report))
    assert (datetime.fromisoformat(told["attachBefore"]) - sluis.clock.now).total_seconds() == 3600
    (stored,) = await sluis.rows("SELECT * FROM stored_file")
    assert b"%PDF" not in bytes(stored["content"])
    assert len(stored["content"]) > len(report)
    back = await dr_vos.device.fetch(told["url"])
    assert (back.status_code, back.content, back.headers["content-type"]) == (200, report, PDF)
    events = await sluis.rows("SELECT event FROM audit_event WHERE event LIKE 'file.%' ORDER BY at, event")
    assert [row["event"] for row in events] == ["file.read", "file.uploaded"]


async def test_pictures_and_text(sluis: Sluis, olga: StaffPerson) -> None:
    for content, media_type in ((picture(), "image/png"), (picture("JPEG"), "image/jpeg")):
        assert (await olga.device.send(content, media_type)).status_code == 201
    answer = await olga.device.send(HTML, "text/plain; charset=utf-8")
    back = await olga.device.fetch(answer.json()["url"])
    assert back.headers["content-type"] == "text/plain; charset=utf-8"
    assert back.headers["content-disposition"].startswith("attachment; ")


@pytest.mark.security
@pytest.mark.parametrize(
    ("content", "media_type", "expected"),
    [
        (b"", PDF, "FILE_EMPTY"),
        (picture(), PDF, "FILE_NOT_PDF"),
        (HTML, PDF, "FILE_NOT_PDF"),
        (zip_in_pdf(), PDF, "FILE_NOT_PDF"),
        (pdf(), "image/png", "FILE_NOT_IMAGE"),
        (picture(), "text/plain", "FILE_NOT_TEXT"),
        (HTML, "text/html", "FILE_TYPE"),
        (pdf(), "", "FILE_TYPE"),
        (pdf(), "multipart/form-data; boundary=x", "FILE_TYPE"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_file_of_another_type_than_declared_is_refused(
    sluis: Sluis, dr_vos: StaffPerson, content: bytes, media_type: str, expected: str
) -> None:
    assert code(await dr_vos.device.send(content, media_type)) == (415, expected)
    assert await sluis.count("stored_file") == 0


@pytest.mark.security
@pytest.mark.parametrize("length", [50 * MEGABYTE, None], ids=["with its length", "in chunks"])
async def test_fifty_megabytes_are_refused_while_they_are_read(
    sluis: Sluis, dr_vos: StaffPerson, length: int | None
) -> None:
    tracemalloc.start()
    try:
        answer = await dr_vos.device.send(dripping(50), PDF, length)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert code(answer) == (413, "FILE_TOO_LARGE")
    assert "10.000.000" in answer.json()["detail"], "as Dutch writes it"
    assert most < 25 * MEGABYTE
    assert await sluis.count("stored_file") == 0
    assert (await dr_vos.device.send(pdf(), PDF)).status_code == 201, "and the next one is taken"


async def test_a_file_at_the_limit(sluis: Sluis, dr_vos: StaffPerson) -> None:
    for size, status in ((10 * MEGABYTE, 201), (10 * MEGABYTE + 1, 413)):
        assert (await dr_vos.device.send(b"a" * size, "text/plain")).status_code == status
    (stored,) = await sluis.rows("SELECT size FROM stored_file")
    assert stored["size"] == 10 * MEGABYTE


@pytest.mark.security
async def test_who_may_not_upload(sluis: Sluis, dr_vos: StaffPerson, ada: Person, mallory: Person) -> None:
    report = pdf()
    assert code(await mallory.device.send(report, PDF)) == (401, "NOT_SIGNED_IN")
    assert code(await mallory.device.send(b"a" * MEGABYTE, "text/plain")) == (401, "NOT_SIGNED_IN")
    await dr_vos.lets_in(ada)
    assert code(await ada.device.send(report, PDF)) == (403, "NOT_ALLOWED")
    assert await sluis.count("stored_file") == 0


@pytest.mark.security
async def test_no_other_page_can_send_one(sluis: Sluis, dr_vos: StaffPerson) -> None:
    http, page = dr_vos.device.http, "https://evil.example"
    for headers, expected in (
        ({"Sluis-Practice": "demo", "Origin": page}, (403, "FOREIGN_ORIGIN")),
        ({"Sluis-Practice": "", "Origin": page}, (401, "NOT_SIGNED_IN")),
        ({"Sluis-Practice": "", "Origin": ""}, (401, "NOT_SIGNED_IN")),
    ):
        for url in ("/upload", "/upload?practice=demo"):
            answer = await http.post(url, content=HTML, headers={"Content-Type": "text/plain", **headers})
            assert code(answer) == expected
    for method in ("GET", "PUT", "DELETE"):
        answer = await http.request(method, "/upload")
        assert code(answer) == (405, "METHOD_NOT_ALLOWED")
        assert answer.headers["allow"] == "POST"
    assert await sluis.count("stored_file") == 0


@pytest.mark.security
async def test_an_account_uploads_so_many_an_hour(
    sluis: Sluis, clock: Clock, dr_vos: StaffPerson, olga: StaffPerson
) -> None:
    wrong = [await dr_vos.device.send(b"no", PDF) for _ in range(60)]
    assert {code(answer) for answer in wrong} == {(415, "FILE_NOT_PDF")}
    refused = await dr_vos.device.send(pdf(), PDF)
    assert code(refused) == (429, "TOO_MANY_ATTEMPTS")
    assert 0 < int(refused.headers["retry-after"]) <= 3600
    assert (await olga.device.send(pdf(), PDF)).status_code == 201
    clock.forward(minutes=59)
    assert (await dr_vos.device.send(pdf(), PDF)).status_code == 429
    clock.forward(minutes=1)
    await dr_vos.signs_in()
    assert (await dr_vos.device.send(pdf(), PDF)).status_code == 201


async def test_what_nobody_used_is_gone_after_an_hour(sluis: Sluis, clock: Clock, olga: StaffPerson) -> None:
    url = (await olga.device.send(pdf(), PDF)).json()["url"]
    clock.forward(minutes=59)
    await tidy(clock.now)
    assert (await olga.device.fetch(url)).status_code == 200
    clock.forward(minutes=2)
    await tidy(clock.now)
    assert await sluis.count("stored_file") == 0
    assert code(await olga.device.fetch(url)) == (404, "NOT_FOUND")


async def test_a_client_that_hangs_up_leaves_nothing(sluis: Sluis, dr_vos: StaffPerson) -> None:
    async def hanging_up() -> AsyncIterator[bytes]:
        yield b"%PDF-1.7\n"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await dr_vos.device.send(hanging_up(), PDF)
    assert (await dr_vos.device.send(pdf(), PDF)).status_code == 201
    assert await sluis.count("stored_file") == 1
