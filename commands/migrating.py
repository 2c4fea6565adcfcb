"""Migrating from the command line."""

from collections.abc import Callable

from commands.database import CommandProblem, opened
from commands.ending import reachable
from flows.audit_trail.audit_verifying import verify_guards
from models.db.migrating import migrate
from settings import Settings


async def migrated(settings: Settings, say: Callable[[str], None]) -> None:
    """Bring the database up to date, and say what was applied.

    Raises CommandProblem where it lacks triggers of the audit trail then: no migration puts them back.
    """
    applied = await reachable(migrate(settings.database_url.get_secret_value()))
    say("\n".join(f"applied {name}" for name in applied) or "The database is up to date.")
    async with opened(settings):
        if unguarded := await reachable(verify_guards()):
            raise CommandProblem(unguarded)
