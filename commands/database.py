"""Opening the database for a command, with errors that are one line and say what to do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from models.db.database import UNAVAILABLE, close_database, open_database
from models.db.migrating import pending_migrations
from settings import Settings


class CommandProblem(Exception):
    """Why a command cannot do its work; each of its lines says what to do."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def away(error: Exception) -> CommandProblem:
    """The problem that one of UNAVAILABLE is; names its kind only, since its text may quote the URL or a value."""
    return CommandProblem(
        f"The database cannot be reached ({type(error).__name__}): check SLUIS_DATABASE_URL and that it is running."
    )


@asynccontextmanager
async def opened(settings: Settings, *, migrated: bool = True) -> AsyncIterator[None]:
    """The database, reachable and (unless ``migrated`` is False) up to date; closed at the end."""
    url = settings.database_url.get_secret_value()
    try:
        await open_database(url, pool_min=settings.database_pool_min, pool_max=settings.database_pool_max)
        pending = await pending_migrations(url)
    except UNAVAILABLE as error:
        await close_database()
        raise away(error) from error
    try:
        if migrated and pending:
            raise CommandProblem(
                f"The database lacks {len(pending)} migration(s): run `python server.py migrate` first."
            )
        yield
    finally:
        await close_database()
