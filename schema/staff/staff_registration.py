"""The numbers under which health insurers know a member of staff."""

from typing import Annotated

import strawberry

from flows.refusals import InvalidInput, NotFound
from flows.staff import staff_registration as flow
from schema.kit.arguments import GIVEN, given_changes
from schema.kit.fields import Info, mutation, shown_to
from schema.kit.ids import raw_id
from schema.kit.permissions import Who
from schema.staff.staff import StaffMemberChanged, done


@strawberry.input(description="The registrations of a member of staff; what is left out stays as it is.")
class StaffRegistrationInput:
    staff_member: strawberry.ID = strawberry.field(description="The member of staff's id.")
    agb_code: strawberry.Maybe[str] = strawberry.field(description="8 digits; empty: none.")
    big_number: strawberry.Maybe[str] = strawberry.field(description="11 digits; empty: none.")


@shown_to(Who.MANAGER)
@strawberry.type(description="Receipts that are issued from now on have it.")
class StaffRegistrationSet(StaffMemberChanged):
    pass


class StaffRegistrationMutations:
    @mutation(Who.MANAGER, answers=(StaffRegistrationSet,), refuses=(NotFound, InvalidInput))
    async def set_staff_registration(self, info: Info, given: Annotated[StaffRegistrationInput, GIVEN]) -> object:
        """Set the AGB code and the BIG number of a member of staff, which receipts of their appointments say."""
        changes = given_changes(agb_code=given.agb_code, big_number=given.big_number)
        identity, context = raw_id("StaffMember", given.staff_member), info.context
        changed = await flow.set_registration(context.app, context.caller, identity, changes)
        return await done(info, changed, StaffRegistrationSet)
