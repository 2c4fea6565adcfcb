"""What one does to the own factors on the settings page: naming and removing them."""

from typing import Annotated, Any

import strawberry

from flows.factor_setup import own_factors as flow
from flows.refusals import (
    ChallengeExpired,
    FactorUnavailable,
    InvalidInput,
    LastFactor,
    NotFound,
    NotSentYet,
    ProofRefused,
    TooManyAttempts,
)
from flows.signin.challenges import FactorQuestion
from plugins import FactorChallenge
from schema.account.changed import ViewerChanged
from schema.kit.arguments import GIVEN
from schema.kit.fields import Info, mutation, shown_to
from schema.kit.ids import raw_id
from schema.kit.inputs import discreet
from schema.kit.permissions import Who
from schema.second_factor.assembly import Assembly, challenge_id, challenge_of, given_of

FactorId = Annotated[strawberry.ID, strawberry.argument(name="id", description="The factor's id.")]
_REFUSES = (NotFound, LastFactor, FactorUnavailable)


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="The factor has its new name.")
class FactorRenamed(ViewerChanged):
    pass


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="The challenge to answer with the factor to remove, in `removeFactor`.")
class FactorRemovalBegun:
    challenge: FactorChallenge = strawberry.field(description="The open challenge; asking again opens a new one.")


@shown_to(Who.SIGNED_IN)
@strawberry.type(
    description="The factor is removed, and no device is remembered any more. With the last factor, fallbacks such as "
    "recovery codes are removed too."
)
class FactorRemoved(ViewerChanged):
    pass


class FactorSettingsMutations:
    @mutation(Who.SIGNED_IN, answers=(FactorRenamed,), refuses=(NotFound, InvalidInput))
    async def rename_factor(
        self,
        info: Info,
        identity: FactorId,
        label: Annotated[str, strawberry.argument(description="How the person calls it; 1 to 60 characters.")],
    ) -> Any:
        """Rename one of the own factors."""
        enrolment = raw_id("FactorEnrolment", identity)
        return await flow.rename(info.context.app, info.context.caller, enrolment, label) or FactorRenamed()

    @mutation(Who.SIGNED_IN, answers=(FactorRemovalBegun,), refuses=(*_REFUSES, NotSentYet))
    async def begin_factor_removal(self, info: Info, identity: FactorId) -> Any:
        """Open a challenge of the factor to remove. If that factor is lost, `confirmEnrolment` can replace it."""
        enrolment = raw_id("FactorEnrolment", identity)
        begun = await flow.begin_removal(info.context.app, info.context.caller, enrolment)
        return _begun(begun) if isinstance(begun, FactorQuestion) else begun


def removing_mutations(assembly: Assembly) -> type:
    """The mutation of this topic that takes a proof."""

    @discreet
    @strawberry.input(description="A factor to remove, with a proof of that factor.")
    class RemoveFactorInput:
        factor: strawberry.ID = strawberry.field(description="The factor's id.")
        challenge: strawberry.ID = strawberry.field(description="The challenge's id, from `beginFactorRemoval`.")
        proof: Any = strawberry.field(graphql_type=assembly.proof, description="The proof that it asks for.")

    class RemovingMutations:
        @mutation(
            Who.SIGNED_IN,
            answers=(FactorRemoved,),
            refuses=(*_REFUSES, ChallengeExpired, ProofRefused, TooManyAttempts),
        )
        async def remove_factor(self, info: Info, given: Annotated[RemoveFactorInput, GIVEN]) -> Any:
            """Remove one of the own factors; the last one stays while the practice requires one."""
            enrolment, challenge = raw_id("FactorEnrolment", given.factor), challenge_id(given.challenge)
            app, caller, proof = info.context.app, info.context.caller, given_of(given.proof)
            return await flow.remove(app, caller, enrolment, challenge, proof) or FactorRemoved()

    return RemovingMutations


def _begun(question: FactorQuestion) -> FactorRemovalBegun:
    challenge = challenge_of(question)
    if challenge is None:
        raise FactorUnavailable(question.ask.factor.name)
    return FactorRemovalBegun(challenge=challenge)
