"""Work that takes long (paper, pictures, archives), on a few threads of its own, so that nothing else waits for it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_T = TypeVar("_T")


class Workbench:
    """At most `places` pieces of work at once; further ones wait their turn."""

    def __init__(self, places: int = 2) -> None:
        # Not a semaphore around shared threads: a cancelled request would free it while its thread goes on.
        self._pool = ThreadPoolExecutor(places, thread_name_prefix="workbench")

    async def do(self, work: Callable[[], _T]) -> _T:
        """What `work` answers or raises, from a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        """Ends the threads; work that has not begun is cancelled."""
        self._pool.shutdown(wait=False, cancel_futures=True)
