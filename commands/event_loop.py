"""The server's event loop, with room on the interpreter's stack for everything that it calls.

CPython keeps the frames of Python functions in chunks of 16 KiB, and unmaps a chunk as soon as its last frame
returns (``push_chunk`` and ``_PyThreadState_PopFrame`` in Python/pystate.c). Where a loop at some depth calls a
function just beyond a boundary, every call maps and unmaps memory. How deep that is depends on who started the
server; in ours it was in the middle of GraphQL's completion, and a page of dossiers took four times as long.
"""

import asyncio
from collections.abc import Callable
from types import FunctionType

try:
    from uvloop import Loop
except ImportError:
    # Where there is no uvloop, as on Windows.
    Loop = asyncio.SelectorEventLoop  # type: ignore[misc,assignment]

#: In words of 8 bytes. A chunk's size is the power of two above its first frame: 2 MiB, of which half is left over.
_FRAME = 140_000


def _call(work: Callable[[], None]) -> None:
    work()


#: ``_call`` with a frame that is far larger than it needs. Only what is used of it ever becomes real memory.
_with_room = FunctionType(_call.__code__.replace(co_stacksize=_FRAME), globals(), "_with_room")


class RoomyLoop(Loop):
    """An event loop that keeps callbacks away from the end of a chunk."""

    def run_forever(self) -> None:
        _with_room(super().run_forever)
