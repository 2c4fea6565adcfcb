"""Reading delivery reports from where mail servers put them: standard input, a file, an mbox or a Maildir."""

import mailbox
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from commands.database import CommandProblem
from delivery.bounces import LARGEST, BounceReader, Outcome, ReturnPath
from flows.core.context import AppContext

Say = Callable[[str], None]
_SEEN = "S"


async def read_bounces(app: AppContext, say: Say, source: str, address: str) -> None:
    """Store what the reports in ``source`` say, and say how many did what. Raises CommandProblem."""
    reader = BounceReader(ReturnPath(app.keys, address), app.clock)
    outcomes = Counter[Outcome]()
    for content, done in _messages(source):
        outcomes[await reader.read(content)] += 1
        done()
    told = ", ".join(f"{outcomes[one]} {words}" for one, words in _WORDS.items() if outcomes[one])
    say(f"Read {outcomes.total()}{': ' + told if told else ''}.")


_WORDS = {
    Outcome.RECORDED: "recorded",
    Outcome.KNOWN: "known already or forgotten",
    Outcome.FORGED: "about no message of ours",
    Outcome.NO_REPORT: "no delivery report",
}

Done = Callable[[], object]


def _messages(source: str) -> Iterator[tuple[bytes, Done]]:
    """Each message, and what to call once it was read."""
    if source == "-":
        # As a mail server pipes one message to a command.
        yield sys.stdin.buffer.read(LARGEST), _nothing
        return
    path = Path(source)
    try:
        if path.is_dir():
            yield from _maildir(path)
        elif _is_mbox(path):
            with closing(mailbox.mbox(path, create=False)) as box:
                yield from ((box.get_bytes(key), _nothing) for key in box.iterkeys())
        else:
            with path.open("rb") as file:
                yield file.read(LARGEST), _nothing
    except (OSError, mailbox.Error) as error:
        raise CommandProblem(f"{source} can't be read: {error}") from error


def _is_mbox(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(5) == b"From "


def _maildir(path: Path) -> Iterator[tuple[bytes, Done]]:
    """What nobody has seen yet; once read it is seen, so that the command can run every few minutes."""
    if not (path / "new").is_dir():
        raise CommandProblem(f"{path} is no Maildir: it has no folder new")
    for folder in ("new", "cur"):
        for file in sorted((path / folder).iterdir()):
            base, _, flags = file.name.partition(":2,")
            if _SEEN in flags or not file.is_file():
                continue
            seen = path / "cur" / f"{base}:2,{''.join(sorted({*flags, _SEEN}))}"
            with file.open("rb") as opened:
                content = opened.read(LARGEST)
            yield content, lambda file=file, seen=seen: file.rename(seen)  # type: ignore[misc]


def _nothing() -> None:
    return
