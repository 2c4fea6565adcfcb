"""The factor in the docstring of `plugins` is whole: installed as a stranger's, it enrols and verifies."""

import inspect
import textwrap
from collections.abc import Callable

import plugins
from plugins import Accepted, EnrolmentBegun, EnrolmentConfirmed, Reason, Refused, Role, build_registry
from tests.support.desk import LocalDesk


def example() -> str:
    """The docstring's one literal block."""
    text = inspect.getdoc(plugins) or ""
    _, _, block = text.partition("::\n")
    lines = [line for line in block.splitlines() if not line or line.startswith("    ")]
    return textwrap.dedent("\n".join(lines))


async def test_the_example_enrols_and_verifies(install: Callable[[str, str], None]) -> None:
    install("word", example())
    registry = build_registry(["word"], {})
    (word,) = registry.of(Role.PROOF)
    desk = LocalDesk(registry.config("word"))
    begun = await word.begin_enrolment(desk, [], None)
    assert isinstance(begun, EnrolmentBegun)
    assert word.graphql.enrolment is not None
    assert word.graphql.proof is not None
    shown = word.graphql.enrolment(id="x", factor="word", expires_at=desk.now, **begun.public)
    right, wrong, empty = (word.graphql.proof(word=text) for text in (shown.word, "pancake", "\ud800"))
    confirmed = await word.confirm_enrolment(desk, begun.pending, desk.opened(), right)
    assert isinstance(confirmed, EnrolmentConfirmed)
    assert await word.verify(desk, confirmed.state, desk.opened(), right) == Accepted(confirmed.state)
    assert await word.verify(desk, confirmed.state, desk.opened(), wrong) == Refused(Reason.WRONG)
    assert await word.verify(desk, confirmed.state, desk.opened(), empty) == Refused(Reason.MALFORMED)
    assert shown.word not in f"{begun!r} {confirmed!r} {right!r} {shown!r}"
