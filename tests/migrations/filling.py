"""Rows for every table that the models know, made from the fields themselves: a new model is filled at once."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from enum import Enum
from typing import Any
from uuid import uuid4

from tortoise import Tortoise, fields
from tortoise.fields.relational import ForeignKeyFieldInstance
from tortoise.models import Model

from models import StaffRole
from normalise.search import search_key
from tests.support.clock import MONDAY_NOON

#: What migrations, quoting and rebuilding tables could spoil.
_AWKWARD = "Łukasz 'O\"Neil; -- ?$1 é"
_NAMED = ("Dossier", "Respondent", "Prospect")
#: What a rule of the database, or a migration that computes values again, wants otherwise than the type of the field
#: tells; callables take the row's number.
_SPECIAL: Mapping[tuple[str, str], Any] = {
    ("Account", "login_code"): lambda number: f"{number:08}",
    # A row comes into its segment later.
    ("AuditEvent", "segment"): None,
    ("Appointment", "ends_at"): lambda number: MONDAY_NOON + timedelta(days=number, hours=1),
    ("Invitation", "staff"): None,
    ("StaffMember", "role"): StaffRole.OWNER,
    **{(model, "sort_key"): lambda number: search_key(f"{number} {_AWKWARD}") for model in _NAMED},
}


def all_models() -> list[type[Model]]:
    """Every model of the open database, parents first."""
    waiting = list((Tortoise.apps or {})["models"].values())
    sorted_: list[type[Model]] = []
    while waiting:
        ready = [model for model in waiting if not {*_parents(model)} - {*sorted_, model}]
        assert ready, f"parents of each other: {waiting}"
        sorted_ += ready
        waiting = [model for model in waiting if model not in ready]
    return sorted_


def _parents(model: type[Model]) -> Iterator[type[Model]]:
    for name in model._meta.fk_fields:
        yield model._meta.fields_map[name].related_model  # type: ignore[attr-defined]


World = dict[type[Model], Model]


async def fill(number: int) -> World:
    """One row in every table, belonging together; rows of another number share nothing with them."""
    world: World = {}
    for model in all_models():
        world[model] = await model.create(**values(model, number, world))
    return world


def values(model: type[Model], number: int, world: World) -> dict[str, Any]:
    """Something in each field, those that may be NULL included; related rows come from the world."""
    given = {}
    for name, field in model._meta.fields_map.items():
        if name in model._meta.backward_fk_fields or field.reference is not None or field.generated:
            continue
        if (model.__name__, name) in _SPECIAL:
            special = _SPECIAL[model.__name__, name]
            given[name] = special(number) if callable(special) and not isinstance(special, type) else special
        else:
            given[name] = (
                _related(field, world) if isinstance(field, ForeignKeyFieldInstance) else _value(field, number)
            )
    return given


def _related(field: ForeignKeyFieldInstance[Model], world: World) -> Model:
    return world[field.related_model]


def _value(field: fields.Field[Any], number: int) -> Any:
    enum: type[Enum] | None = getattr(field, "enum_type", None)
    match field:
        case _ if enum is not None:
            return list(enum)[number % len(enum)]
        case fields.CharField() | fields.TextField():
            return f"{number} {_AWKWARD}"[: getattr(field, "max_length", 100)]
        case fields.BooleanField():
            return True
        case fields.IntField() | fields.BigIntField():
            return 1000 + number
        case fields.UUIDField():
            return uuid4()
        case fields.DatetimeField():
            return MONDAY_NOON + timedelta(days=number, microseconds=1)
        case fields.DateField():
            return date(1980, 2, 29)
        case fields.BinaryField():
            return bytes(range(256)) + str(number).encode()
        case fields.JSONField():
            return {"number": number, "text": [_AWKWARD, None]}
        case _:
            raise NotImplementedError(f"no value for {type(field).__name__}")
