"""An owner takes the audit trail along: after a step-up, told before it leaves, and never a part for the whole."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from flows.audit_trail.audit_export import PAGE
from flows.core import audit
from flows.core.audit import Actor
from flows.core.context import ClientInfo
from models.db.database import transaction
from tests.people.auditor import TRAIL, export_url, searches
from tests.people.cast import Person
from tests.people.staff import StaffPerson, at_work
from tests.support.faulty import Fault, faulty
from tests.support.sluis import Sluis

_AUDIT = "/download/audit"


def code(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize("form", ["csv", "jsonl"])
async def test_owner_exports_the_trail(
    sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, ada: Person, form: str
) -> None:
    since = sluis.clock.now
    await dr_vos.lets_in(ada)
    sluis.clock.forward(minutes=10)
    url = await export_url(olga, **{"from": since.isoformat()})
    assert url.startswith(f"{sluis.url}{_AUDIT}?practice=demo&viewer=")
    assert code(await olga.device.fetch(url)) == (403, "STEP_UP_REQUIRED")
    assert await sluis.count("audit_event", "event = 'audit.exported'") == 0
    await olga.steps_up()
    known = [event["id"] for event in await searches(olga, **{"from": since.isoformat()})]
    sluis.clock.forward(seconds=1)
    answer = await olga.device.fetch(f"{url}&format={form}")
    assert answer.status_code == 200, answer.text
    assert (
        answer.headers["content-type"]
        == {
            "csv": "text/csv; charset=utf-8",
            "jsonl": "application/x-ndjson",
        }[form]
    )
    assert f'filename="auditspoor.{form}"' in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "content-length" not in answer.headers
    rows = (
        list(csv.DictReader(io.StringIO(answer.text, newline="")))
        if form == "csv"
        else [json.loads(line) for line in answer.text.splitlines()]
    )
    # What was known, and the search that told so.
    assert len(rows) == len(known) + 1
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    (approved,) = [row for row in rows if row["event"] == "access.approved"]
    assert (approved["actorName"], approved["actorRole"], approved["outcome"]) == ("Dr. T. Vos", "THERAPIST", "SUCCESS")
    await _same_ids(olga, approved)
    assert "audit.exported" not in {row["event"] for row in rows}
    told = await searches(olga, event="audit.exported")
    given = {"from": since.isoformat(), "until": sluis.clock.now.isoformat(), "format": form}
    assert [{one["key"]: one["value"] for one in event["details"]} for event in told] == [given]


async def _same_ids(olga: StaffPerson, row: dict[str, Any]) -> None:
    """Each id of an exported row is the search's, and finds it."""
    ids, types = (one.split() if isinstance(one, str) else one for one in (row["subjects"], row["subjectTypes"]))
    (dossier,) = [id_ for id_, type_ in zip(ids, types, strict=True) if type_ == "Dossier"]
    given = ({"actor": row["actorAccount"]}, {"actor": row["actorMember"]}, {"session": row["session"]})
    for narrowed in (*given, {"subject": dossier}):
        (found,) = [one for one in await searches(olga, **narrowed) if one["id"] == row["id"]]
        assert [(one["type"], one["id"]) for one in found["subjects"]] == list(zip(types, ids, strict=True))
        assert (found["actor"]["account"], found["session"]) == (row["actorAccount"], row["session"])


async def test_how_it_may_be_asked_for(sluis: Sluis, olga: StaffPerson) -> None:
    for wrong, field in (("format=xml", "format"), ("from=yesterday", "from"), ("until=2026-03-02T12:00:00", "until")):
        answer = await olga.device.fetch(f"{_AUDIT}?{wrong}")
        assert code(answer) == (400, "INVALID_INPUT"), field
    for unknown in ("subject=x", "practice=demo&until=2026-03-02T12:00:00Z&Format=csv", f"{'x' * 500}=", "token=x"):
        answer = await olga.device.fetch(f"{_AUDIT}?{unknown}")
        assert code(answer) == (400, "INVALID_INPUT"), unknown
        assert "practice, viewer, from, until, format" in answer.text
        assert "x" * 41 not in answer.text
    assert await sluis.count("audit_event", "event = 'audit.exported'") == 0
    head = await olga.device.fetch(_AUDIT, "HEAD")
    assert (head.status_code, head.content) == (200, b"")
    for method in ("POST", "DELETE"):
        assert code(await olga.device.fetch(_AUDIT, method)) == (405, "METHOD_NOT_ALLOWED")
    await olga.signs_out()
    assert code(await olga.device.fetch(_AUDIT)) == (401, "NOT_SIGNED_IN")


