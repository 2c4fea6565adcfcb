"""Downloads: the right to a document, its headers, and its row in the audit trail."""

import httpx
import pytest

from schema.files.downloads import disposition
from tests.people.cast import Person
from tests.people.staff import StaffPerson
from tests.support.contents import pdf
from tests.support.sluis import Sluis

REPORT = pdf("Rapport")
#: On another port it is another origin and the same site, so that browsers send the cookie.
FRONTEND = "http://localhost:3000"


@pytest.fixture
async def url(dr_vos: StaffPerson) -> str:
    """Where the therapist's file is."""
    told: str = (await dr_vos.device.send(REPORT, "application/pdf")).json()["url"]
    return told


def code(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json()["code"]


async def test_how_a_document_arrives(sluis: Sluis, dr_vos: StaffPerson, url: str) -> None:
    assert url.startswith(f"{sluis.url}/download/file/")
    answer = await dr_vos.device.fetch(url)
    assert answer.content == REPORT
    head = await dr_vos.device.fetch(url, "HEAD")
    assert (head.status_code, head.content) == (200, b"")
    for response in (answer, head):
        assert response.headers["content-disposition"].startswith('attachment; filename="')
        assert response.headers["content-length"] == str(len(REPORT))
        assert response.headers["content-security-policy"] == "sandbox; default-src 'none'"
        assert response.headers["cross-origin-resource-policy"] == "same-origin"
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "no-referrer"


async def test_by_cookie_by_link_and_by_token(dr_vos: StaffPerson, url: str) -> None:
    phone = dr_vos.elsewhere("BEARER")
    dr_vos.sluis.clock.forward(minutes=1)
    await phone.signs_in()
    assert (await phone.device.fetch(url)).content == REPORT
    assert (await dr_vos.device.follow(url)).content == REPORT
    assert (await dr_vos.device.follow(url, Sec_Fetch_Site="same-origin")).content == REPORT
    assert (await dr_vos.device.follow(url, Sec_Fetch_Site="none")).content == REPORT
    assert (await dr_vos.device.follow(url, Referer=f"{dr_vos.sluis.url}/p/demo")).content == REPORT, "an old browser"


@pytest.mark.security
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Accept": "text/html"},
        {"Referer": "https://evil.example/http://localhost:8000/"},
        {"Referer": "null"},
        {"Referer": "http://["},
        {"Sec_Fetch_Site": "cross-site", "Referer": "{own}/"},
        {"Sec_Fetch_Site": "", "Referer": "{own}/"},
        {"Authorization": "Bearer wrong"},
    ],
)
async def test_a_link_of_another_site_finds_nobody(dr_vos: StaffPerson, url: str, headers: dict[str, str]) -> None:
    own = dr_vos.sluis.url
    answer = await dr_vos.device.follow(url, **{name: value.format(own=own) for name, value in headers.items()})
    assert code(answer) == (401, "NOT_SIGNED_IN")
    sent = 'Bearer error="invalid_token"' if "Authorization" in headers else "Bearer"
    assert answer.headers["www-authenticate"] == sent
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.security
async def test_a_foreign_page_is_refused(dr_vos: StaffPerson, url: str) -> None:
    answer = await dr_vos.device.follow(url, Sluis_Practice="demo", Origin="https://evil.example")
    assert code(answer) == (403, "FOREIGN_ORIGIN")
    assert code(await dr_vos.device.follow(url.replace("=demo", "=other"))) == (401, "NOT_SIGNED_IN")
    assert code(await dr_vos.device.follow(url.partition("?")[0])) == (401, "NOT_SIGNED_IN")


async def test_a_practices_own_frontend_reads_it(sluis: Sluis, dr_vos: StaffPerson, url: str) -> None:
    await sluis.rows("UPDATE practice SET allowed_origins = ? WHERE slug = 'demo'", f'["{FRONTEND}"]')
    asked = {"Origin": FRONTEND, "Access-Control-Request-Method": "GET"}
    preflight = await dr_vos.device.http.options(url, headers=asked)
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-methods"] == "GET, HEAD"
    answer = await dr_vos.device.follow(url, Sluis_Practice="demo", Origin=FRONTEND)
    assert answer.content == REPORT
    assert answer.headers["access-control-allow-origin"] == FRONTEND
    assert answer.headers["access-control-expose-headers"] == "Content-Disposition"


