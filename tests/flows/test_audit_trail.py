"""The audit trail as owners search and export it: found by each of its fields, at a cost that does not grow."""

import csv
import io
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from flows.audit_trail.audit_export import PAGE, ExportQuery, export
from flows.core import audit
from flows.core.audit import Actor
from flows.core.context import AppContext, ClientInfo
from flows.refusals import NotAllowed
from models import AuditEvent, AuditSegment, StaffMember, StaffRole
from models.db.database import transaction
from schema.kit.ids import node_id
from tests.flows.office import Desk, Office
from tests.support.clock import Clock

_TRAIL = """query($first: Int! = 100, $after: String, $filter: AuditFilter) {
  auditTrail(first: $first, after: $after, filter: $filter) {
    pageInfo { hasNextPage hasPreviousPage endCursor } exportUrl
    edges { cursor node { id at event what outcome actor { account staffMember name role } subjects { type id label }
      address session request details { key value } sealed } } } }"""
_UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
async def owner(office: Office) -> Desk:
    return await office.hire("olga", StaffRole.OWNER)


async def _found(owner: Desk, **matching: Any) -> list[Any]:
    page = await owner.ask(_TRAIL, filter=matching)
    return [edge["node"] for edge in page["edges"] if edge["node"]["event"] != "audit.searched"]


async def _events(owner: Desk, **matching: Any) -> list[str]:
    return [node["event"] for node in await _found(owner, **matching)]


async def test_blocked_events_are_found_as_refused(office: Office, owner: Desk) -> None:
    for outcome in ("SUCCESS", "REFUSED", "BLOCKED"):
        await audit.record(office.app, owner.caller, "sign_in.password", outcome=outcome)
    found = await _found(owner, outcome="REFUSED")
    assert [node["outcome"] for node in found] == ["REFUSED", "REFUSED"]
    assert len(await _found(owner, event="sign_in.password", outcome="SUCCESS")) == 1


async def test_search_without_an_index_is_limited_to_a_month(office: Office, owner: Desk, clock: Clock) -> None:
    caller = replace(owner.caller, origin=ClientInfo(address="192.0.2.9"))
    await audit.record(office.app, caller, "dossier.listed")
    clock.forward(days=32)
    since = {"from": (clock.now - timedelta(days=40)).isoformat()}
    for filters in ({"address": "192.0.2.9"}, {"event": "dossier."}):
        assert await _events(owner, **filters) == []
        assert await _events(owner, **filters, **since) == ["dossier.listed"]
    assert await _events(owner, event="dossier.listed") == ["dossier.listed"]


async def test_event_shows_actor_act_subjects_time_address_and_outcome(
    office: Office, owner: Desk, clock: Clock
) -> None:
    tom = await office.hire("tom", StaffRole.THERAPIST)
    (dossier,) = await office.dossiers("Anna", respondents=0)
    caller = replace(tom.caller, origin=ClientInfo(address="192.0.2.7", request="ab" * 16))
    await audit.record(
        office.app,
        caller,
        "dossier.read",
        ("Dossier", dossier.id),
        ("StaffMember", tom.caller.staff_id),
        ("Dossier", "gone"),
        details={"why": "because", "count": 2},
    )
    await StaffMember.filter(id=tom.caller.staff_id).update(name="Tom the Second")
    (node,) = await _found(owner)
    identity = node.pop("id")
    assert identity
    assert node == {
        "at": clock.now.isoformat(),
        "event": "dossier.read",
        "what": "Looked at the dossier",
        "outcome": "SUCCESS",
        "actor": {
            "account": node_id("Account", tom.caller.account_id),
            "staffMember": node_id("StaffMember", tom.caller.staff_id),
            "name": "Tom the Second",
            "role": "THERAPIST",
        },
        "subjects": [
            {"type": "Dossier", "id": node_id("Dossier", dossier.id), "label": dossier.reference},
            {"type": "StaffMember", "id": node_id("StaffMember", tom.caller.staff_id), "label": "Tom the Second"},
            {"type": "Dossier", "id": node_id("Dossier", "gone"), "label": None},
        ],
        "address": "192.0.2.7",
        "session": node_id("LoginSession", tom.caller.session_id),
        "request": "ab" * 16,
        "details": [{"key": "why", "value": "because"}, {"key": "count", "value": "2"}],
        "sealed": False,
    }


