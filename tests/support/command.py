"""``python server.py`` as on a command line: a process of its own, with settings in its environment."""

import asyncio
import itertools
import json
import os
import signal
import socket
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile

import httpx

ROOT = Path(__file__).parents[2]
_PATIENCE = 60


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that has ended."""

    code: int
    output: str
    errors: str

    @property
    def problems(self) -> list[str]:
        """The lines of a command that found something wrong, and said nothing else."""
        assert (self.code, self.output) == (1, ""), self
        assert "Traceback" not in self.errors
        return self.errors.splitlines()


def environment(settings: dict[str, object]) -> dict[str, str]:
    """An environment with these settings and no others; cheap hashes where they don't say."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("SLUIS_", "COLUMNS"))}
    given = {
        "config": ROOT / "tests" / "sluis.toml",
        "password_hash_memory_kib": 64,
        "password_hash_time": 1,
    } | settings
    return own | {f"SLUIS_{name.upper()}": str(value) for name, value in given.items() if value is not None}


async def ran(*arguments: object, path: object = None, **settings: object) -> Ended:
    """Run a command to its end; ``path`` is where its Python finds more modules."""
    more = {"PYTHONPATH": str(path)} if path else {}
    server = _FORK_SERVERS.get(asyncio.get_running_loop()) or await _ForkServer.started()
    return await asyncio.wait_for(server.ran([str(one) for one in arguments], environment(settings) | more), _PATIENCE)


@dataclass(frozen=True, slots=True)
class Forked:
    """A command under way, with what asyncio's own Process has."""

    pid: int
    _ended: asyncio.Future[int] = field(repr=False)

    @property
    def returncode(self) -> int | None:
        return self._ended.result() if self._ended.done() else None

    def terminate(self) -> None:
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        if self._ended.done():
            raise ProcessLookupError
        os.kill(self.pid, number)

    async def wait(self) -> int:
        # A wait that is given up does not end the command.
        return await asyncio.shield(self._ended)


async def forked(*arguments: object, environment: dict[str, str], output: str, errors: str) -> Forked:
    """A command under way that did not take the time to import the product."""
    server = _FORK_SERVERS.get(asyncio.get_running_loop()) or await _ForkServer.started()
    return await server.forked([str(one) for one in arguments], environment, output, errors)


class _ForkServer:
    """See ``tests/support/fork_server.py``. Ends with the test run, when its standard input does."""

    def __init__(self, process: Process) -> None:
        self._process, self._numbers = process, itertools.count()
        self._forked: dict[int, asyncio.Future[int]] = {}
        self._waiting: dict[int, asyncio.Future[int]] = {}
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def started(cls) -> "_ForkServer":
        loop = asyncio.get_running_loop()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "tests/support/fork_server.py", cwd=ROOT, stdin=PIPE, stdout=PIPE
        )
        # Another task may have been quicker.
        return _FORK_SERVERS.setdefault(loop, cls(process))

    async def ran(self, arguments: list[str], environment: dict[str, str]) -> Ended:
        with NamedTemporaryFile() as output, NamedTemporaryFile() as errors:
            process = await self.forked(arguments, environment, output.name, errors.name)
            code = await process.wait()
            return Ended(code, _read(output.fileno()), _read(errors.fileno()))

    async def forked(self, arguments: list[str], environment: dict[str, str], output: str, errors: str) -> "Forked":
        number, loop = next(self._numbers), asyncio.get_running_loop()
        forked = self._forked[number] = loop.create_future()
        ended = self._waiting[number] = loop.create_future()
        asked = {"id": number, "arguments": arguments, "environment": environment, "output": output, "errors": errors}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        return Forked(await forked, ended)

    async def ended(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._reading
        await self._process.wait()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            said = json.loads(line)
            if "pid" in said:
                self._forked.pop(said["id"]).set_result(said["pid"])
            else:
                self._waiting.pop(said["id"]).set_result(said["code"])


_FORK_SERVERS: dict[asyncio.AbstractEventLoop, _ForkServer] = {}


async def stop_fork_server() -> None:
    """Stop the process that this loop forks commands from; otherwise the loop waits for it for ever as it closes."""
    server = _FORK_SERVERS.pop(asyncio.get_running_loop(), None)
    if server is not None:
        await server.ended()


def free_port() -> int:
    """A port that nobody listens to."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


@dataclass(slots=True)
class Serving:
    """A command that serves until it is told to stop, or killed."""

    url: str
    process: Process | Forked = field(repr=False)
    #: What it prints.
    _said: tuple[int, int] = field(repr=False)

    @property
    def output(self) -> str:
        return _read(self._said[0])

    @property
    def errors(self) -> str:
        return _read(self._said[1])

    async def up(self) -> None:
        """Until it is ready to work."""
        async with asyncio.timeout(_PATIENCE), httpx.AsyncClient(base_url=self.url) as http:
            while self.process.returncode is None:
                with suppress(httpx.TransportError):
                    if (await http.get("/ready")).status_code == 200:
                        return
                await asyncio.sleep(0.05)
        raise AssertionError(f"it did not start: {self.errors}")

    async def stopped(self) -> tuple[int, float]:
        """Terminated as a service manager does; its exit code, and after how many seconds."""
        since = time.monotonic()
        self.process.terminate()
        code = await asyncio.wait_for(self.process.wait(), _PATIENCE)
        return code, time.monotonic() - since

    async def killed(self) -> None:
        """As ``kill -9`` does: it has no say in it."""
        self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def serving(
    *arguments: object, port: int | None = None, python: object = None, **settings: object
) -> AsyncIterator[Serving]:
    """``serve`` or ``demo`` on a free port, ready; ended with the block, if it has not ended before.

    Started anew by this ``python``, or forked from a process that has imported the product.
    """
    port = port or free_port()
    given = environment({"public_url": f"http://localhost:{port}"} | settings)
    command = (*arguments, "--port", port)
    with NamedTemporaryFile() as output, NamedTemporaryFile() as errors:
        process: Process | Forked
        if python is None:
            process = await forked(*command, environment=given, output=output.name, errors=errors.name)
        else:
            process = await asyncio.create_subprocess_exec(
                str(python), "server.py", *map(str, command), cwd=ROOT, env=given, stdout=output, stderr=errors
            )
        running = Serving(f"http://localhost:{port}", process, (output.fileno(), errors.fileno()))
        try:
            await running.up()
            yield running
        finally:
            if process.returncode is None:
                await running.killed()


#: By a Python of its own, as a service manager does.
serving_anew = partial(serving, python=sys.executable)


@asynccontextmanager
async def begun(*arguments: object, **settings: object) -> AsyncIterator[Process]:
    """A command that is under way, in a process of its own; killed with the block, if it has not ended before."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "server.py",
        *(str(argument) for argument in arguments),
        cwd=ROOT,
        env=environment(settings),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _read(file: int) -> str:
    return os.pread(file, os.fstat(file).st_size, 0).decode()
