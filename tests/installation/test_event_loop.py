"""The server's event loop keeps Python from mapping memory on each call at an unlucky depth."""

import asyncio
import resource
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from commands.event_loop import RoomyLoop

_CALLS = 500


def _leaf() -> None:
    pass


def _deep(depth: int) -> None:
    """Call something many times, ``depth`` frames further down."""
    if depth:
        return _deep(depth - 1)
    for _ in range(_CALLS):
        _leaf()
    return None


async def _faults() -> int:
    """Page faults of calls at each depth that a request may come to."""
    before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
    for depth in range(400):
        _deep(depth)
    return resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before


def _run(loop: Callable[[], asyncio.AbstractEventLoop]) -> int:
    def run() -> int:
        with asyncio.Runner(loop_factory=loop) as runner:
            return runner.run(_faults())

    # A thread of its own has a stack of its own, that begins where a chunk does.
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(run).result()


@pytest.mark.skipif(not hasattr(resource, "RUSAGE_THREAD"), reason="counts page faults as Linux does")
def test_calls_at_any_depth_map_no_memory() -> None:
    assert _run(RoomyLoop) < _CALLS
