"""What the mutations of the account page answer: the person as they are now."""

import strawberry

from flows.refusals import NotSignedIn
from schema.account.viewer import Viewer, viewer_of
from schema.kit.fields import Info, computed, shown_to
from schema.kit.permissions import Who


@shown_to(Who.SIGNED_IN)
@strawberry.interface(description="A change of the own account.")
class ViewerChanged:
    @computed("The person as they are now.")
    async def viewer(self, info: Info) -> Viewer:
        if info.context.caller is None:
            raise NotSignedIn
        return await viewer_of(info, info.context.caller)
