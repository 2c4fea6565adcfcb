"""The rules that the models declare are the database's own: it has each by name, and refuses what breaks it."""

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from models import (
    AccessGrant,
    Account,
    Appointment,
    AppointmentState,
    AuditSegment,
    ChangeState,
    GrantState,
    Invitation,
    Practice,
    Receipt,
    Respondent,
    StaffMember,
)
from models.db.database import IntegrityError, close_database, open_database
from tests.migrations.filling import World, all_models, fill
from tests.migrations.picture import taken
from tests.support.clock import MONDAY_NOON
from tests.support.databases import Database

Values = dict[str, Any]

#: For each check: what breaks it, and what is at its edge.
CHECKS: Mapping[str, tuple[type[Model], Values, Values]] = {
    "appointment_ends_after_start": (
        Appointment,
        {"ends_at": MONDAY_NOON + timedelta(days=1, microseconds=1)},
        {"ends_at": MONDAY_NOON + timedelta(days=1, microseconds=2)},
    ),
    "appointment_state_known": (
        Appointment,
        {"state": AppointmentState.CANCELLED, "cancelled_at": None},
        {"state": AppointmentState.COMPLETED, "cancelled_at": None},
    ),
    "receipt_total_positive": (Receipt, {"total_minor": 0}, {"total_minor": 1}),
    "practice_slug_given": (Practice, {"slug": ""}, {"slug": "p"}),
    "account_login_code_digits": (Account, {"login_code": "1234567"}, {"login_code": "12345678"}),
    "grant_approved_when": (
        AccessGrant,
        {"state": GrantState.APPROVED, "approved_at": None},
        {"state": GrantState.DEACTIVATED, "approved_at": None},
    ),
    "invitation_for_one": (Invitation, {"respondent_id": None, "staff_id": None}, {"superseded": False}),
}
_OPEN = {"accepted_at": None, "revoked_at": None}
#: For each unique rule with a condition: what makes it hold, and what makes it not.
CONDITIONS: Mapping[str, tuple[Values, Values]] = {
    "change_request_open_once": ({"state": ChangeState.OPEN}, {"state": ChangeState.WITHDRAWN}),
    "exemption_open_once": ({"ended_at": None}, {"ended_at": MONDAY_NOON}),
    "grant_live_once": ({"state": GrantState.PENDING}, {"state": GrantState.DEACTIVATED}),
    "invitation_open_once": (_OPEN, _OPEN | {"revoked_at": MONDAY_NOON}),
    "invitation_staff_open_once": (_OPEN, _OPEN | {"accepted_at": MONDAY_NOON}),
    "mailed_link_open_once": ({"used_at": None, "superseded_at": None}, {"superseded_at": MONDAY_NOON}),
    "phone_change_open_once": ({"used_at": None, "superseded_at": None}, {"superseded_at": MONDAY_NOON}),
    "receipt_valid_once": ({"voided_at": None}, {"voided_at": MONDAY_NOON}),
    "release_open_once": ({"withdrawn_at": None}, {"withdrawn_at": MONDAY_NOON}),
}
#: Their rows do not change, so a second one is refused as it comes.
APPEND_ONLY = {AuditSegment}


def _nothing(world: World) -> Values:
    return {}


#: What keeps another rule out of the way.
_ASIDE: Mapping[str, Callable[[World], Values]] = {
    "grant_once": lambda _: {"state": GrantState.DEACTIVATED},
    "invitation_staff_open_once": lambda world: {"respondent_id": None, "staff_id": world[StaffMember].pk},
}


@pytest.fixture
async def opened(database: Database) -> AsyncIterator[Database]:
    """Open in this process."""
    try:
        await open_database(database.url)
        yield database
    finally:
        await close_database()


def declared(kind: type[Any]) -> list[tuple[type[Model], Any]]:
    """The rules of this kind in ``Meta.constraints``, with their models."""
    return [(model, rule) for model in all_models() for rule in model._meta.constraints if isinstance(rule, kind)]


async def test_the_database_has_each_rule_by_name(opened: Database) -> None:
    found = {name.removesuffix("_insert").removesuffix("_update") for name in (await taken(opened)).rules}
    rules = declared(UniqueConstraint) + declared(CheckConstraint)
    assert len(rules) > 20
    assert {rule.name for _, rule in rules} - found == set()