async def test_sealed_event_shows_that_it_is_in_the_hash_chain(office: Office, owner: Desk) -> None:
    for event in ("dossier.read", "dossier.closed"):
        await audit.record(office.app, owner.caller, event)
    at, some = office.app.now, "0" * 64
    seal: dict[str, Any] = {"digest": some, "chain": some, "seal": some, "sealed_at": at}
    await AuditSegment.create(practice=office.practice, number=1, events=1, first_at=at, last_at=at, **seal)
    await AuditEvent.filter(event="dossier.read").update(segment=1)
    assert {node["event"]: node["sealed"] for node in await _found(owner)} == {
        "dossier.read": True,
        "dossier.closed": False,
    }


async def test_each_search_field_finds_and_all_of_them_narrow(office: Office, owner: Desk, clock: Clock) -> None:
    tom = await office.hire("tom", StaffRole.THERAPIST)
    one, other = await office.dossiers("Anna", "Bert", respondents=0)
    start = clock.now
    toms = replace(tom.caller, origin=ClientInfo(address="2001:db8::7", request="ab" * 16))
    await audit.record(office.app, toms, "dossier.read", ("Dossier", one.id))
    clock.forward(minutes=1)
    await audit.record(office.app, owner.caller, "dossier.closed", ("Dossier", one.id), ("Dossier", other.id))
    clock.forward(minutes=1)
    await audit.record(office.app, toms, "report.read", ("Dossier", other.id), outcome="REFUSED")
    clock.forward(minutes=1)
    dossier = {"subject": node_id("Dossier", other.id)}
    assert await _events(owner) == ["report.read", "dossier.closed", "dossier.read"], "newest first"
    assert await _events(owner, event="dossier.") == ["dossier.closed", "dossier.read"]
    assert await _events(owner, event="dossier.read") == ["dossier.read"]
    assert await _events(owner, event="dossier_.") == [], "a sign of its own, not any sign"
    assert await _events(owner, outcome="REFUSED") == ["report.read"]
    assert await _events(owner, **dossier) == ["report.read", "dossier.closed"]
    assert await _events(owner, **dossier, outcome="SUCCESS") == ["dossier.closed"]
    for actor in (node_id("Account", tom.caller.account_id), node_id("StaffMember", tom.caller.staff_id)):
        assert await _events(owner, actor=actor) == ["report.read", "dossier.read"]
        assert await _events(owner, actor=actor, **dossier) == ["report.read"]
    assert await _events(owner, session=node_id("LoginSession", owner.caller.session_id)) == ["dossier.closed"]
    assert await _events(owner, address="2001:DB8:0::7") == ["report.read", "dossier.read"]
    assert await _events(owner, request="ab" * 16, event="report.") == ["report.read"]
    since, until = (start + timedelta(minutes=1)).isoformat(), (start + timedelta(minutes=2)).isoformat()
    assert await _events(owner, **{"from": since}) == ["report.read", "dossier.closed"]
    assert await _events(owner, until=until) == ["dossier.closed", "dossier.read"]
    assert await _events(owner, **{"from": since}, until=until) == ["dossier.closed"], "until is not in it"
    assert await _events(owner, **{"from": since}, until=until, subject=node_id("Dossier", one.id)) == [
        "dossier.closed"
    ]
    assert await _events(owner, **{"from": until}, until=since) == []


async def test_search_without_a_match_finds_nothing(office: Office, other_office: Office, owner: Desk) -> None:
    """Foreign, unknown, of the wrong type and no id at all are one."""
    else_ = await other_office.hire("else", StaffRole.OWNER)
    (theirs,) = await other_office.dossiers("Anna", respondents=0)
    await audit.record(office.app, else_.caller, "dossier.read", ("Dossier", theirs.id))
    (ours,) = await office.dossiers("Bert", respondents=0)
    await audit.record(office.app, owner.caller, "dossier.read", ("Dossier", ours.id))
    for subject in (
        node_id("Dossier", theirs.id),
        node_id("Dossier", _UNKNOWN),
        node_id("Respondent", ours.id),
        "x",
        "",
        "é" * 300,
    ):
        assert (await owner.ask(_TRAIL, filter={"subject": subject}))["edges"] == []
    for actor in (
        node_id("Account", else_.caller.account_id),
        node_id("StaffMember", else_.caller.staff_id),
        node_id("StaffMember", _UNKNOWN),
        node_id("Account", owner.caller.staff_id),
        node_id("Dossier", ours.id),
        "x",
    ):
        assert (await owner.ask(_TRAIL, filter={"actor": actor}))["edges"] == []
    for more in (
        {"session": node_id("LoginSession", else_.caller.session_id)},
        {"session": node_id("Account", owner.caller.account_id)},
        {"request": "' OR TRUE"},
        {"request": "0" * 32},
    ):
        assert (await owner.ask(_TRAIL, filter=more))["edges"] == []
    assert len(await _found(owner)) == 1, "of another practice there is nothing"


