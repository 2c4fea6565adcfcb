"""Verifying from the command line that what is stored is as it must be."""

from collections.abc import Callable

from commands.database import CommandProblem
from flows.core.context import AppContext
from flows.core.data_verifying import verify_data

Say = Callable[[str], None]


async def tell_broken(app: AppContext, say: Say) -> None:
    """Say a line for each row that is not as it must be. Raises CommandProblem where there is one."""
    wrong = 0
    async for broken in verify_data(app):
        say(str(broken))
        wrong += 1
    if wrong:
        raise CommandProblem(f"The data is not as it must be: {wrong} finding(s); see docs/operations.md.")
    say("All is as it must be.")
