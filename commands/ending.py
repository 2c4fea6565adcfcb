"""How a command ends: well, or with a line for each thing that is wrong and exit code 1; never with a traceback."""

import asyncio
import os
import signal
import sys
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import typer

from commands.database import CommandProblem, away
from commands.event_loop import RoomyLoop
from models.db.database import UNAVAILABLE
from plugins import PluginProblem
from settings import SettingsProblem

T = TypeVar("T")

#: What is wrong with an installation; each says in a line what to do.
PROBLEMS = (CommandProblem, PluginProblem, SettingsProblem, ValueError)


def refuse(lines: Sequence[str]) -> None:
    """Stop, with a line for each problem, where there are any."""
    for line in lines:
        typer.echo(line, err=True)
    if lines:
        raise typer.Exit(1)


@contextmanager
def one_line() -> Iterator[None]:
    """A known problem is one line and exit code 1."""
    try:
        yield
    except PROBLEMS as problem:
        refuse([str(problem)])


def start(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end."""
    try:
        with one_line(), asyncio.Runner(loop_factory=RoomyLoop) as runner:
            runner.run(work)
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


async def reachable(work: Coroutine[Any, Any, T]) -> T:
    """What the work answers; a database that is away or busy is a problem of one line."""
    try:
        return await work
    except UNAVAILABLE as error:
        raise away(error) from error


async def free(host: str, port: int) -> None:
    """Raises CommandProblem where nothing can listen there."""
    try:
        server = await asyncio.get_running_loop().create_server(asyncio.Protocol, host, port)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise CommandProblem(f"Nothing can listen on {host}, port {port}: {reason}. Choose another --port.") from error
    server.close()


def end_well_when_told() -> None:
    """A server that is told to terminate ends with exit code 0, when it has stopped."""
    # uvicorn stops gracefully, and then has the signal do what it did before: kill.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
