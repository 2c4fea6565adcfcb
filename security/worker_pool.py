"""A small thread pool for work that takes long (PDFs, pictures, archives), so that requests do not wait for it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_T = TypeVar("_T")


class WorkerPool:
    """At most `size` pieces of work at once; more wait in a queue."""

    def __init__(self, size: int = 2) -> None:
        # Not a semaphore around shared threads: a cancelled request would free it while its thread goes on.
        self._pool = ThreadPoolExecutor(size, thread_name_prefix="worker")

    async def run(self, work: Callable[[], _T]) -> _T:
        """What `work` answers or raises, from a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        """Ends the threads; work that has not begun is cancelled."""
        self._pool.shutdown(wait=False, cancel_futures=True)
