"""The servers that are measured: each a process of its own, on a loopback port, pinned to one core."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

_ROOT = Path(__file__).parent.parent
_PATIENCE = 30


def cores() -> tuple[set[int], set[int]]:
    """The servers' core and the generator's; empty where the system can't pin or has one core."""
    if not hasattr(os, "sched_getaffinity"):
        return set(), set()
    first, *others = sorted(os.sched_getaffinity(0))
    return ({first}, {others[-1]}) if others else (set(), set())


def pin(process: int, to: set[int]) -> None:
    """Keep a process (0: this one) on these cores; an empty set leaves it where it is."""
    if to:
        os.sched_setaffinity(process, to)


def environment(database: str, folder: Path, cost: tuple[int, int]) -> dict[str, str]:
    """Ours as in production, but for http; limits far away, since all the load comes from one address."""
    config = folder / "sluis.toml"
    config.touch()
    return {
        "SLUIS_CONFIG": str(config),
        "SLUIS_DATABASE_URL": database,
        "SLUIS_GRAPHQL_INTROSPECTION": "false",
        "SLUIS_GRAPHQL_IDE": "false",
        "SLUIS_LOG_FORMAT": "json",
        "SLUIS_PASSWORD_HASH_MEMORY_KIB": str(cost[0]),
        "SLUIS_PASSWORD_HASH_TIME": str(cost[1]),
        "SLUIS_LIMIT_ADDRESS_PER_MINUTE": "1000000",
        "SLUIS_LIMIT_PRACTICE_PER_MINUTE": "1000000",
        "SLUIS_LIMIT_INSTALLATION_PER_MINUTE": "1000000",
    }


@asynccontextmanager
async def served(command: list[str], given: Mapping[str, str], core: set[int], log: Path) -> AsyncIterator[int]:
    """``python command --port N`` from its first answer on; answers N. Raises RuntimeError if there is none."""
    port = _free_port()
    own = {name: value for name, value in os.environ.items() if not name.startswith("SLUIS_")}
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *command,
            "--port",
            str(port),
            cwd=_ROOT,
            env=own | dict(given) | {"SLUIS_PUBLIC_URL": f"http://localhost:{port}"},
            stdout=errors,
            stderr=errors,
        )
    pin(process.pid, core)
    try:
        await _answering(port, process, log)
        yield port
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _PATIENCE)
        except TimeoutError:
            process.kill()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


async def _answering(port: int, process: asyncio.subprocess.Process, log: Path) -> None:
    async with asyncio.timeout(_PATIENCE):
        while process.returncode is None:
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.05)
    told = await asyncio.to_thread(log.read_text)
    raise RuntimeError(f"a server did not start:\n{told[-2000:]}")
