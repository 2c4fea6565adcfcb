"""Verifying and purging the audit trail from the command line."""

import json
import os
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path

from commands.database import CommandProblem
from flows.audit_trail.audit_purging import NotWhole, purge
from flows.audit_trail.audit_verifying import Heads, Trail, verify, verify_guards, verify_subjects
from flows.core.context import AppContext
from models import Practice

Say = Callable[[str], None]


async def verify_trail(app: AppContext, say: Say, heads: Path | None, against: Path | None) -> None:
    """Say a line for each practice and each thing that is wrong, and write the heads where nothing is.

    Raises CommandProblem where anything is wrong.
    """
    known = _heads(against) if against else {}
    practices = await Practice.all().order_by("slug")
    trails, wrong = [], 0
    for practice in practices:
        trail = Trail(str(practice.id), practice.slug)
        async for finding in verify(app.keys, practice, trail, known):
            say(str(finding))
            wrong += 1
        trails.append(trail)
        say(_line(trail))
    for gone in known.keys() - {str(practice.id) for practice in practices}:
        say(f"{gone}: the practice is gone; its head was exported")
        wrong += 1
    async for finding in verify_subjects({str(practice.id): practice.slug for practice in practices}):
        say(str(finding))
        wrong += 1
    if unguarded := await verify_guards():
        say(unguarded)
        wrong += 1
    if wrong:
        raise CommandProblem(f"The audit trail is not as it was written: {wrong} finding(s).")
    if heads:
        _write(heads, trails)


def _line(trail: Trail) -> str:
    return (
        f"{trail.slug}: {trail.segments} segment(s) with {trail.events} row(s), {trail.purged} of them purged; "
        f"{trail.unsealed} row(s) not sealed yet; head {trail.number} {trail.chain}"
    )


def _write(file: Path, trails: list[Trail]) -> None:
    """Whole or not at all."""
    heads = {
        trail.practice_id: {"practice": trail.slug, "segment": trail.number, "chain": trail.chain}
        for trail in trails
        if trail.number
    }
    partial = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        partial.write_text(json.dumps(heads, indent=2) + "\n")
        partial.replace(file)
    except OSError as error:
        raise CommandProblem(f"{file} cannot be written: {error.strerror}.") from error


def _heads(file: Path) -> Heads:
    try:
        read = json.loads(file.read_text())
        return {practice: (int(head["segment"]), str(head["chain"])) for practice, head in read.items()}
    except FileNotFoundError as error:
        raise CommandProblem(f"{file} is not there: write it first, by `verify-audit --heads {file}` alone.") from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise CommandProblem(f"{file} does not hold heads that verify-audit wrote.") from error


async def purge_trail(app: AppContext, say: Say, before: date, retention: int) -> None:
    """Purge what is older in each practice. Raises CommandProblem where it must be kept for these years."""
    today = app.now.date()
    if before > _years_ago(today, retention):
        raise CommandProblem(
            f"The audit trail is kept for {retention} years (audit_retention): nothing after "
            f"{_years_ago(today, retention)} is purged."
        )
    for practice in await Practice.all().order_by("slug"):
        try:
            done = await purge(app, practice, datetime.combine(before, time(), UTC))
        except NotWhole as problem:
            raise CommandProblem(f"{problem} does not verify, so it stays: see `verify-audit`.") from problem
        say(f"{practice.slug}: purged {done.segments} segment(s), deleted {done.rows} row(s)")


def _years_ago(today: date, years: int) -> date:
    try:
        return today.replace(year=today.year - years)
    except ValueError:
        # A leap day that the year does not have.
        return date(today.year - years, 2, 28)