@pytest.mark.security
async def test_a_link_counts_from_the_own_site_alone(sluis: Sluis) -> None:
    person = at_work(sluis, sluis.population.olga)
    await person.signs_in()
    url = await export_url(person)
    for headers in ({"Sec_Fetch_Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert code(await person.device.follow(url, **headers)) == (401, "NOT_SIGNED_IN")
    assert code(await person.device.follow(url.replace("=demo", "=other"))) == (401, "NOT_SIGNED_IN")
    assert (await person.device.follow(url)).status_code == 200


@pytest.mark.security
async def test_not_without_end(olga: StaffPerson) -> None:
    answers = [await olga.device.fetch(_AUDIT) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert code(answers[-1]) == (429, "TOO_MANY_ATTEMPTS")
    assert int(answers[-1].headers["retry-after"]) == 3600


@pytest.mark.security
async def test_what_breaks_off_is_seen_not_to_be_whole(sluis: Sluis, olga: StaffPerson, dr_vos: StaffPerson) -> None:
    """The reader stops being an owner while a page is under way that no socket's buffers hold."""
    assert sluis.app is not None
    await sluis.rows("UPDATE staff_member SET role = 'OWNER' WHERE email = ?", dr_vos.own.email)
    (practice,) = await sluis.rows("SELECT id FROM practice WHERE slug = 'demo'")
    actor = Actor(ClientInfo(), str(practice["id"]))
    async with transaction():
        # The server is a page ahead of the one that its reader's connection takes in.
        for _ in range(2 * PAGE + 1):
            await audit.record(sluis.app, actor, "policy.set", details={"long": "x" * 30_000})
    sluis.clock.forward(seconds=1)
    authorization = {"Authorization": f"Bearer {olga.device.session_token}"}
    async with olga.device.http.stream("GET", f"{_AUDIT}?format=jsonl", headers=authorization) as answer:
        assert answer.status_code == 200
        pieces = answer.aiter_raw()
        received = [await anext(pieces)]
        await sluis.rows("UPDATE staff_member SET role = 'ADMIN' WHERE email = ?", olga.own.email)
        with pytest.raises(httpx.RemoteProtocolError):
            received += [piece async for piece in pieces]
    assert 0 < b"".join(received).count(b"\n") <= 2 * PAGE
    assert code(await olga.device.fetch(_AUDIT)) == (403, "NOT_ALLOWED")


@pytest.fixture
def fault(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fault]:
    with faulty(monkeypatch) as made:
        yield made


@pytest.mark.security
async def test_trail_without_its_audit_row_is_unavailable(fault: Fault, sluis: Sluis) -> None:
    """The n-th statement fails, for every n before the first byte."""
    olga = at_work(sluis, sluis.population.olga, "BEARER")
    await olga.signs_in()
    for n in range(1, 20):
        before = await sluis.count("audit_event", "event = 'audit.searched'")
        fault.arm(n)
        answer = (await olga.device.post(TRAIL)).json()
        if not fault.struck:
            break
        assert answer["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
        assert not (answer.get("data") or {}).get("auditTrail")
        assert await sluis.count("audit_event", "event = 'audit.searched'") == before
    assert n == 5, "who calls, the rows, their labels, the audit"
    for n in range(1, 20):
        fault.arm(n)
        file = await olga.device.fetch(_AUDIT)
        if not fault.struck:
            break
        assert code(file) == (503, "UNAVAILABLE")
        assert await sluis.count("audit_event", "event = 'audit.exported'") == 0
    assert (file.status_code, n) == (200, 4), "who calls, the limit, the audit"
