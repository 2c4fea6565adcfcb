"""Old rows of the audit trail go by whole segments, by a command, and the chain stays whole."""

import asyncio
import json
import sys
from datetime import UTC, datetime

import pytest

from flows.audit_trail.audit_purging import purge
from flows.audit_trail.audit_sealing import seal_all
from models import AuditEvent, AuditSegment, Practice
from tests.support.archive import Archive, write
from tests.support.clock import Clock
from tests.support.command import ROOT, environment, ran
from tests.support.databases import Database
from tests.support.tampering import FIRST_OF_TWO, LINDEN

pytestmark = [pytest.mark.database, pytest.mark.security]

_TODAY = datetime.now(UTC)
_LONG_PAST = datetime(_TODAY.year - 7, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
async def archive(database: Database) -> Archive:
    """Its segments are of seven years ago, and one is of today, of which a row is older; and a row is in none."""
    made = Archive(database, Clock(_LONG_PAST))
    await made.filled()
    async with made.opened() as app:
        linden = await Practice.get(slug="linden")
        made.clock.now = _TODAY
        await write(app, linden, 1)
        await seal_all(app)
        await write(app, linden, 1)
    return made


def _before(years: int) -> str:
    return f"{_TODAY.year - years}-01-01"


async def test_old_segments_are_purged_and_leave_their_records(archive: Archive) -> None:
    records = await archive.database.rows("SELECT number, chain, digest FROM audit_segment ORDER BY chain")
    ended = await archive.runs("purge-audit", "--before", _before(6))
    assert (ended.code, ended.output.splitlines()) == (
        0,
        ["elders: purged 2 segment(s), deleted 2 row(s)", "linden: purged 3 segment(s), deleted 9 row(s)"],
    )
    assert await archive.database.rows("SELECT number, chain, digest FROM audit_segment ORDER BY chain") == records
    assert await archive.database.count("audit_segment", "purged_at IS NULL") == 1
    kept = await archive.database.count("audit_event", "event = 'dossier.read'")
    assert kept == 3, "a segment stays as long as one of its rows must"
    assert await archive.database.count("audit_subject", "subject = 'd-1'") == kept
    assert await archive.faults() == []
    (again,) = {
        line.partition(": ")[2]
        for line in (await archive.runs("purge-audit", "--before", _before(6))).output.splitlines()
    }
    assert again == "purged 0 segment(s), deleted 0 row(s)"
    rows = await archive.database.rows("SELECT actor_role, details FROM audit_event WHERE event = 'audit.purged'")
    told = sorted((row["actor_role"], len(json.loads(row["details"])["segments"])) for row in rows)
    assert told == [("CONSOLE", 2), ("CONSOLE", 3)], "what purges is told, in each practice"


async def test_nothing_is_purged_that_must_be_kept(archive: Archive) -> None:
    before = await archive.whole()
    (line,) = (await archive.runs("purge-audit", "--before", _before(4))).problems
    assert line.startswith("The audit trail is kept for 5 years (audit_retention): nothing after ")
    (line,) = (await archive.runs("purge-audit", "--before", str(_TODAY.date()))).problems
    assert "5 years" in line
    assert (await archive.runs("purge-audit")).code != 0
    assert await archive.whole() == before


async def test_a_longer_retention_holds(archive: Archive) -> None:
    before = await archive.whole()
    ended = await ran("purge-audit", "--before", _before(6), database_url=archive.database.url, audit_retention=20)
    assert ended.problems[0].startswith("The audit trail is kept for 20 years")
    assert await archive.whole() == before


async def test_a_segment_that_does_not_verify_is_evidence_and_stays(archive: Archive) -> None:
    async with archive.unguarded():
        await archive.sql(f"UPDATE audit_event SET address = '192.0.2.2' WHERE {FIRST_OF_TWO}")
    ended = await archive.runs("purge-audit", "--before", _before(6))
    assert ended.code == 1
    assert ended.errors == "linden: segment 2 does not verify, so it stays: see `verify-audit`.\n"
    rows = await archive.database.rows(
        f"SELECT number FROM audit_segment WHERE practice_id = {LINDEN} AND purged_at IS NULL"
    )
    assert sorted(row["number"] for row in rows) == [2, 3, 4]


async def test_rows_that_come_back_to_a_purged_segment_show(archive: Archive) -> None:
    await archive.runs("purge-audit", "--before", _before(6))
    async with archive.unguarded():
        await archive.sql(f"UPDATE audit_event SET segment = 2 WHERE practice_id = {LINDEN} AND segment IS NULL")
    (fault,) = await archive.faults()
    assert fault == "linden: segment 2: is purged and has 2 row(s) left: run purge-audit again"


@pytest.mark.timeout(300)
async def test_a_purge_that_is_killed_is_gone_on_with(archive: Archive) -> None:
    """At any moment the index tells of just the rows that are there."""
    async with archive.opened() as app:
        elders = await Practice.get(slug="elders")
        old = [
            AuditEvent(practice=elders, at=_LONG_PAST, event="x.y", outcome="SUCCESS", subjects=[{"id": f"s-{number}"}])
            for number in range(5000)
        ]
        await AuditEvent.bulk_create(old, batch_size=500)
        await seal_all(app)
    for _ in range(2):
        await _killed_underway(archive)
        assert await archive.database.count("audit_subject", "event NOT IN (SELECT id FROM audit_event)") == 0
        assert await archive.database.count("audit_event", "event = 'x.y'") == await archive.database.count(
            "audit_subject", "subject LIKE 's-%'"
        )
    assert await archive.database.count("audit_event", "event = 'x.y'") > 0
    assert (await archive.runs("purge-audit", "--before", _before(6))).code == 0
    assert await archive.faults() == []
    assert await archive.database.count("audit_event", "segment IS NOT NULL") == 3, "linden's of today"


async def _killed_underway(archive: Archive) -> None:
    """As soon as it has deleted something."""
    left = await archive.database.count("audit_event", "event = 'x.y'")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("server.py", "purge-audit", "--before", _before(6)),
        cwd=ROOT,
        env=environment({"database_url": archive.database.url}),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    while await archive.database.count("audit_event", "event = 'x.y'") == left:
        assert process.returncode is None, "it ended, and had deleted nothing"
        await asyncio.sleep(0.01)
    process.kill()
    await process.wait()


async def test_purges_at_once_purge_once(archive: Archive) -> None:
    async with archive.opened() as app:
        linden = await Practice.get(slug="linden")
        before = datetime(_TODAY.year - 6, 1, 1, tzinfo=UTC)
        done = await asyncio.gather(*(purge(app, linden, before) for _ in range(4)))
        assert sum(one.segments for one in done) == 3
        assert await AuditSegment.filter(practice=linden, purged_at__isnull=False).count() == 3
    assert await archive.faults() == []
