"""What a document may weigh: refused before anything runs, however it is folded into fragments."""

import itertools
import time

import pytest
from graphql import get_introspection_query

from flows.core.context import AppContext
from schema.transport import TransportRules
from tests.schema.running import Served, served
from tests.schema.small import small_schema

WORDS = {
    "depth": "nested",
    "aliases": "aliases",
    "tokens": "tokens",
    "directives": "directives",
}


async def refused(endpoint: Served, query: str, limit: str) -> None:
    body = await endpoint.ask(query)
    assert len(body.get("errors", [])) == 1, "it ran, or was refused for something else as well"
    (error,) = body["errors"]
    assert "data" not in body
    assert error["extensions"] == {"code": "BAD_QUERY"}
    assert WORDS[limit] in error["message"]


def nested(levels: int) -> str:
    """`levels` fields deep in all."""
    return "{ knot " + "{ next " * (levels - 2) + "{ name }" + " }" * (levels - 2) + " }"


def aliased(count: int, field: str = "hello") -> str:
    return " ".join(f"a{n}: {field}" for n in range(count))


async def test_up_to_the_limits(endpoint: Served) -> None:
    for query in (nested(12), f"{{ {aliased(30)} }}", "{ " + "hello @include(if: true) " + "}"):
        assert "errors" not in await endpoint.ask(query)


async def test_depth(endpoint: Served) -> None:
    await refused(endpoint, nested(13), "depth")


async def test_depth_through_fragments(endpoint: Served) -> None:
    links = [f"fragment F{n} on Knot {{ next {{ ...F{n + 1} }} }}" for n in range(12)]
    query = "{ knot { ...F0 } } " + " ".join(links) + " fragment F12 on Knot { name }"
    await refused(endpoint, query, "depth")
    inline = "{ knot { " + "... on Knot { next { " * 12 + "name" + " } }" * 12 + " } }"
    await refused(endpoint, inline, "depth")


async def test_fragments_nested_without_fields(endpoint: Served) -> None:
    links = [f"fragment F{n} on Knot {{ ...F{n + 1} }}" for n in range(110)]
    await refused(endpoint, "{ knot { ...F0 } } " + " ".join(links) + " fragment F110 on Knot { name }", "depth")


async def test_cycles_end(endpoint: Served) -> None:
    body = await endpoint.ask("{ knot { ...F } } fragment F on Knot { next { ...G } } fragment G on Knot { ...F }")
    assert body["errors"][0]["extensions"] == {"code": "BAD_QUERY"}
    assert "itself" in body["errors"][0]["message"]


async def test_a_hundred_aliases(endpoint: Served) -> None:
    await refused(endpoint, f"{{ {aliased(100)} }}", "aliases")
    await refused(endpoint, f"mutation {{ {aliased(31, 'act')} }}", "aliases")


async def test_aliases_through_fragments(endpoint: Served) -> None:
    """Two aliases that sixteen places spread are 32."""
    places = " ".join(f"...P{n}" for n in range(16))
    spread = " ".join(f"fragment P{n} on Query {{ ...F }}" for n in range(16))
    await refused(endpoint, f"{{ {places} }} {spread} fragment F on Query {{ a: hello b: hello }}", "aliases")


async def test_a_bomb_of_fragments(endpoint: Served) -> None:
    """Each fragment spreads the next one twice: 2^40 aliases."""
    links = [f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(40)]
    query = "{ ...F0 } " + " ".join(links) + " fragment F40 on Query { a: hello }"
    begun = time.perf_counter()
    await refused(endpoint, query, "aliases")
    assert time.perf_counter() - begun < 1


async def test_the_same_field_again_counts_like_an_alias(endpoint: Served) -> None:
    """It runs once, but validation would compare every two of them."""
    await refused(endpoint, "{ " + "knot { name } " * 32 + "}", "aliases")


async def test_all_operations_of_a_document_count(endpoint: Served) -> None:
    operations = [f"query Q{n} {{ {aliased(4)} }}" for n in range(8)]
    await refused(endpoint, " ".join(operations), "aliases")


async def test_tokens(endpoint: Served) -> None:
    await refused(endpoint, "{ knot { " + "name " * 2000 + "} }", "tokens")