async def test_a_unique_rule_refuses_a_second_row(opened: Database) -> None:
    first, second = await fill(1), await fill(2)
    for model, rule in declared(UniqueConstraint):
        assert (rule.condition is not None) == (rule.name in CONDITIONS), f"say what {rule.name} depends on"
        refuses = _refuses_to_add if model in APPEND_ONLY else _refuses_a_second
        await refuses(model, rule, first, second)


async def _refuses_to_add(model: type[Model], rule: UniqueConstraint, first: World, second: World) -> None:
    columns = {name: getattr(first[model], name) for name in model._meta.db_fields if name != "id"}
    with pytest.raises(IntegrityError):
        await model.create(**columns)
    for name in _columns(model, rule):
        await model.create(**columns | {name: getattr(second[model], name)})


async def _refuses_a_second(model: type[Model], rule: UniqueConstraint, first: World, second: World) -> None:
    holds, released = CONDITIONS.get(rule.name or "", ({}, {}))
    aside = _ASIDE.get(rule.name or "", _nothing)
    await _change(first[model], holds | aside(first))
    await _change(second[model], holds | aside(second))
    same = await _stored(first[model], _columns(model, rule))
    with pytest.raises(IntegrityError):
        await _change(second[model], same)
    for column in same if len(same) > 1 else ():
        before = await _stored(second[model], same)
        await _change(second[model], {name: value for name, value in same.items() if name != column})
        await _change(second[model], before)
    if released:
        await _change(second[model], same | released)
    for world in (first, second):
        await _change(world[model], {name: getattr(world[model], name) for name in same | holds | aside(world)})


def _columns(model: type[Model], rule: UniqueConstraint) -> list[str]:
    return [f"{name}_id" if name in model._meta.fk_fields else name for name in rule.fields]


async def _stored(row: Model, columns: Any) -> Values:
    (values,) = await type(row).filter(pk=row.pk).values(*columns)
    return values


async def _change(row: Model, values: Values) -> None:
    assert not values or await type(row).filter(pk=row.pk).update(**values) == 1


async def test_a_check_refuses_a_new_row_and_a_changed_one(opened: Database) -> None:
    world = await fill(1)
    assert {rule.name for _, rule in declared(CheckConstraint)} == {*CHECKS}, "say what breaks each"
    for model, broken, kept in CHECKS.values():
        row = world[model]
        columns = {name: getattr(row, name) for name in model._meta.db_fields if name != "id"}
        with pytest.raises(IntegrityError):
            await _change(row, broken)
        with pytest.raises(IntegrityError):
            await model.create(**columns | _another(model) | broken)
        assert await model.filter(**broken).count() == 0
        await _change(row, kept)


def _another(model: type[Model]) -> Values:
    """What tells a copy from its original, so that only the check is in the way."""
    different: Mapping[type[Model], Values] = {
        Practice: {"slug": "another"},
        Account: {"login_code": "99999999", "email_key": None},
        AccessGrant: {},
        Appointment: {},
        Receipt: {"sequence": 99},
        Invitation: {"token_hash": "another", "revoked_at": MONDAY_NOON},
    }
    return different[model]


async def test_an_invitation_is_not_for_two(opened: Database) -> None:
    world = await fill(1)
    both = {"respondent_id": world[Respondent].pk, "staff_id": world[StaffMember].pk}
    with pytest.raises(IntegrityError):
        await _change(world[Invitation], both)


async def test_a_row_belongs_to_rows_that_are_there(opened: Database) -> None:
    world = await fill(1)
    for model in all_models():
        for name in model._meta.fk_fields:
            with pytest.raises(IntegrityError):
                await _change(world[model], {f"{name}_id": uuid4()})


async def test_a_practice_with_rows_can_not_be_deleted(opened: Database) -> None:
    world = await fill(1)
    with pytest.raises(IntegrityError):
        await world[Practice].delete()


async def test_every_relation_is_indexed(opened: Database) -> None:
    structure = (await taken(opened)).structure
    indexes = [sql.replace('"', "").replace("public.", "") for (kind, _), sql in structure.items() if kind == "index"]
    for model in all_models():
        for name in model._meta.fk_fields:
            begins = f" ON {model._meta.db_table} "
            assert any(begins in sql and f"({name}_id" in sql for sql in indexes), f"{model.__name__}.{name}"
