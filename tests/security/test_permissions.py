"""The authorisation matrix: every root field called as every kind of caller, and with every row of another practice.

``docs/permissions.md`` is the judge of who is admitted; it changes only by somebody's intent.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLUnionType,
    OperationType,
)

from models import AccessGrant, AuditSubject, Dossier, LoginSession, Practice, StaffRole, Transport
from plugins import build_registry
from plugins.registry import BUILT_IN
from schema.build import build_schema
from schema.http.limited_schema import LimitedSchema
from schema.http.transport_rules import TransportRules
from schema.kit.context import Context
from schema.kit.ids import node_id
from schema.kit.permissions_page import CALLERS, page
from security.keys import CannotOpen
from tests.flows.office import Desk, Office
from tests.migrations.filling import all_models, fill
from tests.support.databases import Database

pytestmark = pytest.mark.security

PAGE = Path(__file__).parents[2] / "docs" / "permissions.md"
BARE = build_schema(build_registry(list(BUILT_IN), {}))
#: As the server has it: each of the many documents is checked once, however often it is asked.
SCHEMA = LimitedSchema(BARE, TransportRules())
ROOTS = {operation: SCHEMA._schema.get_root_type(operation) for operation in OperationType}
#: How a caller who is not admitted is told so.
TURNED_AWAY = {"NOT_SIGNED_IN", "NOT_ALLOWED", "AWAITING_APPROVAL", "EMAIL_UNVERIFIED"}
#: What tells that something exists and is reached.
EXISTS = {"CONFLICT", "STEP_UP_REQUIRED", "ALREADY_EXISTS", "NOT_ALLOWED"}
#: Who is admitted, and told no by the flow for a reason that is in no role.
NARROWER = {
    ("inviteStaff", "admin"): "only owners make owners",
    ("requestChange", "unverified"): "nobody has checked yet whom the name would be written to",
    ("requestChange", "waiting"): "nobody has checked yet whom the name would be written to",
    ("requestChange", "respondent"): "the grant of this one waits, whatever is said of them",
    ("whoLookedAtMyDossier", "respondent"): "the client's own alone, and this one answers as somebody else",
}
_SCALARS: Mapping[str, Any] = {
    "String": "x",
    "Int": 1,
    "Float": 1.0,
    "Boolean": False,
    "Date": "2000-02-29",
    "DateTime": "2026-03-02T12:00:00Z",
    "Decimal": "1.00",
    "ID": node_id("Dossier", "00000000-0000-4000-8000-000000000000"),
}


@dataclass(frozen=True)
class Call:
    """One root field with arguments that are well formed and mean nothing; every id in them is ``identity``."""

    operation: OperationType
    name: str
    field: GraphQLField

    def __str__(self) -> str:
        return self.name

    @property
    def takes_ids(self) -> bool:
        return "ID" in {leaf for argument in self.field.args.values() for leaf in _leaves(argument.type)}

    def variables(self, identity: str) -> dict[str, Any]:
        return {name: _value(argument.type, identity) for name, argument in self.field.args.items()}

    @property
    def document(self) -> str:
        declared = ", ".join(f"${name}: {argument.type}" for name, argument in self.field.args.items())
        given = ", ".join(f"{name}: ${name}" for name in self.field.args)
        head = f"{self.operation.value}{f'({declared})' if declared else ''}"
        return f"{head} {{ {self.name}{f'({given})' if given else ''} {_selection(self.field)} }}"


def _bare(kind: Any) -> Any:
    while isinstance(kind, GraphQLNonNull | GraphQLList):
        kind = kind.of_type
    return kind


def _leaves(kind: Any) -> set[str]:
    """The names of all scalars in an input, however deep."""
    bare = _bare(kind)
    if isinstance(bare, GraphQLInputObjectType):
        return {leaf for field in bare.fields.values() for leaf in _leaves(field.type)}
    return {bare.name}


def _value(kind: Any, identity: str) -> Any:
    match kind:
        case GraphQLNonNull():
            return _value(kind.of_type, identity)
        case GraphQLList():
            return [_value(kind.of_type, identity)]
        case GraphQLEnumType():
            return next(iter(kind.values))
        case GraphQLInputObjectType():
            fields = list(kind.fields.items())
            chosen = fields[:1] if kind.extensions["strawberry-definition"].is_one_of else fields
            return {name: _value(field.type, identity) for name, field in chosen}
        case _:
            return identity if kind.name == "ID" else _SCALARS[kind.name]


def _selection(field: GraphQLField) -> str:
    kind = _bare(field.type)
    if isinstance(kind, GraphQLUnionType) and any(i.name == "Refusal" for m in kind.types for i in m.interfaces):
        return "{ __typename ... on Refusal { code } }"
    return "{ __typename }"


CALLS = [
    Call(operation, name, field) for operation, root in ROOTS.items() if root for name, field in root.fields.items()
]


async def outcome(desk: Desk, call: Call, identity: str) -> str | None:
    """The code that the field refused with; an empty text where it answered something; None where it answered null."""
    if call.operation is OperationType.SUBSCRIPTION:
        return await _first_event(desk, call, identity)
    result = await desk.schema.execute(call.document, call.variables(identity), desk.context)
    if result.errors:
        return _code(result.errors[0])
    assert result.data is not None
    value = result.data[call.name]
    if value is None:
        return None
    return value.get("code", "") if isinstance(value, dict) else ""


def _code(error: Any) -> str:
    """A refusal's code; any other error is a fault of ours."""
    if error.original_error is not None and not hasattr(error.original_error, "code"):
        raise error.original_error
    assert error.original_error is not None, error
    code: str = error.original_error.code
    return code