async def test_directives(endpoint: Served) -> None:
    await refused(endpoint, "{ hello " + "@include(if: true) " * 21 + "}", "directives")
    fragment = "fragment F on Query { hello " + "@skip(if: false) " * 3 + "}"
    await refused(endpoint, "{ " + "...F @include(if: true) " * 6 + "} " + fragment, "directives")
    await refused(endpoint, "query " + "@skip(if: true) " * 21 + "{ hello }", "directives")


@pytest.mark.parametrize(("spreads", "passes"), [(30, True), (31, False)])
async def test_fragments_spread_by_name_are_counted(endpoint: Served, spreads: int, passes: bool) -> None:
    """Validation compares the fields of fragments with one another: it is quadratic in how many there are."""
    fragments = " ".join(f"fragment F{n} on Knot {{ name }}" for n in range(spreads))
    body = await endpoint.ask(f"{{ knot {{ {' '.join(f'...F{n}' for n in range(spreads))} }} }} {fragments}")
    assert ("data" in body) is passes


@pytest.mark.parametrize(("fragments", "passes"), [(120, True), (121, False)])
async def test_fragments_without_a_name_are_counted(endpoint: Served, fragments: int, passes: bool) -> None:
    body = await endpoint.ask("{ knot { " + "... { name } " * fragments + "} }")
    assert ("data" in body) is passes


@pytest.mark.parametrize(
    ("form", "fragments", "passes"),
    [
        ("{ #F }", 70, True),
        ("{ #F }", 71, False),
        ("{ ...G } fragment G on Query { #F }", 69, True),
        ("{ ...G } fragment G on Query { #F }", 70, False),
    ],
)
async def test_fields_that_fragments_bring_together_are_counted(
    endpoint: Served, form: str, fragments: int, passes: bool
) -> None:
    """Nothing is written twice in one selection set, but all of these make one object of the answer."""
    body = await endpoint.ask(form.replace("#F", "... { knot { name } } " * fragments))
    if passes:
        assert body["data"] == {"knot": {"name": "knot"}}
    else:
        assert "more than 10000 comparisons" in str(body.get("errors"))


async def test_components_that_ask_for_the_same_are_let_through(endpoint: Served) -> None:
    """Twenty fragments of one object with ten equal fields, the way frontends are put together."""
    fields = "name __typename next { name __typename next { name } } many { name __typename many { name } }"
    query = "{ " + " ".join(f"...F{n}" for n in range(20)) + " } "
    query += " ".join(f"fragment F{n} on Query {{ knot {{ {fields} }} }}" for n in range(20))
    assert "data" in await endpoint.ask(query)


async def test_a_fragment_that_nothing_spreads_weighs(endpoint: Served) -> None:
    """Validation looks through it all the same."""
    await refused(endpoint, f"{{ hello }} fragment F on Query {{ {aliased(31)} }}", "aliases")
    await refused(endpoint, "{ hello } fragment F on Query { " + "hello " * 32 + "}", "aliases")
    around = f"{{ hello }} fragment F on Query {{ ...G }} fragment G on Query {{ ...F {aliased(31)} }}"
    await refused(endpoint, around, "aliases")
    fragments = "... { knot { name } } " * 71
    body = await endpoint.ask(f"{{ hello }} fragment F on Query {{ {fragments} }}")
    assert "more than 10000 comparisons" in str(body.get("errors"))


_PAGE = "{ knot { many(first: 100) { many(first: %s) { name } } } }"


