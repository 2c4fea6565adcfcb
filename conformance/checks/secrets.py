"""Where secrets must not be: in what Python prints, in logs, in what challenges show, and in stored rows."""

import contextlib
import io
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from structlog.testing import capture_logs

from conformance.check import check
from conformance.notes import leaves, spellings
from conformance.person import Person, ready, refused
from conformance.stage import Opened, Stage
from models.db.database import fetch, is_sqlite
from plugins import EnrolmentBegun, Issued, Role
from plugins import Opened as OpenedChallenge

_SHORTEST = 4


@check()
async def test_nothing_secret_is_in_what_python_prints(stage: Stage) -> None:
    """A traceback, a debugger or a careless log line shows the `repr` of what it comes across: states, verdicts
    and proofs must not have a secret in theirs. Leave the `repr` of `State` and of your GraphQL types as it is."""
    person = await _used(stage)
    seen = [*stage.notes.states(), *stage.notes.proofs, *_shown(stage), stage.factor]
    printed = [text for each in seen if not isinstance(each, str) for text in (repr(each), str(each), f"{each}")]
    await _found_in(person, "\n".join(printed).encode(), "what Python prints")


def _shown(stage: Stage) -> Iterator[object]:
    """The GraphQL types as the schema fills them; what does not fit them is another check's business."""
    graphql, core = stage.factor.graphql, {"factor": "kit"}
    begun: Any = graphql.enrolment
    issued: Any = graphql.issued
    with contextlib.suppress(TypeError):
        for each in stage.notes.of(EnrolmentBegun) if begun else ():
            yield begun(id="kit", expires_at=stage.clock.now, **core, **each.public)
        for each in stage.notes.of(Issued) if issued else ():
            yield issued(**core, **each.kept)


@check()
async def test_nothing_secret_is_logged(stage: Stage) -> None:
    """A secret was logged or printed while the factor was used or refused a proof."""
    with _captured_output() as captured:
        person = await _used(stage)
        if stage.role is not Role.WAIVER:
            refused(await person.answers(await person.gets_challenge(), person.holds.wrong()), "a wrong proof")
    await _found_in(person, captured().encode(), "logs or output")


@contextmanager
def _captured_output() -> Iterator[Callable[[], str]]:
    """What is logged in either way, or printed. The ORM's own logger is off, as the server has it."""
    output, lines = io.StringIO(), io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.addFilter(lambda record: record.name.partition(".")[0] not in ("tortoise", "aiosqlite", "asyncio"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output), capture_logs() as events:
            yield lambda: f"{output.getvalue()}\n{lines.getvalue()}\n{events}"
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


@check()
async def test_challenges_show_nothing_secret(stage: Stage) -> None:
    """What a challenge shows (`Opened.public`) goes to anybody with the password: it had something of the state in
    it, or of the challenge's secret part."""
    person = await _used(stage)
    opened = stage.notes.of(OpenedChallenge)
    shown = "\n".join(text for each in opened for text in _texts(dict(each.public)))
    await _found_in(person, shown.encode("utf-8", "surrogatepass"), "a challenge's public part")
    for each in opened:
        hidden = {leaf for leaf in leaves(dict(each.secret)) if len(leaf) >= _SHORTEST}
        assert not hidden & set(leaves(dict(each.public))), "the public part has a value of the secret part"


def _texts(value: object) -> list[str]:
    return [leaf if isinstance(leaf, str) else repr(leaf) for leaf in leaves(value)]


@check()
def test_nothing_secret_is_stored_in_clear(opened: Opened) -> None:
    """Somebody who reads the database, or a backup of it, found a secret there. The core seals states and
    challenges; labels and handles are stored as they are, so no secret may be in them."""
    person = opened.run(_used(opened.stage))
    stored = opened.run(_database(opened.kit.database_url))
    opened.run(_found_in(person, stored, "the database"))


async def _database(url: str) -> bytes:
    """All that is stored: the bytes of SQLite's files, or the text of every row of PostgreSQL."""
    if is_sqlite():
        await fetch("PRAGMA wal_checkpoint(PASSIVE)")
        main = Path(url.removeprefix("sqlite://"))
        return b"".join(path.read_bytes() for path in main.parent.glob(f"{main.name}*"))
    tables = await fetch("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    rows = [await fetch(f'SELECT * FROM "{table["tablename"]}"') for table in tables]  # noqa: S608 - our own tables
    return repr(rows).encode()


async def _used(stage: Stage) -> Person:
    """A person who set the factor up and was let in by it."""
    person = await ready(stage)
    await person.is_let_in()
    return person


async def _found_in(person: Person, haystack: bytes, where: str) -> None:
    """Look for every secret, but for handles, which are kept in the open so that a proof can name its enrolment."""
    open_ = {(row.handle or "").encode() for row in await person.enrolments()}
    for secret in person.stage.notes.secrets():
        forms = spellings(secret)
        if not forms & open_:
            assert not any(form in haystack for form in forms), f"a secret of {len(secret)} characters is in {where}"