async def _first_event(desk: Desk, call: Call, identity: str) -> str:
    # The server's would have the errors ready for a reply, without what raised them.
    events: Any = await BARE.subscribe(call.document, call.variables(identity), desk.context)
    if not isinstance(events, AsyncIterator):
        return _code(events.errors[0])
    try:
        # It may end at once: there is no login session like this caller's.
        first = await anext(events, None)
    finally:
        await events.aclose()  # type: ignore[attr-defined]
    return _code(first.errors[0]) if first and first.errors else ""


def admitted(text: str) -> dict[str, set[str]]:
    """Which callers the page admits to each root field."""
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("| `")]
    return {
        name.strip("`"): {caller for caller, cell in zip(CALLERS, cells, strict=True) if cell == "yes"}
        for name, *cells in rows
        if len(cells) == len(CALLERS)
    }


class Doorstep(Desk):
    """Nobody is signed in."""

    @property
    def context(self) -> Context:
        return Context(self.app, self.caller.origin, None)


@pytest.fixture
async def staffed(office: Office) -> Office:
    """The practice with all that every factor adds to the schema."""
    app = replace(office.app, factors=build_registry(list(BUILT_IN), {}))
    return replace(office, schema=SCHEMA, app=app)


async def _desk(office: Office, kind: str) -> Desk:
    pattern = CALLERS[kind]
    if pattern is None:
        return Doorstep(SCHEMA, office.app, (await office.hire(kind, StaffRole.OWNER)).caller)
    if pattern.role:
        desk = await office.hire(kind, pattern.role)
    else:
        _, _, account = await office.waiting()
        desk = await office.desk(account)
    # There is no browser here that could be given a cookie.
    await LoginSession.filter(id=desk.caller.session_id).update(transport=Transport.BEARER)
    return replace(desk, caller=replace(desk.caller, access=pattern.access))


def test_the_page_is_what_the_fields_declare() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(SCHEMA), "run `make schema`, and read what changed"


@pytest.mark.database
@pytest.mark.parametrize("kind", CALLERS)
async def test_a_field_turns_away_whom_the_page_does_not_admit_and_nobody_else(staffed: Office, kind: str) -> None:
    judge = admitted(PAGE.read_text(encoding="utf-8"))
    assert judge.keys() == {call.name for call in CALLS}
    desk = await _desk(staffed, kind)
    for call in CALLS:
        said = await outcome(desk, call, _SCALARS["ID"])
        away = kind not in judge[call.name] or (call.name, kind) in NARROWER
        assert (said in TURNED_AWAY) is away, f"{call} answered {said!r} to {kind}"


@pytest.mark.database
async def test_nothing_of_another_practice_exists_for_an_owner(staffed: Office, database: Database) -> None:
    """Every field that takes an id, with the id of every row of a practice that has one in every table."""
    world = await fill(1)
    foreign = [node_id(kind.__name__, row.pk) for kind, row in world.items()]
    owner = await _desk(staffed, "owner")
    ours = str(staffed.practice.id)
    before = await _rows_but_of(database, ours)
    for call in (call for call in CALLS if call.takes_ids):
        for identity in foreign:
            said = await outcome(owner, call, identity)
            assert said is None or (said and said not in EXISTS), f"{call} answered {said!r} to {identity}"
    assert await _rows_but_of(database, ours) == before, "nothing of theirs changed"


@pytest.mark.database
async def test_a_client_reads_who_tried_the_dossier_out_of_reach(staffed: Office) -> None:
    """Every field for staff that takes an id, with every row of a dossier that a therapist does not treat.

    Where an owner finds something under the id, the therapist's attempt is in the trail, about that dossier.
    """
    world = await fill(1)
    practice, dossier = world[Practice], str(world[Dossier].pk)
    assert isinstance(practice, Practice)
    # What fills the column is no time zone, by which dates are read.
    practice.time_zone = "Europe/Amsterdam"
    await practice.save()
    theirs = replace(staffed, practice=practice)
    therapist, owner = await _desk(theirs, "therapist"), await _desk(theirs, "owner")
    judge, found = admitted(PAGE.read_text(encoding="utf-8")), set()
    for call in (call for call in CALLS if call.takes_ids and "therapist" in judge[call.name]):
        # Another call has taken it away.
        await AccessGrant.all().update(state="APPROVED", approved_at=staffed.app.now)
        for kind, row in world.items():
            identity, before = node_id(kind.__name__, row.pk), await AuditSubject.filter(subject=dossier).count()
            if await outcome(therapist, call, identity) not in (None, "NOT_FOUND"):
                continue
            told = await AuditSubject.filter(subject=dossier).count() - before
            if await _finds(owner, call, identity):
                found.add(call.name)
                assert told == 1, f"{call} with {identity}"
    assert {"decideChange", "approveAccess", "voidReceipt", "node"} <= found


async def _finds(owner: Desk, call: Call, identity: str) -> bool:
    try:
        return await outcome(owner, call, identity) not in (None, "NOT_FOUND")
    except CannotOpen:
        # It is there, and what is filled in is no seal.
        return True


async def _rows_but_of(database: Database, practice: str) -> dict[str, list[str]]:
    """Every row of every other practice."""
    tables = {model._meta.db_table for model in all_models()}
    return {
        name: sorted(repr(row) for row in rows if str(row.get("practice_id", "")) not in ("", practice))
        for name, rows in (await database.tables()).items()
        if name in tables
    }
