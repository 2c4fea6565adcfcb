"""What the pages ask of the server, against the schema that it serves."""

import re
from pathlib import Path

import pytest
from graphql import (
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    OperationDefinitionNode,
    OperationType,
    build_ast_schema,
    get_named_type,
    parse,
    validate,
)

from plugins import build_registry
from schema.build import build_schema, sdl

STATIC = Path(__file__).parents[2] / "web" / "static"
FACTORS = ("totp", "recovery_codes", "remembered_devices")
DOCUMENTS = {
    f"{path.name}:{name}": text
    for path in sorted(STATIC.glob("*.js"))
    for name, text in re.findall(r"const (\w+) = `(\s+\w+ \w+[^`]*)`;", path.read_text(encoding="utf-8"))
}


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_ast_schema(parse(sdl(build_schema(build_registry(FACTORS, {})))))


def test_documents_stand_in_their_own_module() -> None:
    assert {name.partition(":")[0] for name in DOCUMENTS} == {"documents.js"}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_valid(schema: GraphQLSchema, name: str) -> None:
    assert validate(schema, parse(DOCUMENTS[name])) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_used(name: str) -> None:
    constant = name.partition(":")[2]
    others = [path for path in STATIC.glob("*.js") if path.name != "documents.js"]
    assert any(re.search(rf"ask\([\w.]+, {constant}\b", path.read_text(encoding="utf-8")) for path in others)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_only_mutations_carry_a_secret_and_they_are_told_refusals(schema: GraphQLSchema, name: str) -> None:
    (operation,) = parse(DOCUMENTS[name]).definitions
    assert isinstance(operation, OperationDefinitionNode)
    if operation.operation is OperationType.QUERY:
        assert not re.search("token|password|input", DOCUMENTS[name], re.IGNORECASE)
    else:
        assert "__typename" in DOCUMENTS[name]
        assert "... on Refusal { code message }" in DOCUMENTS[name]


def test_every_answer_that_a_page_looks_for_can_come(schema: GraphQLSchema) -> None:
    mutations = schema.mutation_type
    assert isinstance(mutations, GraphQLObjectType)
    asked = {root for text in DOCUMENTS.values() for root in re.findall(r"^    (\w+)\(", text, re.MULTILINE)}
    unions = [get_named_type(mutations.fields[name].type) for name in asked & set(mutations.fields)]
    members = {kind.name for union in unions if isinstance(union, GraphQLUnionType) for kind in union.types}
    sources = "".join(path.read_text(encoding="utf-8") for path in STATIC.glob("*.js"))
    looked_for = set(re.findall(r'__typename === "(\w+)"', sources))
    assert looked_for
    assert looked_for <= members
