"""Exempting one person from setting up a factor, for a reason and until a date."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from flows.policy import exemptions as flow
from flows.policy.exemptions import Whom
from flows.refusals import InvalidInput, NoLogin, NotExempt, NotFound, Refusal, StepUpRequired
from flows.staff.staff import changed_member
from schema.dossiers.respondents import Respondent, reload_respondent
from schema.kit.arguments import GIVEN
from schema.kit.fields import Info, mutation, shown_to
from schema.kit.ids import parse_id
from schema.kit.permissions import Who
from schema.staff.staff import StaffMember, shown_member

PersonId = Annotated[strawberry.ID, strawberry.argument(description="The id of a respondent or a member of staff.")]


@strawberry.input(description="A person to exempt from the second factor.")
class ExemptInput:
    person: strawberry.ID = strawberry.field(description="The id of a respondent or a member of staff.")
    reason: str = strawberry.field(description="Why; up to 200 characters, kept and audited.")
    until: datetime = strawberry.field(description="The end, at most 90 days from now.")


@shown_to(Who.MANAGER)
@strawberry.interface(description="A change of a person's exemption. One of the two fields is the person.")
class ExemptionChanged:
    respondent: Respondent | None = strawberry.field(description="The respondent as it is now.")
    staff_member: StaffMember | None = strawberry.field(description="The member of staff as they are now.")


@shown_to(Who.MANAGER)
@strawberry.type(description="The person need not set up a factor until then. A factor that is set up is still asked.")
class FactorExempted(ExemptionChanged):
    pass


@shown_to(Who.MANAGER)
@strawberry.type(description="The exemption ended. The policy holds again from the next sign-in.")
class ExemptionEnded(ExemptionChanged):
    pass


class ExemptionMutations:
    @mutation(Who.MANAGER, answers=(FactorExempted,), refuses=(NotFound, NoLogin, InvalidInput, StepUpRequired))
    async def exempt_from_factor(self, info: Info, given: Annotated[ExemptInput, GIVEN]) -> Any:
        """Exempt a person from setting up a factor until a date. A newer exemption replaces an older one."""
        whom, app, caller = _whom(given.person), info.context.app, info.context.caller
        refusal = await flow.exempt_from_factor(app, caller, whom, given.reason, given.until)
        return await _done(info, refusal, whom, FactorExempted)

    @mutation(Who.MANAGER, answers=(ExemptionEnded,), refuses=(NotFound, NoLogin, NotExempt))
    async def end_exemption(self, info: Info, person: PersonId) -> Any:
        """End somebody's exemption before its time."""
        whom = _whom(person)
        refusal = await flow.end(info.context.app, info.context.caller, whom)
        return await _done(info, refusal, whom, ExemptionEnded)


def _whom(given: str) -> Whom:
    found = parse_id(given)
    if found is None or found[0] not in ("Respondent", "StaffMember"):
        raise NotFound
    return Whom(*found)


async def _done(info: Info, refusal: Refusal | None, whom: Whom, success: type[ExemptionChanged]) -> Any:
    if refusal is not None:
        return refusal
    if whom.kind == "Respondent":
        return success(respondent=await reload_respondent(info, whom.identity), staff_member=None)
    app = info.context.app
    row = await changed_member(app, info.context.caller, whom.identity)
    return success(respondent=None, staff_member=shown_member(row, app.now, info.context.locale))
