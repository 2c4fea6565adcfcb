"""SQLite's files are for the user of the process alone, under every umask; existing files keep their modes."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.core.signal import Signal
from models.db.database import close_database, open_database, transaction
from models.db.migrating import migrate

pytestmark = pytest.mark.security


@pytest.fixture
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def _modes(folder: Path) -> dict[str, str]:
    return {file.name: oct(file.stat().st_mode & 0o777) for file in folder.iterdir()}


@pytest.mark.usefixtures("usual_umask")
@pytest.mark.parametrize(("made_before", "mode"), [(None, "0o600"), (0o640, "0o640")], ids=["new", "there"])
async def test_sqlite_file_is_readable_by_its_owner_only(tmp_path: Path, made_before: int | None, mode: str) -> None:
    file = tmp_path / "sluis.db"
    if made_before is not None:
        file.touch()
        file.chmod(made_before)
    url = f"sqlite://{file}"
    await migrate(url)
    try:
        await open_database(url)
        async with transaction():
            await Signal.create(topic="one", at="2026-03-02T12:00:00+00:00")
        assert _modes(tmp_path) == {
            "sluis.db": mode,
            "sluis.db-wal": mode,
            "sluis.db-shm": mode,
            "sluis.db.migrating": "0o600",
        }
    finally:
        await close_database()
