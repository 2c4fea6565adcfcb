"""The steps of a sign-in as a union that a frontend can exhaust, and handing over what ends it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import strawberry

from flows.core.context import Access, AppContext, ClientInfo
from flows.refusals import FactorUnavailable, SignInExpired
from flows.refusals import Refusal as FlowRefusal
from flows.signin import remembered_devices
from flows.signin import steps as flow
from flows.signin.challenges import FactorQuestion
from flows.signin.completion import Outcome, StepPending
from flows.signin.completion import SignedIn as FlowSignedIn
from flows.signin.passwords import shortest_for
from flows.signin.sessions import authenticate
from locales import in_language
from models import Transport
from plugins import FactorChallenge, Role
from schema.account.viewer import Viewer, viewer_of
from schema.kit.fields import Info, computed, shown_to
from schema.kit.ids import node_id
from schema.kit.inputs import discreet
from schema.kit.permissions import Who
from schema.kit.refusals import answer, refused
from schema.practice.password_rules import PASSWORD_RULES, PasswordRules
from schema.practice.practice import FactorOption, factor_option
from schema.second_factor.assembly import challenge_of

strawberry.enum(Transport, description="How the session's token is sent: as a cookie, or in the Authorization header.")

strawberry.enum(
    flow.NewPasswordReason,
    description="Why another password is asked for.",
)

_TOKEN = "The sign-in's token, for the next request; it replaces the one before."  # noqa: S105 - a description


@shown_to(Who.ANYONE)
@strawberry.type(description="One way to prove oneself now.")
class ProofOption:
    factor: str = strawberry.field(description="The factor's name; in camelCase, its field in `FactorProof`.")
    title: str = strawberry.field(description="Its title.")
    explanation: str = strawberry.field(description="One sentence about it.")
    enrolment: strawberry.ID | None = strawberry.field(
        description="Which of several, for `openChallenge`; null where one challenge serves them all."
    )
    label: str = strawberry.field(description="How the person labelled it; may be empty.")
    stands_in: bool = strawberry.field(description="Whether it stands in for a lost factor (recovery codes).")
    challenge: FactorChallenge | None = strawberry.field(
        description="What to answer; null where `openChallenge` comes first, because it sends something."
    )


def proof_options(questions: tuple[FactorQuestion, ...], *languages: str) -> list[ProofOption]:
    """Open questions in words."""
    return [_proof_option(question, *languages) for question in questions]


def _proof_option(question: FactorQuestion, *languages: str) -> ProofOption:
    factor, enrolment = question.ask.factor, question.ask.enrolment
    return ProofOption(
        factor=factor.name,
        title=in_language(factor.title, *languages),
        explanation=in_language(factor.explanation, *languages),
        enrolment=node_id("FactorEnrolment", enrolment.id) if enrolment else None,
        label=enrolment.label if enrolment else "",
        stands_in=factor.role is Role.FALLBACK,
        challenge=challenge_of(question),
    )


def open_challenges(options: list[ProofOption]) -> list[FactorChallenge]:
    return [option.challenge for option in options if option.challenge is not None]


@shown_to(Who.ANYONE)
@discreet
@strawberry.type(description="A second factor must be proven: `answerFactor`.")
class FactorRequired:
    token: str = strawberry.field(description=_TOKEN)
    options: list[ProofOption] = strawberry.field(description="The factors that can prove it; fallbacks come last.")
    challenges: list[FactorChallenge] = strawberry.field(
        description="The challenges of the options that are open already."
    )
    remember_choices: list[int] = strawberry.field(
        description="For how many seconds this device may be remembered (`rememberSeconds`); empty: not at all."
    )
    remember_default: int | None = strawberry.field(description="The choice to preselect.")


@shown_to(Who.ANYONE)
@discreet
@strawberry.type(description="A second factor can be set up now, or not now: `confirmPassword` or `declineFactor`.")
class FactorOffered:
    token: str = strawberry.field(description=_TOKEN)
    deadline: datetime = strawberry.field(description="From when a second factor is required.")
    options: list[FactorOption] = strawberry.field(description="What can be set up; the first is preselected.")
    password_confirmed: bool = strawberry.field(description="Whether `beginEnrolment` may follow at once.")


@shown_to(Who.ANYONE)
@discreet
@strawberry.type(description="A second factor must be set up: `confirmPassword`, `beginEnrolment`, `confirmEnrolment`.")
class EnrolmentRequired:
    token: str = strawberry.field(description=_TOKEN)
    options: list[FactorOption] = strawberry.field(description="What can be set up; the first is preselected.")
    password_confirmed: bool = strawberry.field(description="Whether `beginEnrolment` may follow at once.")


@shown_to(Who.ANYONE)
@discreet
@strawberry.type(
    description="A fallback for a lost factor must be issued and kept: `issueFallback`, then `confirmFallback`."
)
class FallbackUnconfirmed:
    token: str = strawberry.field(description=_TOKEN)
    factor: str = strawberry.field(description="Its name, for `issueFallback`.")
    title: str = strawberry.field(description="Its title.")
    explanation: str = strawberry.field(description="One sentence about what it is for.")


@shown_to(Who.ANYONE)
@discreet
@strawberry.type(description="Another password is to be chosen: `setNewPassword`.")
class NewPasswordRequired:
    token: str = strawberry.field(description=_TOKEN)
    reason: flow.NewPasswordReason = strawberry.field(description="Why the old one will not do.")
    password_rules: PasswordRules = strawberry.field(description=PASSWORD_RULES)


@shown_to(Who.ANYONE)
@discreet
@strawberry.type(description="Done: a login session began. In a browser its cookie is set.")
class SignedIn:
    own_token: strawberry.Private[str]
    session_token: str | None = strawberry.field(
        description="For the Authorization header; BEARER only, shown this once."
    )
    device_token: str | None = strawberry.field(
        description="For `signIn` on this device, where it is remembered; BEARER only, shown this once."
    )
    access: Access = strawberry.field(description="What the session may do.")

    @computed("The person who is signed in now.")
    async def viewer(self, info: Info) -> Viewer:
        caller = await authenticate(info.context.app, info.context.origin, self.own_token)
        if caller is None:
            raise SignInExpired
        return await viewer_of(info, caller)


#: What a sign-in may answer with, and what it may refuse with at every step.
STEPS: tuple[type, ...] = (
    FactorRequired,
    FactorOffered,
    EnrolmentRequired,
    FallbackUnconfirmed,
    NewPasswordRequired,
    SignedIn,
)
STEP_REFUSALS: tuple[type[FlowRefusal], ...] = (SignInExpired, FactorUnavailable)
#: The step inside another answer, where what came before it is done already.
SignInStep: Any = answer("SignInStep", STEPS, STEP_REFUSALS)


def origin_of(info: Info) -> ClientInfo:
    """The client of the request, and the practice that the answer can set cookies of."""
    return replace(info.context.origin, cookies_of=info.context.cookies.practice)


def step_answer(info: Info, outcome: Outcome) -> Any:
    """A flow's outcome as a mutation returns it. Sets a session's cookie."""
    match outcome:
        case StepPending():
            return _step(info, outcome)
        case FlowSignedIn():
            return _signed_in(info, outcome)
        case _:
            return outcome


def nested_step_answer(info: Info, outcome: Outcome | None) -> Any:
    """The same as a member of ``SignInStep``; None where there is no sign-in."""
    step = step_answer(info, outcome) if outcome is not None else None
    return refused(step, info.context.locale) if isinstance(step, FlowRefusal) else step


def _step(info: Info, way: StepPending) -> object:
    info.context.set_fallback_locale(way.holder.account.locale)
    languages = info.context.locale, way.holder.practice.locale
    match way.step:
        case flow.FactorRequired():
            options = proof_options(way.questions, *languages)
            choices = remembered_devices.durations(info.context.app, way.holder)
            default = way.holder.policy.remember_default
            return FactorRequired(
                token=way.token,
                options=options,
                challenges=open_challenges(options),
                remember_choices=list(choices),
                remember_default=default if default in choices else None,
            )
        case flow.FactorOffered(deadline, offers, confirmed):
            offered = [factor_option(factor, *languages) for factor in offers]
            return FactorOffered(token=way.token, deadline=deadline, options=offered, password_confirmed=confirmed)
        case flow.EnrolmentRequired(offers, confirmed):
            offered = [factor_option(factor, *languages) for factor in offers]
            return EnrolmentRequired(token=way.token, options=offered, password_confirmed=confirmed)
        case flow.FallbackUnconfirmed(factor):
            option = factor_option(factor, *languages)
            return FallbackUnconfirmed(
                token=way.token, factor=option.factor, title=option.title, explanation=option.explanation
            )
        case flow.NewPasswordRequired(reason):
            minimum = shortest_for(info.context.app, way.holder.account, way.holder.practice)
            return NewPasswordRequired(token=way.token, reason=reason, password_rules=PasswordRules(minimum=minimum))
        case flow.Ready():
            return SignInExpired()


def _signed_in(info: Info, done: FlowSignedIn) -> SignedIn:
    slug, app = done.holder.practice.slug, info.context.app
    left = seconds_until(app, done.session.expires_at)
    session_token = deliver_token(info, slug, done.transport, done.session_token, left)
    device_token = done.waiver_token
    if device_token and done.transport is Transport.COOKIE:
        info.context.cookies.remember(slug, done.holder.account.id, device_token, done.waiver_seconds)
        device_token = None
    return SignedIn(
        own_token=done.session_token,
        session_token=session_token,
        device_token=device_token,
        access=done.access,
    )


def deliver_token(info: Info, slug: str, transport: Transport, token: str, seconds: int) -> str | None:
    """Set the session's cookie and answer None; for a native client, answer its token."""
    if transport is Transport.BEARER:
        return token
    info.context.cookies.set("session", slug, token, seconds)
    return None


def seconds_until(app: AppContext, end: datetime) -> int:
    return max(0, (end - app.now) // timedelta(seconds=1))