@pytest.mark.security
async def test_objects_of_another_account_are_not_found(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, dr_else: StaffPerson, ada: Person, mallory: Person, url: str
) -> None:
    assert code(await mallory.device.fetch(url)) == (401, "NOT_SIGNED_IN")
    for person in (olga, dr_else):
        assert code(await person.device.takes(url)) == (404, "NOT_FOUND")
    await dr_vos.lets_in(ada)
    assert code(await ada.device.takes(url)) == (403, "NOT_ALLOWED")
    assert code(await ada.device.fetch(url)) == (409, "VIEWER_MISMATCH"), "the address names its account"
    told = await sluis.rows("SELECT outcome FROM audit_event WHERE event = 'file.read'")
    assert [row["outcome"] for row in told] == ["REFUSED", "REFUSED"]


async def test_what_is_no_document(sluis: Sluis, dr_vos: StaffPerson, url: str) -> None:
    base = url.rpartition("/")[0]
    report = (await dr_vos.finds("Ada de Vries"))["id"]
    for wrong in (f"{base}/none", f"{base}/{report}", url.replace("/file/", "/secret/"), f"{base}/{'A' * 300}"):
        assert code(await dr_vos.device.fetch(wrong)) == (404, "NOT_FOUND")
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = await dr_vos.device.fetch(url, method)
        assert code(answer) == (405, "METHOD_NOT_ALLOWED")
        assert answer.headers["allow"] == "GET, HEAD"
    await dr_vos.signs_out()
    assert code(await dr_vos.device.fetch(url)) == (401, "NOT_SIGNED_IN")


async def test_refusals_are_in_the_persons_language(mallory: Person, url: str) -> None:
    mallory.device.http.headers["Accept-Language"] = "nl"
    assert (await mallory.device.fetch(url)).json()["detail"] == "Log eerst in."


@pytest.mark.tampers("stored_file.content")
@pytest.mark.security
async def test_a_file_moved_to_another_practice_or_row_does_not_open(
    sluis: Sluis, dr_vos: StaffPerson, dr_else: StaffPerson, url: str
) -> None:
    other = (await dr_else.device.send(pdf("Elders"), "application/pdf")).json()["url"]
    second = (await dr_vos.device.send(pdf("Tweede"), "application/pdf")).json()["url"]
    rows = {bytes(row["content"]) for row in await sluis.rows("SELECT content FROM stored_file")}
    assert len(rows) == 3
    await sluis.rows("UPDATE stored_file SET content = (SELECT content FROM stored_file ORDER BY content LIMIT 1)")
    opened = [
        (await person.device.fetch(one)).status_code
        for person, one in ((dr_vos, url), (dr_vos, second), (dr_else, other))
    ]
    assert sorted(opened) == [200, 500, 500]


@pytest.mark.parametrize(
    ("name", "plain", "whole"),
    [
        ("Verslag.pdf", "Verslag.pdf", "Verslag.pdf"),
        ("Één łódź.pdf", "Een odz.pdf", "%C3%89%C3%A9n%20%C5%82%C3%B3d%C5%BA.pdf"),
        ("日本.pdf", "document.pdf", "%E6%97%A5%E6%9C%AC.pdf"),
        (".pdf", "document.pdf", "document.pdf"),
        ("", "document", "document"),
        ('a"; filename="evil.exe.pdf', "a__ filename=_evil.exe.pdf", "a__%20filename%3D_evil.exe.pdf"),
        ("../../etc/passwd", "_.._etc_passwd", "_.._etc_passwd"),
        ("a\r\nSet-Cookie: x=1.pdf", "a Set-Cookie_ x=1.pdf", "a%20Set-Cookie_%20x%3D1.pdf"),
        ("fdp.\u202egpj.pdf", "fdp. gpj.pdf", "fdp.%20gpj.pdf"),
        ("a" * 300 + ".pdf", "a" * 100 + ".pdf", "a" * 100 + ".pdf"),
    ],
)
def test_names_are_safe_everywhere(name: str, plain: str, whole: str) -> None:
    assert disposition(name) == f"attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}"
