"""The names of the messages that the product sends, as they stand in its source."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from delivery.resolve import REQUESTS

_TOP = Path(__file__).parents[2]
#: What takes the name of a mail, and as which of its arguments.
_TELLING = {"tell": 2}
_MAILING = {
    "post": 2,
    "tell_attendees": 2,
    "write_to": 3,
    "_ask_mail": 3,
    "Invitee": 3,
    "SignUpMail": 0,
    "_sign_up_mail": 0,
}
_ANSWERING = {"Letter": 0, "_letter": 0}
#: Names that are not written out: what one of the above was given (or the outbox has), and what else they may be.
_PASSED_ON = {"invitee.template", "text.template", "row.template", "mail.template"}
_MADE = {"f'change_{state.lower()}'": {"change_accepted", "change_rejected"}}


@cache
def told() -> set[str]:
    """What is told to a person behind an account, by whatever way there is."""
    return _named("flows", _TELLING)


@cache
def mailed() -> set[str]:
    """What is mailed to anybody."""
    return (told() | _named("flows", _MAILING) | _named("delivery", _ANSWERING)) - REQUESTS


def _named(room: str, takers: dict[str, int]) -> set[str]:
    found = set[str]()
    for path in (_TOP / room).rglob("*.py"):
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                for call in ast.walk(function):
                    # Without arguments by place, as in Letter(**kept), it is what was given before.
                    if isinstance(call, ast.Call) and call.args and getattr(call.func, "id", "") in takers:
                        given = call.args[takers[ast.unparse(call.func)]]
                        found |= set(_names(given, function.name))
    return found


def _names(given: ast.expr, function: str) -> Iterator[str]:
    if isinstance(given, ast.IfExp):
        yield from _names(given.body, function)
        yield from _names(given.orelse, function)
    elif isinstance(given, ast.Constant):
        yield str(given.value)
    elif (written := ast.unparse(given)) in _MADE:
        yield from _MADE[written]
    else:
        known = written in _PASSED_ON or (written == "template" and function in _TELLING | _MAILING | _ANSWERING)
        assert known, f"{function}: which templates can {written} be?"
