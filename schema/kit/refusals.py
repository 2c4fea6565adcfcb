"""Refusals as GraphQL types: one object type for each flow refusal, all with ``code`` and ``message``."""

import dataclasses
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Union

import strawberry

from flows.refusals import Problem
from flows.refusals import Refusal as FlowRefusal


@strawberry.interface(description="A typed no. `code` is stable and for programs; `message` is for the person.")
class Refusal:
    code: str = strawberry.field(description="Stable, UPPER_SNAKE_CASE.")
    message: str = strawberry.field(description="One or two sentences in the person's language.")


#: What the own fields of refusals mean; a field that is not here does not build.
_MEANINGS = {
    "factor": "The factor's name.",
    "field": "The field of the input that is wrong, as in the schema.",
    "limit": "The most that can be asked for at once.",
    "maximum": "The most characters that it may have.",
    "minimum": "The fewest characters that it must have, today and for this person.",
    "opens_at": "From when the video room can be entered; null where that does not matter any more.",
    "path": "Where the field is, as in the errors of GraphQL: names, and positions in lists from 0.",
    "person": "The person's name.",
    "problem": "What is wrong with it, in a sentence in the person's language.",
    "problem_code": "What is wrong with it, for programs: stable, UPPER_SNAKE_CASE.",
    "reason": "The code without its prefix.",
    "retry_at": "When to try again; null where only the practice can help.",
    "weaknesses": "What is wrong with it: TOO_SHORT, TOO_LONG, COMMON, GUESSABLE, SAME.",
}
#: Fields of flow refusals that clients see as well, by their types, and as what.
_SHOWN: dict[Any, Any] = {kind: kind for kind in (str, int, list[str], datetime, datetime | None)} | {Problem: str}


def _all_refusals(base: type[FlowRefusal] = FlowRefusal) -> Iterator[type[FlowRefusal]]:
    for refusal in base.__subclasses__():
        if hasattr(refusal, "kind"):
            yield refusal
        yield from _all_refusals(refusal)


def _type_for(refusal: type[FlowRefusal]) -> type:
    own: dict[str, dataclasses.Field[Any]] = getattr(refusal, "__dataclass_fields__", {})
    shown = {name: _SHOWN[field.type] for name, field in own.items() if field.type in _SHOWN}
    shown |= dict.fromkeys(refusal.spoken, str)
    fields = {name: strawberry.field(description=_MEANINGS[name]) for name in shown}
    made = type(refusal.__name__, (Refusal,), {"__annotations__": shown, "__module__": __name__, **fields})
    # Docstrings mark code with two backticks, descriptions with one.
    description = " ".join((refusal.__doc__ or "").split()).replace("``", "`")
    graphql_type: type = strawberry.type(made, description=description)
    return graphql_type


#: The GraphQL type of each flow refusal.
TYPES: dict[type[FlowRefusal], type] = {refusal: _type_for(refusal) for refusal in _all_refusals()}


def refused(refusal: FlowRefusal, locale: str) -> Any:
    """The GraphQL object that tells this refusal in this language."""
    kind = TYPES[type(refusal)]
    own = {field.name for field in dataclasses.fields(kind)} - {"code", "message", *refusal.spoken}
    texts = {name: getattr(refusal, name)(locale) for name in ("message", *refusal.spoken)}
    return kind(code=refusal.code, **texts, **{name: getattr(refusal, name) for name in own})


def answer(name: str, successes: tuple[type, ...], refusals: tuple[type[FlowRefusal], ...]) -> Any:
    """The union ``name`` of what a field answers: its successes first, then its refusals."""
    members = (*successes, *(TYPES[refusal] for refusal in dict.fromkeys(refusals)))
    field = name[0].lower() + name.removesuffix("Answer")[1:]
    description = f"What `{field}` answers: success first, then every refusal."
    return Annotated[Union[members], strawberry.union(name, description=description)]  # noqa: UP007 - members are known at run time
