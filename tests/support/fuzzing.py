"""Documents that nobody would write: made by schemathesis from the schema, with ids, tokens and dates that exist."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import graphql
import httpx
import orjson
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode
from schemathesis.graphql import nodes

from tests.people.device import Answer, check_extensions

#: What no reply has, to whomever: what the server is made of, and where.
INSIDES = re.compile(
    r"Traceback|File \"|/site-packages/|\.py\b|sqlite|asyncpg|tortoise|psycopg|strawberry|"
    r"SELECT .* FROM|INSERT INTO|UPDATE .* SET|UNIQUE constraint|violates|Error\(|<.* object at 0x",
    re.IGNORECASE,
)
#: What no request may bring about while everything works.
FAULTS = {"INTERNAL", "TIMEOUT", "UNAVAILABLE"}

schemathesis.graphql.scalar(
    "Decimal",
    st.one_of(
        st.decimals(min_value=-1, max_value=10_000, places=2).map(str),
        st.sampled_from(["0", "-0.00", "1e400", "1e-400", "NaN", "-sNaN", "Infinity", "9" * 400, "1_0", "٣", ""]),
    ).map(nodes.String),
)

SCHEMA: Any = schemathesis.graphql.from_path(Path(__file__).parents[2] / "schema" / "schema.graphql")
TYPES: graphql.GraphQLSchema = SCHEMA.client_schema
#: Every query and mutation.
OPERATIONS: Sequence[Any] = [result.ok() for result in SCHEMA.get_all_operations()]

#: How many nodes are around a root field.
_OF_ROOT = 4
_DATES = ["2026-03-02T12:00:00Z", "2026-03-03T09:00:00+01:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"]
_INTS = ["1", "2", "25", "100", "101", "0", "-1", "2147483647", "-2147483648"]


@dataclass(frozen=True, repr=False)
class Known:
    """What there is to name: ``ids`` of all kinds, ours and others', and ``words`` by the argument's name."""

    ids: Sequence[str]
    words: Mapping[str, Sequence[str]]


@dataclass
class Tally:
    """What came of the documents: the root fields that ran, and the types of what they answered."""

    asked: int = 0
    ran: set[str] = field(default_factory=set)
    answers: dict[str, int] = field(default_factory=dict)

    def note(self, operation: str, body: Answer) -> None:
        self.asked += 1
        codes = [error["extensions"]["code"] for error in body.get("errors", ())]
        if "data" in body:
            self.ran.add(operation)
        kinds = [value["__typename"] for value in (body.get("data") or {}).values() if isinstance(value, dict)]
        for answer in (*codes, *kinds):
            self.answers[answer] = self.answers.get(answer, 0) + 1


@dataclass(frozen=True)
class FuzzRequest:
    """The parameters of a request."""

    query: str
    variables: Answer | None = None

    def __str__(self) -> str:
        return f"{self.query} with {self.variables}"


@st.composite
def requests(draw: st.DrawFn, operation: Any, known: Known) -> FuzzRequest:
    """A document that asks one root field; one in eight has a fault somewhere."""
    mode = GenerationMode.NEGATIVE if draw(st.integers(0, 7)) == 7 else GenerationMode.POSITIVE
    case = draw(operation.as_strategy(generation_mode=mode))
    text = case.body if isinstance(case.body, str) else "{"
    try:
        document = graphql.parse(text)
    except graphql.GraphQLError:
        return FuzzRequest(text)
    info = graphql.TypeInfo(TYPES)
    visitor = graphql.TypeInfoVisitor(info, _Naming(info, known, draw))
    named = graphql.print_ast(graphql.visit(document, visitor))
    return _with_variables(named, operation.definition) if draw(st.booleans()) else FuzzRequest(named)


def _with_variables(text: str, definition: Any) -> FuzzRequest:
    """The same, with the root field's arguments as clients give them."""
    document = graphql.parse(text)
    (operation,) = document.definitions
    fields = [one for one in operation.selection_set.selections if getattr(one, "name", None)]  # type: ignore[attr-defined]
    given = {
        one.name.value: one.value
        for one in ((fields[0].arguments or ()) if fields and fields[0].name.value == definition.field_name else ())
        if one.name.value in definition.raw.args
    }
    declared = ", ".join(f"${name}: {definition.raw.args[name].type}" for name in given)
    lifted = graphql.print_ast(graphql.visit(document, _Lifting(list(given.values()))))
    kind, _, rest = lifted.partition("{")
    return FuzzRequest(
        f"{kind}({declared}) {{{rest}" if given else text,
        {name: graphql.value_from_ast_untyped(value) for name, value in given.items()},
    )


