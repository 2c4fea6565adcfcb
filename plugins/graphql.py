"""What a factor adds to the GraphQL schema: types of its own that implement the core's interfaces.

Each type adds its own fields after the interface's; the factor fills exactly those with the
``public`` or ``kept`` mapping that it returns. Names begin with the factor's CamelCase name, or the
singular of it.
"""

from dataclasses import dataclass, fields
from datetime import datetime

import strawberry


@strawberry.interface(description="A second factor being set up: what the person needs for the first proof.")
class EnrolmentStart:
    id: strawberry.ID = strawberry.field(description="Names this start in `confirmEnrolment`; single use.")
    factor: str = strawberry.field(description="The factor's name; in camelCase, its field in `FactorProof`.")
    expires_at: datetime = strawberry.field(description="Until when it can be confirmed.")


@strawberry.interface(description="What a factor asks at sign-in or step-up; answered with a `FactorProof`.")
class FactorChallenge:
    id: strawberry.ID = strawberry.field(description="Names this challenge in the answer; single use.")
    factor: str = strawberry.field(description="The factor's name; in camelCase, its field in `FactorProof`.")
    expires_at: datetime = strawberry.field(description="Until when it can be answered.")


@strawberry.interface(description="Something handed out once, for the person to keep.")
class FallbackIssue:
    factor: str = strawberry.field(description="The factor's name; in camelCase, its field in `FactorProof`.")


@dataclass(frozen=True, slots=True)
class Contribution:
    """The types of one factor. ``proof`` is a Strawberry input; the core puts it into ``FactorProof``
    (@oneOf) under the factor's name. A WAIVER contributes none. All that carry a secret lose the repr
    that Strawberry gives them, which would show it in a log or a traceback."""

    proof: type | None = None
    enrolment: type | None = None
    """Implements EnrolmentStart (PROOF)."""
    challenge: type | None = None
    """Implements FactorChallenge (PROOF, FALLBACK); None uses a plain challenge without own fields."""
    request: type | None = None
    """A Strawberry input that starting an enrolment needs (a phone number); None for nothing."""
    issued: type | None = None
    """Implements FallbackIssue (FALLBACK)."""

    def __post_init__(self) -> None:
        for field in fields(self):
            kind = getattr(self, field.name)
            if kind is not None:
                kind.__repr__ = _quiet_repr

    def types(self) -> tuple[type, ...]:
        """The output types, for the schema to know them."""
        return tuple(t for t in (self.enrolment, self.challenge, self.issued) if t is not None)


def _quiet_repr(self: object) -> str:
    return f"<{type(self).__name__}>"
