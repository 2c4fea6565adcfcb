"""The part of the schema that the configured factors make up; none of them is known here by name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import strawberry
import structlog

from flows.factor_setup.enrolment import EnrolmentStarted
from flows.factor_setup.fallbacks import IssuedFallback
from flows.refusals import FactorUnavailable
from flows.second_factor.proofs import GivenProof
from flows.signin.challenges import FactorQuestion
from models import Challenge
from plugins import AnyFactor, EnrolmentStart, FactorChallenge, FallbackIssue
from schema.kit.fields import shown_to
from schema.kit.ids import node_id, parse_id
from schema.kit.inputs import discreet
from schema.kit.permissions import Who

log = structlog.get_logger(__name__)


@shown_to(Who.ANYONE)
@strawberry.type(description="A challenge with nothing to show: the person types what the factor says.")
class PlainFactorChallenge(FactorChallenge):
    pass


@dataclass(frozen=True, slots=True)
class Assembly:
    """What one installation's factors add. ``request`` is None where no factor needs to be told anything."""

    proof: type
    request: type | None
    members: tuple[type, ...]


def assemble(kinds: Iterable[type[AnyFactor]]) -> Assembly:
    """``FactorProof`` and ``EnrolmentRequest``, with a field per factor, and the members of the interfaces."""
    # By name: what is published is the same whatever the order in which a practice offers them.
    factors = sorted(kinds, key=lambda factor: factor.name)
    proofs = {factor: factor.graphql.proof for factor in factors if factor.graphql.proof}
    requests = {factor: factor.graphql.request for factor in factors if factor.graphql.request}
    contributed = [kind for factor in factors for kind in factor.graphql.types()]
    return Assembly(
        _one_of("FactorProof", "A proof of one factor: exactly one field.", proofs),
        _one_of("EnrolmentRequest", "What one factor needs for a start.", requests) if requests else None,
        (PlainFactorChallenge, *(shown_to(Who.ANYONE)(kind) for kind in contributed)),
    )


def _one_of(name: str, description: str, kinds: Mapping[type[AnyFactor], type]) -> type:
    # For a type checker Maybe is an alias of no run-time use.
    maybe: Any = strawberry.Maybe
    fields = {factor.name: strawberry.field(description=_line(factor)) for factor in kinds}
    annotations = {factor.name: maybe[kind] for factor, kind in kinds.items()}
    made = type(name, (), {"__annotations__": annotations, "__module__": __name__, **fields})
    return discreet(strawberry.input(made, one_of=True, description=description))


def _line(factor: type[AnyFactor]) -> str:
    return f"{factor.title['en']}. {factor.explanation['en']}"


def _chosen(one_of: object) -> tuple[str, Any]:
    """The factor's name and the value of the one field that was given."""
    return next((name, some.value) for name, some in vars(one_of).items() if some is not None)


def given_of(proof: object) -> GivenProof:
    """A ``FactorProof`` as the flows take it."""
    return GivenProof(*_chosen(proof))


def request_of(request: object | None, factor: str) -> Any:
    """What an ``EnrolmentRequest`` says for this factor; None where it speaks of another or says nothing."""
    name, value = _chosen(request) if request is not None else ("", None)
    return value if name == factor else None


def enrolment_of(begun: EnrolmentStarted) -> EnrolmentStart:
    """A factor being set up, as the type that the factor contributed."""
    kind = begun.factor.graphql.enrolment
    filled: EnrolmentStart = _filled(kind, begun.factor, begun.public, **_challenge_fields(begun.challenge))
    return filled


def challenge_of(question: FactorQuestion) -> FactorChallenge | None:
    """An open challenge as the factor's own type, else a plain one; None where it waits to be asked for."""
    if question.challenge is None:
        return None
    factor = question.ask.factor
    kind = factor.graphql.challenge or PlainFactorChallenge
    try:
        filled: FactorChallenge = _filled(kind, factor, question.public, **_challenge_fields(question.challenge))
    except FactorUnavailable:
        # One broken factor must not take the others' way in away.
        return None
    return filled


def issue_of(handed: IssuedFallback) -> FallbackIssue:
    """What the person must keep, as the type that the factor contributed."""
    filled: FallbackIssue = _filled(handed.factor.graphql.issued, handed.factor, handed.kept)
    return filled


def _challenge_fields(challenge: Challenge) -> dict[str, strawberry.ID | datetime]:
    return {"id": node_id("Challenge", challenge.id), "expires_at": challenge.expires_at}


def _filled(kind: Any, factor: AnyFactor, own: Mapping[str, Any], **core: Any) -> Any:
    try:
        return kind(factor=factor.name, **core, **own)
    except TypeError as error:
        # It answered with fields that its type does not have, or without some that it has.
        log.error("factor.fields_do_not_fit", factor=factor.name)
        raise FactorUnavailable(factor.name) from error


def challenge_id(given: str) -> str:
    """The UUID in a challenge's or start's id; an empty text, which names nothing, for anything else."""
    found = parse_id(given)
    return found[1] if found and found[0] == "Challenge" else ""
