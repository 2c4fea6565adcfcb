"""Garbage to be given in place of proofs: of the types that GraphQL lets through, and of others."""

import types
import typing
from collections.abc import Iterator, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from typing import Any

from hypothesis import strategies as st

#: More than a request can hold (100 KB), and what breaks parsers, regular expressions and encoders.
_HUGE = "0" * 120_000
_TEXTS = (
    *("", " ", "\0", "0", "000000", "-1", "1e9", "NaN", "null", "{}", "[]", '{"a":' * 500, "[" * 5_000),
    *("\ud800", "\U0010ffff", "e\u0301" * 1_000, "\u202e123456", "1 2-3\u200b4\u00ad5\u20136"),
    # Digits that `str.isdigit` takes for such: full-width, Arabic, circled.
    *("\uff11\uff12\uff13\uff14\uff15\uff16", "\u0661\u0662\u0663\u0664\u0665\u0666", "\u2460\u2461\u2462"),
    *("'; DROP TABLE account; --", "%s%n{0}{self}", "../../etc/passwd", "a" * 1_000 + "!", _HUGE),
)
_INTEGERS = (0, -1, 1, 2**31 - 1, -(2**31))
_STRANGE = (True, 0, 1.5, float("nan"), "123456", b"123456", (), ["1"], {"code": "1"})
_WRONG_TYPES: tuple[Any, ...] = (None, *_STRANGE, object())


@dataclass(frozen=True, slots=True)
class Garbage:
    """What is thrown in any case, and what chance adds to it."""

    always: Sequence[Any]
    more: st.SearchStrategy[Any]


def texts() -> Garbage:
    """Any text that JSON can hold, lone surrogates included."""
    return Garbage(_TEXTS, _of(str))


def values(kind: type) -> Garbage:
    """Arguments for an instance of a GraphQL input, of the types that it declares."""
    hints = {one.name: typing.get_type_hints(kind)[one.name] for one in fields(kind) if one.init}
    always = [{name: _like(hint, text) for name, hint in hints.items()} for text in _TEXTS]
    return Garbage(always, st.fixed_dictionaries({name: _of(hint) for name, hint in hints.items()}))


def _like(hint: Any, text: str) -> Any:
    """A value of this type that is made of a text, where one can be."""
    if typing.get_origin(hint) is list:
        return [_like(typing.get_args(hint)[0], text)] * 3
    return text if _is_text(hint) else {int: len(text), float: float(len(text)), bool: bool(text)}.get(hint)


def _is_text(hint: Any) -> bool:
    return hint is str or getattr(hint, "__supertype__", None) is str


def _of(hint: Any) -> st.SearchStrategy[Any]:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if _is_text(hint):
        return st.one_of(st.sampled_from(_TEXTS), st.text(st.characters(), max_size=200))
    if hint is int:
        return st.one_of(st.sampled_from(_INTEGERS), st.integers(-(2**31), 2**31 - 1))
    if origin in (typing.Union, types.UnionType):
        return st.one_of([_of(each) for each in inner])
    if origin is list:
        return st.one_of(st.lists(_of(inner[0]), max_size=20), st.just(["0"] * 20_000 if inner[0] is str else []))
    if isinstance(hint, type) and is_dataclass(hint):
        return values(hint).more.map(lambda given: hint(**given))
    return st.from_type(hint)


def of_wrong_types(kind: type) -> Iterator[object]:
    """Values that are no proof of this kind, and proofs with every field of an undeclared type."""
    yield from _WRONG_TYPES
    for wrong in _WRONG_TYPES:
        try:
            yield kind(**{one.name: wrong for one in fields(kind) if one.init})
        except Exception:  # noqa: BLE001, S112
            # The type itself refuses it, as it may.
            continue


def spoilt(proof: Any) -> Iterator[Any]:
    """A right proof with the last character taken from each of its texts; none for one without texts."""
    if isinstance(proof, str):
        yield from (proof[:-1], "")
        return
    for one in fields(proof):
        value = getattr(proof, one.name)
        if isinstance(value, str) and value and one.default is MISSING:
            yield replace(proof, **{one.name: value[:-1]})
            yield replace(proof, **{one.name: ""})
        elif isinstance(value, list) and value and all(isinstance(each, str) for each in value):
            yield replace(proof, **{one.name: [each[:-1] for each in value]})
            yield replace(proof, **{one.name: value[:-1]})
            yield replace(proof, **{one.name: []})