class _Lifting(graphql.Visitor):
    """Puts a variable of the same name in place of the value of each of these arguments."""

    def __init__(self, values: list[graphql.ValueNode]) -> None:
        super().__init__()
        self._values = values

    def enter_argument(self, node: graphql.ArgumentNode, *_: Any) -> Any:
        if not any(node.value is value for value in self._values):
            return None
        return graphql.ArgumentNode(name=node.name, value=graphql.VariableNode(name=node.name))


class _Naming(graphql.Visitor):
    """Puts what exists in the place of most values that would mean nothing."""

    def __init__(self, info: graphql.TypeInfo, known: Known, draw: st.DrawFn) -> None:
        super().__init__()
        self._info, self._known, self._draw = info, known, draw

    def leave_field(self, node: graphql.FieldNode, *where: Any) -> Any:
        """The answer's type is asked for too, so that it is known how far documents come."""
        if where[-1] and len(where[-1]) == _OF_ROOT and node.selection_set:
            asked = (graphql.FieldNode(name=graphql.NameNode(value="__typename")), *node.selection_set.selections)
            selection_set = graphql.SelectionSetNode(selections=asked)
            return graphql.FieldNode(
                alias=node.alias,
                name=node.name,
                arguments=node.arguments,
                directives=node.directives,
                selection_set=selection_set,
            )
        return None

    def enter_string_value(self, node: graphql.StringValueNode, *where: Any) -> Any:
        kind = graphql.get_named_type(self._info.get_input_type())
        return self._instead(node, kind.name if kind else "", _name(where[-1]), graphql.StringValueNode)

    def enter_int_value(self, node: graphql.IntValueNode, *where: Any) -> Any:
        return self._instead(node, "Int", _name(where[-1]), graphql.IntValueNode)

    def _instead(self, node: Any, kind: str, name: str, make: Callable[..., graphql.ValueNode]) -> Any:
        match kind:
            case "ID":
                choices: Sequence[str] = self._known.ids
            case "DateTime":
                choices = _DATES
            case "Int":
                choices = _INTS
            case "String":
                choices = self._known.words.get(name, ())
            case _:
                choices = ()
        if not choices or self._draw(st.integers(0, 4)) == 4:
            return None
        return make(value=self._draw(st.sampled_from(choices)))


def _name(ancestors: Sequence[Any]) -> str:
    """The argument or field of an input that a value is for."""
    for one in reversed(ancestors):
        if isinstance(one, graphql.ArgumentNode | graphql.ObjectFieldNode):
            return one.name.value
    return ""


def judged(response: httpx.Response, secrets: Sequence[str], document: object = "") -> Answer:
    """The body of a reply, once nothing is wrong with it."""
    text = response.text
    assert response.status_code == 200, f"{response.status_code} {text[:500]} to {document}"
    body: Answer = orjson.loads(response.content)
    check_extensions(body)
    assert "data" in body or body["errors"], f"{text[:500]} to {document}"
    for error in body.get("errors", ()):
        code = error["extensions"]["code"]
        assert code not in FAULTS, f"{code} to {document}"
        assert isinstance(error["message"], str), f"{text[:500]} to {document}"
    leaked = INSIDES.findall(text)
    assert not leaked, f"{leaked} to {document}"
    found = [secret for secret in secrets if secret in text]
    assert not found, f"{found} to {document}"
    return body


def fuzz(
    operation: Any, known: Known, ask: Callable[[FuzzRequest], httpx.Response], secrets: Sequence[str], tally: Tally
) -> None:
    """As many documents as the profile has examples; raises AssertionError with the one that broke something."""
    field_name = operation.definition.field_name

    @settings(
        settings.get_profile("documents"),
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(requests(operation, known))
    def asks(asked: FuzzRequest) -> None:
        tally.note(field_name, judged(ask(asked), secrets, asked))

    asks()
