"""``python -m bench``: ours and the floor in one run, taking turns; only the ratios mean anything elsewhere."""

import argparse
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg  # type: ignore[import-untyped]
import uvloop

from bench.measuring import Measured, Terms, measured
from bench.seeding import seed
from bench.servers import cores, pin

_POSTGRESQL = "postgresql://postgres@127.0.0.1:5432"


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--postgresql", metavar="URL", default=_POSTGRESQL, help="the server, without a database")
    parser.add_argument("--dossiers", type=int, default=10_000, help="in the practice (10000)")
    parser.add_argument("--seconds", type=float, default=3.0, help="of one measure (3)")
    parser.add_argument("--rounds", type=int, default=3, help="to take the median of (3)")
    uvloop.run(_run(parser.parse_args()))


async def _run(options: argparse.Namespace) -> None:
    servers, generator = cores()
    pin(0, generator)
    terms = Terms(options.seconds, options.rounds)
    server = options.postgresql if options.database == "postgresql" else None
    with tempfile.TemporaryDirectory(prefix="sluis-bench-") as name:
        folder = Path(name)
        async with _database(server, folder) as url:
            print(f"Filling {options.database} with {options.dossiers} dossiers …", flush=True)
            seeded = await seed(url, options.dossiers)
            print(f"Measuring: {terms.rounds} rounds of {terms.seconds:g} s …\n", flush=True)
            found = await measured(url, seeded, folder, servers, terms)
    print(_table(found))
    where = "all servers on one core, the load on another" if servers else "nothing pinned to a core"
    print(f"\nOperations a second over {terms.connections} connections, medians; {where}.")


@asynccontextmanager
async def _database(server: str | None, folder: Path) -> AsyncIterator[str]:
    """An empty database of its own: a file, or on a PostgreSQL server, where it is dropped at the end."""
    if server is None:
        yield f"sqlite://{folder / 'bench.db'}"
        return
    name = f"sluis_bench_{uuid4().hex[:12]}"
    await _on_server(server, f"CREATE DATABASE {name}")
    try:
        yield f"{server.rstrip('/')}/{name}"
    finally:
        await _on_server(server, f"DROP DATABASE {name} WITH (FORCE)")


async def _on_server(server: str, statement: str) -> None:
    connection = await asyncpg.connect(f"{server.rstrip('/')}/postgres")
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _table(found: Sequence[Measured]) -> str:
    head = f"{'work':<28}{'floor /s':>10}{'ours /s':>10}{'ratio':>8}{'statements':>12}{'hashes':>8}"
    rows = (
        f"{one.work:<28}{one.floor:>10.1f}{one.ours:>10.1f}{one.ours / one.floor:>8.3f}"
        f"{one.statements:>12}{one.hashes:>8}"
        for one in found
    )
    return "\n".join([head, "-" * len(head), *rows])


if __name__ == "__main__":
    main()
