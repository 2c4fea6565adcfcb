"""The schema as it is published: committed, described, guarded, and made up of the configured factors."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import pytest
import strawberry
from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLUnionType,
    is_introspection_type,
    is_specified_scalar_type,
)

from flows.second_factor.proofs import GivenProof
from plugins import (
    Accepted,
    Challenged,
    Config,
    Contribution,
    Desk,
    EnrolmentBegun,
    EnrolmentConfirmed,
    EnrolmentStart,
    Factor,
    Reason,
    Refused,
    Registry,
    State,
    build_registry,
)
from plugins.registry import BUILT_IN
from schema.build import build_schema, sdl
from schema.kit.permissions import Who
from schema.kit.refusals import Refusal
from schema.second_factor.assembly import assemble, given_of, request_of

COMMITTED = Path(__file__).parents[2] / "schema" / "schema.graphql"
everything = build_schema(build_registry(list(BUILT_IN), {}))._schema
named: list[GraphQLNamedType] = [
    kind
    for kind in everything.type_map.values()
    if not is_introspection_type(kind) and not is_specified_scalar_type(kind)
]
roots = [root for root in (everything.query_type, everything.mutation_type, everything.subscription_type) if root]
root_fields = [(root.name, name, field) for root in roots for name, field in root.fields.items()]


def types_of(schema: strawberry.Schema) -> set[str]:
    return set(schema._schema.type_map)


def definition_of(kind: GraphQLNamedType | GraphQLField) -> Any:
    return kind.extensions["strawberry-definition"]


def test_what_is_committed_is_what_is_built() -> None:
    built = sdl(build_schema(build_registry(list(BUILT_IN), {})))
    assert COMMITTED.read_text(encoding="utf-8") == built, "run `make schema`"


def test_the_order_of_the_factors_changes_nothing_that_is_published() -> None:
    names = list(BUILT_IN)
    there, back = (sdl(build_schema(build_registry(order, {}))) for order in (names, names[::-1]))
    assert there == back


def test_no_description_marks_code_as_docstrings_do() -> None:
    assert [line for line in COMMITTED.read_text(encoding="utf-8").splitlines() if "``" in line] == []


@pytest.mark.parametrize(("root", "name", "field"), root_fields, ids=lambda value: value if str(value) == value else "")
def test_every_root_field_says_who_may_use_it(root: str, name: str, field: GraphQLField) -> None:
    assert definition_of(field).metadata.get("who") in set(Who)


@pytest.mark.parametrize("kind", [k for k in named if isinstance(k, GraphQLObjectType) and k not in roots], ids=str)
def test_every_type_says_who_is_ever_shown_it(kind: GraphQLObjectType) -> None:
    origin = definition_of(kind).origin
    assert issubclass(origin, Refusal) or vars(origin).get("__sluis_who__") in set(Who)


@pytest.mark.parametrize("kind", named, ids=str)
def test_everything_is_described(kind: GraphQLNamedType) -> None:
    assert not list(undescribed(kind))
    assert "None" not in (kind.description or ""), "null, to clients"


def undescribed(kind: GraphQLNamedType) -> Iterator[str]:
    if not kind.description:
        yield kind.name
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        for name, field in kind.fields.items():
            if not field.description:
                yield name
            yield from (f"{name}({argument}:)" for argument, a in field.args.items() if not a.description)
    if isinstance(kind, GraphQLInputObjectType):
        yield from (name for name, field in kind.fields.items() if not field.description)


@pytest.mark.parametrize("name", everything.mutation_type.fields if everything.mutation_type else ())
def test_every_mutation_answers_its_successes_and_refusals(name: str) -> None:
    assert everything.mutation_type is not None
    answer = everything.mutation_type.fields[name].type
    assert isinstance(answer, GraphQLNonNull)
    union = answer.of_type
    assert isinstance(union, GraphQLUnionType)
    assert union.name == name[0].upper() + name[1:] + "Answer"
    assert union.description == f"What `{name}` answers: success first, then every refusal."
    refusals = [issubclass(definition_of(kind).origin, Refusal) for kind in union.types]
    assert not refusals[0]
    # Signing out is the one thing that nobody is refused.
    assert any(refusals) or name == "signOut"


@pytest.mark.parametrize("kind", [k for k in named if isinstance(k, GraphQLInputObjectType)], ids=str)
def test_inputs_with_secrets_show_none_in_their_repr(kind: GraphQLInputObjectType) -> None:
    if kind.fields.keys() & {"password", "token", "signIn", "proof", "code", "deviceToken"}:
        assert vars(definition_of(kind).origin)["__repr__"].__name__ in ("_repr", "_quiet_repr")


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_factor_takes_its_types_with_it(name: str) -> None:
    whole = build_registry(list(BUILT_IN), {})
    without = Registry([f for f in whole if f.name != name], {f.name: whole.config(f.name) for f in whole})
    gone = whole.get(name)
    assert gone is not None
    own = {
        str(definition.name)
        for kind in (gone.graphql.proof, gone.graphql.request, *gone.graphql.types())
        if kind and (definition := strawberry.types.get_object_definition(kind))
    }
    assert own <= types_of(build_schema(whole))
    assert not own & types_of(build_schema(without))


@strawberry.input(description="Where to send.")
class PigeonRequest:
    loft: str = strawberry.field(description="Its address.")


@strawberry.input(description="What the pigeon brought.")
class PigeonProof:
    ring: str = strawberry.field(description="The number on its ring.")


@strawberry.type(description="A pigeon that is on its way.")
class PigeonEnrolment(EnrolmentStart):
    loft: str = strawberry.field(description="Where it flies to.")


class PigeonState(State):
    ring: str


class Pigeon(Factor[PigeonState, PigeonProof]):
    name = "carrier_pigeon"
    title = {"en": "Carrier pigeon", "nl": "Postduif"}
    explanation = {"en": "Slow, but it comes.", "nl": "Langzaam, maar hij komt."}
    State = PigeonState
    graphql = Contribution(proof=PigeonProof, enrolment=PigeonEnrolment, request=PigeonRequest)

    async def begin_enrolment(
        self, desk: Desk, states: Sequence[PigeonState], request: Any
    ) -> EnrolmentBegun[PigeonState]:
        return EnrolmentBegun(PigeonState(ring="1"), public={"loft": cast(PigeonRequest, request).loft})

    async def confirm_enrolment(
        self, desk: Desk, pending: PigeonState, challenge: Challenged, proof: PigeonProof
    ) -> EnrolmentConfirmed[PigeonState] | Refused:
        return EnrolmentConfirmed(pending)

    async def verify(
        self, desk: Desk, state: PigeonState, challenge: Challenged, proof: PigeonProof
    ) -> Accepted[PigeonState] | Refused:
        return Refused(Reason.WRONG)


pigeons = Registry([Pigeon()], {Pigeon.name: Config()})


def test_a_strangers_factor_is_as_much_part_of_it_as_a_built_in_one() -> None:
    text = sdl(build_schema(pigeons))
    assert "input FactorProof @oneOf {\n" in text
    assert "carrierPigeon: PigeonProof\n" in text
    assert "carrierPigeon: PigeonRequest\n" in text
    assert "request: EnrolmentRequest = null" in text
    assert "type PigeonEnrolment implements EnrolmentStart" in text


def test_where_no_factor_asks_for_anything_there_is_no_request() -> None:
    types = build_schema(build_registry(["totp"], {}))._schema.type_map
    assert "EnrolmentRequest" not in types
    begin = types["BeginEnrolmentInput"]
    assert isinstance(begin, GraphQLInputObjectType)
    assert set(begin.fields) == {"signIn", "factor"}


def test_a_proof_and_a_request_come_out_as_the_factor_gave_them_shape() -> None:
    assembly = assemble([Pigeon])
    assert assembly.request is not None
    proof, request = PigeonProof(ring="7"), PigeonRequest(loft="Dam 1")
    given = given_of(assembly.proof(carrier_pigeon=strawberry.Some(proof)))
    assert given == GivenProof("carrier_pigeon", proof)
    asked = assembly.request(carrier_pigeon=strawberry.Some(request))
    assert request_of(asked, "carrier_pigeon") is request
    assert request_of(asked, "totp") is None
    assert request_of(None, "carrier_pigeon") is None