@pytest.mark.parametrize(
    "wrong",
    [
        {"event": "x"},
        {"event": "dossier.%"},
        {"event": ""},
        {"event": "a." * 31},
        {"address": "nowhere"},
        {"address": ""},
        {"from": "2026-03-02T12:00:00"},
        {"until": "0001-01-01T00:00:00+23:59"},
    ],
)
async def test_unusable_search_terms_are_refused(owner: Desk, wrong: dict[str, str]) -> None:
    assert await owner.ask(_TRAIL, filter=wrong) == "INVALID_INPUT"


@pytest.mark.parametrize("matching", [{}, {"subject": node_id("Dossier", _UNKNOWN)}, {"event": "dossier."}])
async def test_pages_of_events_have_no_gap_and_no_repeat(
    office: Office, owner: Desk, clock: Clock, matching: dict[str, str]
) -> None:
    async with transaction():
        for count in range(230):
            # Seven at one time, so that pages end among equals.
            clock.forward(seconds=count % 7 == 0)
            await audit.record(office.app, owner.caller, "dossier.read", ("Dossier", _UNKNOWN), details={"n": count})
    clock.forward(seconds=1)
    seen: list[Any] = []
    after, more = None, True
    while more:
        page = await owner.ask(_TRAIL, first=100, after=after, filter=matching)
        assert page["pageInfo"]["hasPreviousPage"] is bool(seen)
        seen += [edge["node"] for edge in page["edges"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert len({node["id"] for node in seen}) == len(seen) == 230
    assert [node["at"] for node in seen] == sorted((node["at"] for node in seen), reverse=True)
    behind = await owner.ask(_TRAIL, first=100, after=after, filter=matching)
    assert (behind["edges"], behind["pageInfo"]["hasNextPage"]) == ([], False)


async def test_page_of_events_takes_three_statements_for_any_size(office: Office, owner: Desk) -> None:
    dossiers = await office.dossiers(*(f"Name {number}" for number in range(40)), respondents=0)
    for _ in range(40):
        subjects = (("Dossier", dossier.id) for dossier in dossiers)
        await audit.record(office.app, owner.caller, "dossier.listed", *subjects)
    for first in (1, 10, 40):
        for matching in ({}, {"subject": node_id("Dossier", dossiers[0].id)}):
            page = await owner.ask(_TRAIL, first=first, filter={"event": "dossier.", **matching})
            assert len(page["edges"]) == first
            assert page["edges"][-1]["node"]["subjects"][39]["label"] == dossiers[39].reference
            assert owner.statements == 3
    await owner.ask("{ auditTrail { edges { node { subjects { id } } } } }")
    assert owner.statements == 2, "what is not selected is not read"


async def test_event_with_more_subjects_than_statement_parameters(office: Office, owner: Desk) -> None:
    (dossier,) = await office.dossiers("Anna", respondents=0)
    subjects = [("Dossier", f"6b0c2f2e-0000-4000-8000-{number:012}") for number in range(40_000)]
    await audit.record(office.app, owner.caller, "staff.caseload_added", *subjects, ("Dossier", dossier.id))
    (node,) = await _found(owner)
    assert node["subjects"][-1]["label"] == dossier.reference


@pytest.mark.parametrize("first", [0, -1, 101])
async def test_page_of_events_beyond_the_limit_is_refused(owner: Desk, first: int) -> None:
    assert await owner.ask(_TRAIL, first=first) == "PAGE_TOO_LARGE"


@pytest.mark.parametrize("after", ["", "xx", "bnVsbA", "é", "x" * 700, "WyJhIiwiYiJd"])
async def test_events_with_a_made_up_cursor_are_refused(owner: Desk, after: str) -> None:
    assert await owner.ask(_TRAIL, after=after) == "BAD_CURSOR"


async def test_search_is_audited_with_its_terms(office: Office, owner: Desk) -> None:
    (dossier,) = await office.dossiers("Anna", respondents=0)
    subject = node_id("Dossier", dossier.id)
    await owner.ask(_TRAIL, filter={"subject": subject, "outcome": "REFUSED", "until": "2026-03-02T13:00:00+01:00"})
    await owner.ask(_TRAIL, filter={"actor": "my password, in the wrong place"})
    await owner.ask(_TRAIL)
    told = [event.details for event in await AuditEvent.filter(event="audit.searched")]
    assert {"subject": f"Dossier:{dossier.id}", "outcome": "REFUSED", "until": "2026-03-02T12:00:00+00:00"} in told
    assert {"filter": "of something that is not there"} in told
    assert {} in told
    (about,) = [event for event in await AuditEvent.filter(event="audit.searched") if event.subjects]
    assert about.subjects == [{"type": "Dossier", "id": str(dossier.id)}], "the client reads that it was looked for"
    assert "password" not in str(told)


async def _pieces(app: AppContext, owner: Desk, form: str, **asked: Any) -> AsyncIterator[bytes]:
    return (await export(app, owner.caller, ExportQuery(form=form, **asked), node_id)).pieces


async def _record_many(office: Office, owner: Desk, number: int) -> None:
    async with transaction():
        for count in range(number):
            await audit.record(office.app, owner.caller, "dossier.read", details={"n": count})


async def test_export_is_sent_in_small_pages(office: Office, owner: Desk, clock: Clock) -> None:
    await _record_many(office, owner, 2 * PAGE + 3)
    clock.forward(seconds=1)
    pieces = [piece async for piece in await _pieces(office.app, owner, "jsonl")]
    assert [piece.count(b"\n") for piece in pieces] == [0, PAGE, PAGE, 3]
    rows = [json.loads(line) for line in b"".join(pieces).splitlines()]
    assert sorted(row["details"]["n"] for row in rows) == list(range(2 * PAGE + 3)), "each once"
    assert len({row["id"] for row in rows}) == len(rows)


@pytest.mark.security
async def test_export_stops_when_its_reader_is_no_longer_owner(office: Office, owner: Desk, clock: Clock) -> None:
    await _record_many(office, owner, PAGE + 1)
    clock.forward(seconds=1)
    pieces = await _pieces(office.app, owner, "csv")
    assert len([await anext(pieces), await anext(pieces)]) == 2
    await StaffMember.filter(id=owner.caller.staff_id).update(role=StaffRole.ADMIN)
    with pytest.raises(NotAllowed):
        await anext(pieces)


async def test_export_has_the_events_of_its_period(office: Office, owner: Desk, clock: Clock) -> None:
    start = clock.now
    for event in ("dossier.read", "dossier.closed", "dossier.created"):
        await audit.record(office.app, owner.caller, event)
        clock.forward(minutes=1)
    second, third = start + timedelta(minutes=1), start + timedelta(minutes=2)
    for since, until, events in (
        (None, None, ["dossier.read", "dossier.closed", "dossier.created"]),
        (second, third, ["dossier.closed"]),
        (
            second,
            third + timedelta(days=400),
            ["dossier.closed", "dossier.created", "audit.exported", "audit.exported"],
        ),
    ):
        pieces = [piece async for piece in await _pieces(office.app, owner, "csv", since=since, until=until)]
        rows = list(csv.DictReader(io.StringIO(b"".join(pieces).decode(), newline="")))
        assert [row["event"] for row in rows] == events, "oldest first, and never this export itself"
        clock.forward(seconds=1)


async def test_anonymous_client_and_command_are_shown_as_actors(office: Office, owner: Desk) -> None:
    practice = str(office.practice.id)
    await audit.record(office.app, Actor(ClientInfo(), practice), "account.reset_requested")
    await audit.record(office.app, Actor(ClientInfo(), practice, role="CONSOLE"), "staff.invited")
    actors = {node["event"]: node["actor"] for node in await _found(owner)}
    nobody = {"account": None, "staffMember": None, "name": None, "role": None}
    assert actors == {"account.reset_requested": nobody, "staff.invited": {**nobody, "role": "CONSOLE"}}