@pytest.mark.parametrize(
    ("query", "passes"),
    [
        # 1 + 1 + 100 × (1 + 100 × 1)
        (_PAGE % 100, True),
        (_PAGE.replace("name", "name next { name }") % 66, True),
        (_PAGE.replace("name", "name next { name }") % 67, False),
        (_PAGE.replace("name", "name next { name }") % 999999, False),
        (_PAGE % "-1", True),
        # 25 where nothing is said.
        ("{ knot { many { many { many { name } } } } }", True),
        ("{ knot { many { many { many { name next { name } } } } } }", False),
        # What is a variable may be the largest page.
        ("query Q($n: Int! = 1) " + _PAGE % "$n", True),
        (
            "query Q($n: Int! = 1) "
            + _PAGE.replace("name", "...F") % "$n"
            + " fragment F on Knot { name next { name } }",
            False,
        ),
        (
            (
                "{ knot { many(first: 100) { ...F } } } fragment F on Knot { many(first: 100) { ...G } } "
                "fragment G on Knot { name next { name } }"
            ),
            False,
        ),
        ("{ knot { many(first: 100) { ... { many(first: 100) { ... on Knot { name next { name } } } } } } }", False),
        (" ".join(f"query Q{n} {_PAGE % 100}" for n in range(2)), False),
    ],
)
async def test_pages_in_pages_multiply(endpoint: Served, query: str, passes: bool) -> None:
    body = await endpoint.ask(query)
    if passes or "data" in body:
        assert ("data" in body, body.get("errors")) == (passes, None)
        return
    (error,) = body["errors"]
    assert error["extensions"] == {"code": "BAD_QUERY"}
    assert "more than 20000 fields" in error["message"]


async def test_introspection_is_off(endpoint: Served) -> None:
    for query in (get_introspection_query(), '{ __type(name: "Query") { name fields { name } } }'):
        body = await endpoint.ask(query)
        assert "data" not in body
        assert {error["extensions"]["code"] for error in body["errors"]} == {"BAD_QUERY"}
    assert (await endpoint.ask("{ __typename }"))["data"] == {"__typename": "Query"}


async def test_no_type_is_known_where_introspection_is_off(endpoint: Served) -> None:
    """Whether it is named in the document, in a variable or in a default, and under any name in the answer."""
    for query in (
        '{ __type(name: "Query") { name description } }',
        "query Q($n: String!) { __type(name: $n) { name } }",
        'query Q($n: String! = "Query") { __type(name: $n) { name } }',
        '{ ...F } fragment F on Query { __type: __type(name: "Query") { name description } }',
    ):
        body = await endpoint.ask(query, None, n="Query")
        assert body == {"data": {"__type": None}}


async def test_no_names_are_suggested(endpoint: Served) -> None:
    field = await endpoint.ask("{ helo }")
    argument = await endpoint.ask('{ hello(nam: "x") }')
    variable = await endpoint.ask("query Q($v: Either!) { either(value: $v) }", None, v={"lef": "x"})
    for body in (field, argument, variable):
        assert body["errors"][0]["extensions"] == {"code": "BAD_QUERY"}
        assert "Did you mean" not in str(body)


async def test_development_may_look(app: AppContext) -> None:
    async with served(small_schema(), app, TransportRules(introspection=True)) as endpoint:
        body = await endpoint.ask(get_introspection_query(input_value_deprecation=True))
        assert body["data"]["__schema"]["queryType"]["name"] == "Query"
        assert "Did you mean" in (await endpoint.ask("{ helo }"))["errors"][0]["message"]
        deep = "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }"
        assert "data" not in await endpoint.ask(deep)
        wrapped = "{ __schema { types { " + "ofType { " * 30 + "name" + " }" * 30 + " } } }"
        assert "data" not in await endpoint.ask(wrapped)


@pytest.mark.parametrize("value", [{}, {"left": "a", "right": "b"}, {"left": None}])
async def test_one_of_is_held(endpoint: Served, value: dict[str, str | None]) -> None:
    by_variable = await endpoint.ask("query Q($v: Either!) { either(value: $v) }", None, v=value)
    assert by_variable["errors"][0]["extensions"]["code"] == "BAD_QUERY"


async def test_remembered_documents_are_checked_all_the_same(endpoint: Served) -> None:
    for _ in range(3):
        await refused(endpoint, nested(13), "depth")
        assert "data" in await endpoint.ask("query Q($n: String) { hello(name: $n) }", None, n="ada")


async def test_more_documents_than_are_remembered(endpoint: Served) -> None:
    for number in itertools.islice(itertools.count(), 520):
        await endpoint.ask(f"{{ hello }} # {number}")
    assert (await endpoint.ask("{ hello }"))["data"] == {"hello": "hello you"}
