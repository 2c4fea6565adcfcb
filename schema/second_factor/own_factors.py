"""The factors of one's own account, as its settings page shows them."""

from datetime import datetime

import strawberry

from flows.account.account import OwnFactor, own_factors
from flows.core.context import AppContext, Caller
from flows.core.policy import policy_of
from flows.signin.device_names import device_name
from flows.signin.notices import FEW
from locales import in_language
from models import Account
from models import FactorEnrolment as Stored
from plugins import AnyFactor, Role
from schema.kit.fields import Info, computed, shown_to
from schema.kit.ids import node_id
from schema.kit.permissions import Who

#: In the list of remembered devices and in that of login sessions.
DEVICE = (
    "The browser and system that it seems to be, in the reader's language: `Firefox on Windows`; `Unknown device` "
    "where that is not to be seen. It calls itself so: nothing of it is proven."
)

#: From this many on the page suggests a new set (mission, 16: "few left: a warning").


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="A second factor that is set up.")
class FactorEnrolment:
    id: strawberry.ID = strawberry.field(description="Names it in `openChallenge`.")
    factor: str = strawberry.field(description="The factor's name; in camelCase, its field in `FactorProof`.")
    title: str = strawberry.field(description="Its title.")
    label: str = strawberry.field(description="The person's own name for it; may be empty.")
    since: datetime = strawberry.field(description="When it was set up.")
    last_used: datetime | None = strawberry.field(description="When it was last accepted; null while it was not.")
    codes_left: int | None = strawberry.field(description="How often it can still be used; null: without limit.")
    available: bool = strawberry.field(description="False where this installation no longer has the factor.")


def own_enrolment(held: OwnFactor, *languages: str) -> FactorEnrolment:
    """A registered factor in words."""
    stored = held.enrolment
    return FactorEnrolment(
        id=node_id("FactorEnrolment", stored.id),
        factor=stored.factor,
        title=in_language(held.factor.title, *languages) if held.factor else stored.factor,
        label=stored.label,
        since=stored.created_at,
        last_used=stored.last_used_at,
        codes_left=held.left,
        available=held.factor is not None,
    )


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="A fallback for a lost factor, such as recovery codes.")
class FallbackStatus:
    factor: str = strawberry.field(description="The factor's name, for `issueFallback`.")
    title: str = strawberry.field(description="Its title.")
    explanation: str = strawberry.field(description="One sentence about what it is for.")
    confirmed: bool = strawberry.field(description="Whether the person said that it is kept; it works from then on.")
    since: datetime | None = strawberry.field(description="When it was issued; null if it never was.")
    last_used: datetime | None = strawberry.field(description="When it was last used.")
    codes_left: int | None = strawberry.field(description="How often it can still be used; null where unknown.")
    few_left: bool = strawberry.field(description="Whether it is time for new ones.")


async def fallbacks(app: AppContext, caller: Caller, account: Account) -> list[FallbackStatus]:
    """Every FALLBACK that the policy allows, handed out or not."""
    policy = policy_of(account.practice.policy, account.audience)
    held = {one.enrolment.factor: one for one in await own_factors(app, caller, Role.FALLBACK)}
    allowed = [factor for factor in app.factors.of(Role.FALLBACK) if policy.allows(factor)]
    languages = account.locale, account.practice.locale
    return [_fallback(factor, held.get(factor.name), *languages) for factor in allowed]


def _fallback(factor: AnyFactor, held: OwnFactor | None, *languages: str) -> FallbackStatus:
    stored, left = (held.enrolment, held.left) if held else (None, None)
    return FallbackStatus(
        factor=factor.name,
        title=in_language(factor.title, *languages),
        explanation=in_language(factor.explanation, *languages),
        confirmed=stored is not None and stored.confirmed_at is not None,
        since=stored.created_at if stored else None,
        last_used=stored.last_used_at if stored else None,
        codes_left=left,
        few_left=left is not None and left <= FEW,
    )


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="A browser or app that skips the second factor until a date.")
class RememberedDevice:
    id: strawberry.ID = strawberry.field(
        description="For `renameDevice` and `revokeDevice`, and to staff for `revokeRespondentDevice`."
    )
    label: str = strawberry.field(description="How the person calls it, by `renameDevice`; may be empty.")
    user_agent: str = strawberry.field(description="What the browser or app called itself.")
    since: datetime = strawberry.field(description="From when it is remembered.")
    last_used: datetime | None = strawberry.field(description="When it last skipped the factor; null: not yet.")
    expires_at: datetime = strawberry.field(description="Until when, on the server's clock and under today's policy.")

    @computed(DEVICE)
    async def device(self, info: Info) -> str:
        return await device_name(info.context.app, self.user_agent, info.context.locale)

    @classmethod
    def of(cls, stored: Stored, end: datetime) -> "RememberedDevice":
        return cls(
            id=node_id("FactorEnrolment", stored.id),
            label=stored.label,
            user_agent=stored.user_agent,
            since=stored.created_at,
            last_used=stored.last_used_at,
            expires_at=end,
        )
