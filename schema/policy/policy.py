"""The practice's policy: which factors, from when, and how long a device is remembered; and what a change would do."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from flows.core.context import AppContext
from flows.core.paging import cursor_of
from flows.core.policy import Demand, Policy
from flows.policy import policy_editing as flow
from flows.policy.policy_dry_run import DryRun, dry_run
from flows.policy.policy_editing import Edit
from flows.refusals import BadCursor, InvalidInput, PageTooLarge, PolicyRefused, StepUpRequired
from flows.refusals import Refusal as FlowRefusal
from models import Audience
from models.policy.policy_gaps import Gap
from plugins import AnyFactor, Role
from schema.kit.arguments import GIVEN, given_changes
from schema.kit.fields import Info, mutation, query, shown_to
from schema.kit.ids import node_id
from schema.kit.permissions import Who
from schema.kit.relay import PageInfo
from schema.practice.practice import FactorOption, factor_option

strawberry.enum(Demand, description="What is asked of an account without a factor: nothing, an offer, or a must.")


@shown_to(Who.STAFF)
@strawberry.type(description="The practice's policy for one audience.")
class AudiencePolicy:
    audience: Audience = strawberry.field(description="The audience.")
    factors: list[FactorOption] = strawberry.field(description="What can be set up; the first is preselected.")
    preferred: str | None = strawberry.field(
        description="The preselected one, whatever the order of the allowed ones; null: the first of those."
    )
    all_factors: bool = strawberry.field(
        description="Whether all installed factors are allowed, also those that are installed later."
    )
    unavailable: list[str] = strawberry.field(description="Factors that are allowed, but not installed (any more).")
    offered_from: datetime | None = strawberry.field(description="From when a factor is offered; null: never before.")
    required_from: datetime | None = strawberry.field(description="From when a factor is required; null: at once.")
    demand: Demand = strawberry.field(description="What the policy asks at this moment.")
    remember: list[int] = strawberry.field(description="For how many seconds a device can be remembered.")
    remember_default: int | None = strawberry.field(description="The preselected duration; null where there is none.")
    fallback: bool = strawberry.field(description="Whether fallbacks, such as recovery codes, are issued and accepted.")
    passwordless: bool = strawberry.field(
        description="Whether a factor with that ability may replace the whole sign-in."
    )


@shown_to(Who.STAFF)
@strawberry.type(description="The practice's policy.")
class PracticePolicy:
    audiences: list[AudiencePolicy] = strawberry.field(description="One for staff and one for respondents.")
    installed: list[FactorOption] = strawberry.field(description="The factors that can be allowed here.")


@shown_to(Who.MANAGER)
@strawberry.type(description="The policy holds from the next request on, and for devices that are remembered already.")
class PolicySet:
    policy: PracticePolicy = strawberry.field(description="The policy as it is now.")


@strawberry.input(description="Changes to one audience's policy; what is left out stays as it is.")
class PolicyInput:
    audience: Audience = strawberry.field(description="The audience.")
    factors: strawberry.Maybe[list[str] | None] = strawberry.field(
        description="Names of the allowed factors, in order; null: whatever is installed."
    )
    preferred: strawberry.Maybe[str | None] = strawberry.field(
        description="The preselected one of those; null: the first."
    )
    offered_from: strawberry.Maybe[datetime | None] = strawberry.field(description="Null: never before it is required.")
    required_from: strawberry.Maybe[datetime | None] = strawberry.field(description="Null: at once.")
    remember: strawberry.Maybe[list[int]] = strawberry.field(
        description="Seconds, each from 1 hour to 30 days; an empty list: no device is remembered."
    )
    remember_default: strawberry.Maybe[int] = strawberry.field(description="One of `remember`.")
    fallback: strawberry.Maybe[bool] = strawberry.field(
        description="Whether fallbacks, such as recovery codes, are issued and accepted."
    )
    passwordless: strawberry.Maybe[bool] = strawberry.field(
        description="Whether a factor with that ability may replace the whole sign-in."
    )


@shown_to(Who.MANAGER)
@strawberry.type(description="A person who could not comply with the policy on that date.")
class PolicyGap:
    account: strawberry.ID = strawberry.field(description="The account's id.")
    name: str = strawberry.field(description="The person's name.")
    reason: str = strawberry.field(
        description="NO_FACTOR: none is set up. ONLY_DISALLOWED_FACTORS: none that the policy allows. PLUGIN_MISSING: "
        "none that is installed."
    )
    locked_out: bool = strawberry.field(
        description="Whether only the practice can help. Others are asked to set up a factor when they sign in."
    )


@shown_to(Who.MANAGER)
@strawberry.type(description="How many could not comply, for one reason.")
class PolicyGapTotal:
    reason: str = strawberry.field(description="As in `PolicyGap`.")
    locked_out: bool = strawberry.field(description="As in `PolicyGap`.")
    count: int = strawberry.field(description="How many on all pages.")


@shown_to(Who.MANAGER)
@strawberry.type(description="The people who could not comply with a policy on a date.")
class PolicyDryRun:
    demand: Demand = strawberry.field(description="What the policy asks on that date.")
    total_count: int = strawberry.field(description="The number of people who could not comply.")
    locked_out_count: int = strawberry.field(description="How many of them only the practice could help.")
    totals: list[PolicyGapTotal] = strawberry.field(description="The number for each reason.")
    gaps: list[PolicyGap] = strawberry.field(description="One page of them, by name.")
    page_info: PageInfo = strawberry.field(description="The position of this page in the list.")


class PolicyQueries:
    @query(Who.STAFF)
    async def policy(self, info: Info) -> PracticePolicy:
        """What the practice asks of its people."""
        return _practice_policy(info, await flow.policies(info.context.caller))

    @query(Who.MANAGER, answers=(PolicyDryRun,), refuses=(PolicyRefused, InvalidInput, PageTooLarge, BadCursor))
    async def policy_dry_run(
        self,
        info: Info,
        given: Annotated[PolicyInput, GIVEN],
        on: Annotated[datetime | None, strawberry.argument(description="The date; null: now.")] = None,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = 25,
        after: Annotated[str | None, strawberry.argument(description="The cursor to go on behind.")] = None,
    ) -> Any:
        """Who could not comply on a date under these changes, or under the present policy where there are none."""
        app = info.context.app
        run = await dry_run(app, info.context.caller, edit_of(given), on or app.now, first, after)
        return _dry_run(run, after)


class PolicyMutations:
    @mutation(Who.MANAGER, answers=(PolicySet,), refuses=(PolicyRefused, InvalidInput, StepUpRequired))
    async def set_policy(self, info: Info, given: Annotated[PolicyInput, GIVEN]) -> Any:
        """Change the policy for one audience; try `policyDryRun` first."""
        done = await flow.set_policy(info.context.app, info.context.caller, edit_of(given))
        return done if isinstance(done, FlowRefusal) else PolicySet(policy=_practice_policy(info, done))


def edit_of(given: PolicyInput) -> Edit:
    """The input as the flows take it."""
    changes = given_changes(
        factors=given.factors,
        preferred=given.preferred,
        offered_from=given.offered_from,
        required_from=given.required_from,
        remember=given.remember,
        remember_default=given.remember_default,
        fallback=given.fallback,
        passwordless=given.passwordless,
    )
    lists = {name: tuple(value) for name, value in changes.items() if isinstance(value, list)}
    return Edit(given.audience, changes | lists)


def _practice_policy(info: Info, policies: dict[Audience, Policy]) -> PracticePolicy:
    app, languages = info.context.app, info.context.languages
    return PracticePolicy(
        audiences=[_audience_policy(app, audience, policy, *languages) for audience, policy in policies.items()],
        installed=_options(app.factors.of(Role.PROOF), *languages),
    )


def _audience_policy(app: AppContext, audience: Audience, policy: Policy, *languages: str) -> AudiencePolicy:
    return AudiencePolicy(
        audience=audience,
        factors=_options(policy.offers(app.factors), *languages),
        preferred=policy.preferred,
        all_factors=policy.factors is None,
        unavailable=[name for name in policy.factors or () if name not in app.factors],
        offered_from=policy.offered_from,
        required_from=policy.required_from,
        demand=policy.demand(app.now),
        remember=list(policy.remember),
        remember_default=policy.remember_default if policy.remember_default in policy.remember else None,
        fallback=policy.fallback,
        passwordless=policy.passwordless,
    )


def _options(factors: list[AnyFactor], *languages: str) -> list[FactorOption]:
    return [factor_option(factor, *languages) for factor in factors]


def _dry_run(run: DryRun, after: str | None) -> PolicyDryRun:
    return PolicyDryRun(
        demand=run.demand,
        total_count=sum(run.totals.values()),
        locked_out_count=sum(number for (_, locked), number in run.totals.items() if locked),
        totals=[PolicyGapTotal(reason=r, locked_out=locked, count=n) for (r, locked), n in sorted(run.totals.items())],
        gaps=[_gap(row) for row in run.rows],
        page_info=PageInfo(
            has_next_page=run.has_next,
            has_previous_page=after is not None,
            start_cursor=cursor_of(run.rows[0].sort_key, run.rows[0].account_id) if run.rows else None,
            end_cursor=cursor_of(run.rows[-1].sort_key, run.rows[-1].account_id) if run.rows else None,
        ),
    )


def _gap(row: Gap) -> PolicyGap:
    return PolicyGap(
        account=node_id("Account", row.account_id), name=row.name, reason=row.reason, locked_out=row.locked_out
    )
