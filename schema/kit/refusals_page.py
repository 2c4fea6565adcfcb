"""Every way of saying no, as a page of Markdown: generated from the refusals themselves."""

from collections.abc import Iterator

from flows.refusals import Refusal
from flows.refusals.sign_in import PASSWORD_PROBLEMS
from flows.refusals.typed import Problem
from locales import message
from schema.kit.refusals import TYPES

_HEAD = """# Refusals

Generated (`make schema`). A mutation answers its success or one of the refusals that its union names. `code` is stable
and for programs; `message` is for the person, in their language. A query that is refused ends in an error with the
same `code` in its `extensions`. Programs should take a code that they do not know for a plain no.

| code | type | what the person reads |
| --- | --- | --- |"""
_PROBLEMS = """
## What can be wrong with something typed

`InvalidInput` names the `field` as in the schema, and tells in `problemCode` what is wrong with it:

| problem | what the person reads next to the field |
| --- | --- |"""
_PASSWORDS = """
## What can be wrong with a password

`WeakPassword` lists codes in `weaknesses`; its message tells each, with the `minimum` or `maximum` of characters:

| weakness | what the person reads |
| --- | --- |"""


def page() -> str:
    """The page; the same for every installation."""
    rows = sorted({row for refusal in TYPES for row in _rows(refusal)})
    problems = [_row(problem, message(f"problem.{problem}", "en")) for problem in Problem]
    weaknesses = [_row(code, message(f"password.{code}", "en")) for code in PASSWORD_PROBLEMS]
    return "\n".join([_HEAD, *rows, _PROBLEMS, *sorted(problems), _PASSWORDS, *sorted(weaknesses)]) + "\n"


def _rows(refusal: type[Refusal]) -> Iterator[str]:
    for code in refusal.codes():
        yield _row(code, f"`{refusal.__name__}`", message(f"refusal.{code}", "en"))


def _row(code: str, *cells: str) -> str:
    return " | ".join([f"| `{code}`", *cells]).replace("{{", "{").replace("}}", "}") + " |"
