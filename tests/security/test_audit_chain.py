"""The audit trail is only added to: the database refuses anything else, and what gets past it is found."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.audit_trail.audit_sealing import LARGEST, seal_all, seal_next
from flows.core.audit_chain import BEGINNING, Digest, canonical, chain_of, reseal, seal_holds, seal_of
from models import AuditEvent, AuditSegment, Practice
from models.core.audit_chain import COLUMNS, rows_of
from models.core.audit_guards import ON_POSTGRESQL, ON_SQLITE, missing_guards
from models.db.database import IntegrityError
from security.keys import KeyRing
from tests.support.archive import Archive, write
from tests.support.clock import Clock
from tests.support.databases import Database
from tests.support.tampering import FIRST_OF_TWO, FORBIDDEN, LINDEN, OF_POSTGRESQL, OF_SQLITE, TAMPERED

pytestmark = [pytest.mark.database, pytest.mark.security]


@pytest.fixture
async def archive(database: Database, clock: Clock) -> Archive:
    made = Archive(database, clock)
    await made.filled()
    return made


async def test_new_rows_become_segments_of_their_practice(archive: Archive) -> None:
    rows = await archive.database.rows(
        "SELECT p.slug, s.number, s.events FROM audit_segment s JOIN practice p ON p.id = s.practice_id ORDER BY 1, 2"
    )
    found = [(row["slug"], row["number"], row["events"]) for row in rows]
    assert found == [("elders", 1, 1), ("elders", 2, 1), ("linden", 1, 3), ("linden", 2, 3), ("linden", 3, 3)]
    ended = await archive.runs("verify-audit")
    assert (ended.code, ended.errors) == (0, "")
    elders, linden = ended.output.splitlines()
    assert elders.startswith("elders: 2 segment(s) with 2 row(s), 0 of them purged; 0 row(s) not sealed yet; head 2 ")
    assert linden.startswith("linden: 3 segment(s) with 9 row(s), 0 of them purged; 1 row(s) not sealed yet; head 3 ")


async def test_the_database_refuses_every_other_change(archive: Archive) -> None:
    before = await archive.whole()
    own = OF_SQLITE if archive.sqlite else OF_POSTGRESQL
    for what, statement in {**FORBIDDEN, **own}.items():
        assert "append-only" in await archive.refusal(statement), what
        assert await archive.whole() == before, what
    assert await archive.faults() == []


@pytest.mark.parametrize("what", TAMPERED)
async def test_who_may_change_tables_is_found_out(archive: Archive, what: str) -> None:
    statements, shows = TAMPERED[what]
    async with archive.unguarded():
        await archive.sql(*(statement.format(**archive.words) for statement in statements))
    assert [line for line in await archive.faults() if shows in line]


async def test_triggers_that_were_taken_away_are_missed(archive: Archive) -> None:
    made = ON_SQLITE if archive.sqlite else ON_POSTGRESQL
    every = [*((table, name) for table, names in made.items() for name in names), ("audit_event", "audit_subjects")]
    async with archive.opened():
        assert await missing_guards() == []
    (table, first), *others = every
    off = f"DROP TRIGGER {first}" if archive.sqlite else f"ALTER TABLE {table} DISABLE TRIGGER {first}"
    await archive.sql(off)
    found = await archive.faults()
    assert len(found) == 1
    assert found[0].startswith(f"the database lacks 1 trigger(s) of the audit trail, or they are disabled: {first}; ")
    assert found[0].endswith("find out who did that, and put them back (docs/operations.md)")
    for command, said in (("check", ""), ("migrate", "The database is up to date.\n")):
        ended = await archive.runs(command)
        assert (ended.code, ended.output.endswith(said), ended.errors.splitlines()) == (1, True, found), command
    for table, name in others:
        await archive.sql(f"DROP TRIGGER {name}" if archive.sqlite else f"DROP TRIGGER {name} ON {table}")
    found = await archive.faults()
    assert len(found) == 1
    names = ", ".join(name for _, name in every)
    assert f"{len(every)} trigger(s) of the audit trail, or they are disabled: {names}; " in found[0]
    assert await archive.triggers() == ({first} if not archive.sqlite else set()), "there are no others"


async def test_who_recomputes_all_hashes_lacks_the_key(archive: Archive) -> None:
    forger, previous = KeyRing([("dev-only", b"f" * 32)]), BEGINNING
    async with archive.unguarded(), archive.opened():
        await archive.sql(f"UPDATE audit_event SET address = '192.0.2.2' WHERE {FIRST_OF_TWO}")
        for segment in await AuditSegment.filter(practice__slug="linden").order_by("number"):
            digest = Digest()
            async for page in rows_of(segment.practice_id, segment.number):
                digest.add(page)
            segment.digest = digest.hexadecimal()
            previous = segment.chain = chain_of(segment, previous)
            segment.seal = seal_of(forger, segment)
            await segment.save()
    seals = [f"linden: segment {number}: its seal is of none of our keys" for number in (1, 2, 3)]
    assert await archive.faults() == seals


async def test_an_end_that_was_cut_off_shows_against_exported_heads(archive: Archive, tmp_path: Path) -> None:
    heads = tmp_path / "heads.json"
    assert await archive.faults("--heads", heads) == []
    exported = json.loads(heads.read_text())
    assert sorted((head["practice"], head["segment"]) for head in exported.values()) == [("elders", 2), ("linden", 3)]
    async with archive.opened() as app:
        await write(app, await Practice.get(slug="linden"), 1)
        await seal_all(app)
    assert await archive.faults("--against", heads) == [], "the chain only grew"
    async with archive.unguarded():
        for table, number in (("audit_event", "segment"), ("audit_segment", "number")):
            await archive.sql(f"DELETE FROM {table} WHERE practice_id = {LINDEN} AND {number} > 2")
        await archive.sql("DELETE FROM audit_subject WHERE event NOT IN (SELECT id FROM audit_event)")
    assert await archive.faults() == [], "by itself it looks whole"
    cut = ["linden: segment 3: is gone; its head was exported: the end was cut off"]
    assert await archive.faults("--against", heads, "--heads", heads) == cut
    assert json.loads(heads.read_text()) == exported, "what shows it is not written over"
    async with archive.opened() as app:
        await write(app, await Practice.get(slug="linden"), 1)
        await seal_all(app)
    assert await archive.faults("--against", heads) == ["linden: segment 3: is not the one whose head was exported"]


async def test_heads_that_can_not_be_read_or_written_are_a_line(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "strange.json").write_text('{"a": 1}')
    (line,) = (await archive.runs("verify-audit", "--against", tmp_path / "strange.json")).problems
    assert line.endswith("does not hold heads that verify-audit wrote.")
    ended = await archive.runs("verify-audit", "--heads", tmp_path / "no folder" / "heads.json")
    assert (ended.code, ended.errors.strip().endswith("cannot be written: No such file or directory.")) == (1, True)


async def test_heads_are_written_before_they_are_compared(archive: Archive, tmp_path: Path) -> None:
    heads = tmp_path / "heads.json"
    from_cron = ("verify-audit", "--against", heads, "--heads", heads)
    (line,) = (await archive.runs(*from_cron)).problems
    assert line == f"{heads} is not there: write it first, by `verify-audit --heads {heads}` alone."
    assert not heads.exists(), "what is compared with nothing is not written"
    assert (await archive.runs("verify-audit", "--heads", heads)).code == 0
    assert (await archive.runs(*from_cron)).code == 0


async def test_sealers_at_once_seal_each_row_once(archive: Archive) -> None:
    async with archive.opened() as app:
        linden = await Practice.get(slug="linden")
        for _ in range(4):
            await write(app, linden, 20)
            await asyncio.gather(*(seal_all(app) for _ in range(16)))
    segments = await archive.database.rows(f"SELECT number, events FROM audit_segment WHERE practice_id = {LINDEN}")
    assert sorted(row["number"] for row in segments) == list(range(1, len(segments) + 1)), "no number is left out"
    assert sum(row["events"] for row in segments) == 90
    assert await archive.database.count("audit_event", "segment IS NULL") == 0
    assert await archive.faults() == []


async def test_a_row_that_is_committed_late_comes_into_the_next_segment(archive: Archive, clock: Clock) -> None:
    async with archive.opened() as app:
        linden = await Practice.get(slug="linden")
        await seal_all(app)
        clock.forward(hours=-1)
        await write(app, linden, 1)
        await seal_all(app)
        assert (await AuditEvent.filter(practice=linden).order_by("at").first()).segment == 5  # type: ignore[union-attr]
    assert await archive.faults() == []


async def test_a_long_backlog_becomes_many_segments(archive: Archive) -> None:
    async with archive.opened() as app:
        elders = await Practice.get(slug="elders")
        await AuditEvent.bulk_create(
            [AuditEvent(practice=elders, at=app.now, event="x.y", outcome="SUCCESS") for _ in range(LARGEST + 1)]
        )
        assert await seal_next(app, str(elders.id)) is True
        assert await seal_next(app, str(elders.id)) is False
        sizes = [segment.events for segment in await AuditSegment.filter(practice=elders).order_by("number")]
        assert sizes == [1, 1, LARGEST, 1]
    assert await archive.faults() == []


async def test_what_is_hashed_is_the_same_on_both_databases(database: Database, clock: Clock) -> None:
    """As this test says it, which has been so since the first segment was sealed."""
    archive = Archive(database, clock)
    async with archive.opened() as app:
        linden = await Practice.create(
            id="00000000-0000-0000-0000-000000000001", slug="l", name="L", created_at=app.now
        )
        details = {"z": 1.0, "a": [True, None, 0.25, 1e20, "Łukasz \n \"'"], "n": {"b": 2, "a": 10**12}}
        await AuditEvent.create(
            id="00000000-0000-0000-0000-000000000002",
            practice=linden,
            at=datetime(2026, 3, 29, 3, 0, 0, 120, tzinfo=UTC) + timedelta(microseconds=3),
            event="dossier.read",
            outcome="SUCCESS",
            subjects=[{"type": "Dossier", "id": "d-1"}],
            details=details,
        )
        ((row,),) = [page async for page in rows_of(linden.id, None)]
    assert canonical(row.plain).decode() == (
        '{"actor_account":null,"actor_role":"","address":"","at":"2026-03-29T03:00:00.000123+00:00",'
        '"details":{"a":[true,null,0.25,100000000000000000000,"\\u0141ukasz \\n \\"\'"],"n":{"a":1000000000000,"b":2},'
        '"z":1},"event":"dossier.read","id":"00000000-0000-0000-0000-000000000002","outcome":"SUCCESS",'
        '"practice_id":"00000000-0000-0000-0000-000000000001","request":"","session":null,'
        '"subjects":[{"id":"d-1","type":"Dossier"}]}'
    )


async def test_every_column_is_under_the_seal(archive: Archive) -> None:
    async with archive.opened():
        assert {*COLUMNS, "segment"} == AuditEvent._meta.db_fields


async def test_keys_change_and_seals_with_them(archive: Archive) -> None:
    """A head that was exported before stays the head."""
    old, new = ("old", b"o" * 32), ("new", b"n" * 32)
    async with archive.opened() as app:
        segment = await AuditSegment.filter(practice__slug="linden", number=2).get()
        before, ours = segment.chain, app.keys
        assert not await reseal(KeyRing([new, old]), segment), "a seal of a key that is not in the ring stays"
        segment = await AuditSegment.get(id=segment.id)
        assert seal_holds(ours, segment)
        both = KeyRing([new, ("dev-only", b"no secret: for development only!")])
        assert await reseal(both, segment)
        assert await reseal(both, segment), "again, with what was read before"
        segment = await AuditSegment.get(id=segment.id)
        assert (seal_holds(KeyRing([new]), segment), seal_holds(ours, segment), segment.chain) == (True, False, before)
        with pytest.raises(IntegrityError):
            await AuditSegment.filter(id=segment.id).update(chain=BEGINNING)
