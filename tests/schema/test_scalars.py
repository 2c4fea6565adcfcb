"""What a client writes for a day, a moment and an id: one spelling each, whether in the document or in a variable."""

import uuid

import pytest
import strawberry
from graphql import GraphQLSchema, parse, validate
from graphql.execution.values import get_variable_values

from plugins import build_registry
from schema.build import build_schema
from schema.kit.ids import node_id, parse_id


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    built: strawberry.Schema = build_schema(build_registry(["totp", "recovery_codes", "remembered_devices"], {}))
    return built._schema


#: A field of each scalar that clients fill in, and values of the right form and of others that ISO 8601 knows.
SCALARS = {
    "Date": (
        'mutation($v: Date) { createDossier(input: { reference: "x", name: "x", birthDate: %s }) { __typename } }',
        "1984-02-29",
        ["1984-W09-3", "19840229", "1984-060", "1984-02-30", "1984-02-29T00:00:00Z"],
    ),
    "DateTime": (
        'mutation($v: DateTime!) { exemptFromFactor(input: { person: "x", reason: "x", until: %s }) { __typename } }',
        "2026-03-02T12:00:00+01:00",
        ["2026-W10-1T12:00:00Z", "20260302T120000Z", "2026-03-02T24:00:00Z", "2026-03-02", "2026-03-02 12:00:00Z"],
    ),
}


@pytest.mark.parametrize("kind", SCALARS)
def test_a_scalar_has_one_form(schema: GraphQLSchema, kind: str) -> None:
    document, right, wrong = SCALARS[kind]
    for value in (right, *wrong):
        written = parse((document % f'"{value}"').replace(f"($v: {kind})", "").replace(f"($v: {kind}!)", ""))
        objections = validate(schema, written)
        assert bool(objections) is (value != right), objections
        definition = parse(document % "$v").definitions[0].variable_definitions  # type: ignore[attr-defined]
        coerced = get_variable_values(schema, definition, {"v": value})
        assert isinstance(coerced, list) is (value != right), coerced
        assert all(f"cannot represent a {kind}" in str(objection) for objection in objections)


def test_an_id_has_one_form() -> None:
    identity = uuid.uuid4()
    given = node_id("Dossier", identity)
    assert parse_id(given) == ("Dossier", str(identity))
    spelled = (str(identity).upper(), f"{{{identity}}}", identity.hex, f"urn:uuid:{identity}")
    others = [node_id("Dossier", one) for one in spelled if one != str(identity)]
    for other in (*others, given + "=", given + "==", f"{given[:4]}!{given[4:]}", f" {given}", given[:-1]):
        assert parse_id(other) is None, other
