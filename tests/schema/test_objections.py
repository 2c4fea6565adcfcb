"""What GraphQL objects to is told without quoting it: it may be a password in the wrong place."""

from typing import Any

import pytest
from graphql import GraphQLError, build_schema, execute_sync, parse, validate

from schema.http.document.objections import without_values
from tests.schema.running import Served

#: With all that objections to a value are written with.
CANARY = "kana: rie, found: 'x' does not exist in 'Role' enum."
SCHEMA = build_schema("""
    enum Role { OWNER ADMIN }
    input Either @oneOf { left: String right: String }
    input Entry {
      password: String! age: Int share: Float keep: Boolean id: ID role: Role either: Either more: [Entry!]
    }
    type Query { enter(entry: Entry): String }
""")
PLACE = "Variable '$entry' has invalid value"


def objections(document: str, **variables: object) -> list[str]:
    """What graphql-core itself has to say."""
    try:
        parsed = parse(document)
        errors = validate(SCHEMA, parsed) or execute_sync(SCHEMA, parsed, variable_values=variables).errors
    except GraphQLError as error:
        errors = [error]
    return [error.message for error in errors or ()]


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (CANARY, f"{PLACE}: Expected value of type 'Entry' to be an object."),
        ({"age": CANARY}, f"{PLACE}: Expected value of type 'Entry' to include required field 'password'."),
        ({"password": [CANARY]}, f"{PLACE} at .password: String cannot represent a non string value."),
        (
            {"password": CANARY, "extra": 1},
            f"{PLACE}: Expected value of type 'Entry' not to include unknown field 'extra'.",
        ),
        (
            {"password": CANARY, "pasword": CANARY},
            f"{PLACE}: Expected value of type 'Entry' not to include unknown field 'pasword'. Did you mean 'password'?",
        ),
        ({"password": "", "age": CANARY}, f"{PLACE} at .age: Int cannot represent non-integer value."),
        ({"password": "", "share": CANARY}, f"{PLACE} at .share: Float cannot represent non numeric value."),
        ({"password": "", "keep": CANARY}, f"{PLACE} at .keep: Boolean cannot represent a non boolean value."),
        ({"password": "", "id": [CANARY]}, f"{PLACE} at .id: ID cannot represent value."),
        ({"password": "", "role": CANARY}, f"{PLACE} at .role: Value does not exist in 'Role' enum."),
        ({"password": "", "role": [CANARY]}, f"{PLACE} at .role: Enum 'Role' cannot represent non-string value."),
        (
            {"password": "", "more": [{"password": ""}, {"password": {"a": CANARY}}]},
            f"{PLACE} at .more[1].password: String cannot represent a non string value.",
        ),
    ],
)
def test_a_variables_value_is_not_told(entry: object, told: str) -> None:
    said = objections("query ($entry: Entry) { enter(entry: $entry) }", entry=entry)
    assert any("kana" in message for message in said), "graphql-core quotes it"
    assert told in [without_values(message) for message in said]
    assert not any("kana" in without_values(message) for message in said)


@pytest.mark.parametrize(
    ("literal", "told"),
    [
        (f'"{CANARY}"', "Expected value of type 'Entry' to be an object."),
        (f'{{ age: "{CANARY}" }}', "Int cannot represent non-integer value."),
        (f'{{ password: "", role: "{CANARY}" }}', "Enum 'Role' cannot represent non-enum value."),
        ('{ password: "", role: kana }', "Value does not exist in 'Role' enum."),
        (
            f'{{ password: "{CANARY}", extra: 1 }}',
            "Expected value of type 'Entry' not to include unknown field 'extra'.",
        ),
        (f'{{ password "{CANARY}" }}', "Syntax Error: Expected ':', found String."),
        (f'{{ password: "" """{CANARY}""" }}', "Syntax Error: Expected Name, found BlockString."),
    ],
)
def test_a_documents_value_is_not_told(literal: str, told: str) -> None:
    said = objections(f"{{ enter(entry: {literal}) }}")
    assert any("kana" in message for message in said), "graphql-core quotes it"
    assert told in [without_values(message) for message in said]
    assert not any("kana" in without_values(message) for message in said)


@pytest.mark.parametrize(
    ("document", "entry"),
    [
        ("{ nothing }", None),
        ("{ enter", None),
        ("query ($entry: Entry) { enter(entry: $entry) }", {"password": None}),
        ("query ($entry: Entry) { enter(entry: $entry) }", {"password": "", "either": {}}),
        ("query ($entry: String) { enter(entry: $entry) }", None),
    ],
)
def test_what_quotes_nothing_stays_as_it_is(document: str, entry: object) -> None:
    (message,) = objections(document, entry=entry)
    assert without_values(message) == message


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ("query ($key: UUID!) { known(key: $key) }", {"key": CANARY}),
        ("query ($key: UUID!) { known(key: $key) }", {"key": [CANARY]}),
        ("query ($value: Either!) { either(value: $value) }", {"value": {"left": {"a": CANARY}}}),
        (f'{{ known(key: "{CANARY}") }}', {}),
        (f'{{ known(key "{CANARY}") }}', {}),
    ],
)
async def test_no_answer_tells_it(endpoint: Served, document: str, variables: dict[str, Any]) -> None:
    response = await endpoint.post(document, variables)
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_QUERY"
    assert "kana" not in response.text


@pytest.mark.parametrize(
    ("document", "what"),
    [
        ("{ painted(paint: {colour: null}) }", "Field 'colour'"),
        ("{ painted(paint: {}, over: null) }", "Argument 'over'"),
        ("query ($none: Colour) { painted(paint: {colour: $none}) }", "Field 'colour'"),
        ("query ($none: Colour) { painted(paint: {}, over: $none) }", "Argument 'over'"),
        ("query ($paint: Paint!) { painted(paint: $paint) }", "Field 'colour'"),
    ],
)
async def test_a_null_that_may_be_left_out_is_told_without_the_types_of_python(
    endpoint: Served, document: str, what: str
) -> None:
    (error,) = (await endpoint.ask(document, None, none=None, paint={"colour": None}))["errors"]
    assert error["message"] == f"{what} must not be null; leave it out."
