"""Decorators for root fields: check the permission, call the resolver, return a refusal as data."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from functools import partial, wraps
from typing import Any, TypeVar

import strawberry
from strawberry.types.field import StrawberryField

import schema.kit.enums  # noqa: F401 - describes the enumerations before any type names them
from flows.core.audit import record_denial, record_refusal
from flows.refusals import AwaitingApproval, NotAllowed, NotSignedIn
from flows.refusals import Refusal as FlowRefusal
from schema.kit.context import Context
from schema.kit.permissions import Who, admit
from schema.kit.refusals import answer, refused

#: The GraphQL info every resolver gets; ``info.context`` is our Context.
Info = strawberry.Info[Context, None]

T = TypeVar("T")


def _not_admitted(who: Who) -> tuple[type[FlowRefusal], ...]:
    """What :func:`admit` may raise."""
    match who:
        case Who.ANYONE:
            return ()
        case Who.SIGNED_IN:
            return (NotSignedIn,)
        case _:
            return (NotSignedIn, NotAllowed, AwaitingApproval)


class UndeclaredRefusal(Exception):
    """A flow refused in a way that its mutation does not declare."""


def mutation(
    who: Who, *, answers: tuple[type, ...], refuses: tuple[type[FlowRefusal], ...] = (), name: str | None = None
) -> Callable[[Callable[..., Awaitable[Any]]], Any]:
    """A mutation that answers a union of ``answers`` and ``refuses``.

    The resolver returns a success object, or returns or raises a flow refusal that ``refuses`` names;
    an undeclared one is a fault of ours and masked as such. ``NameAnswer`` is the union.
    """
    return partial(_answering, strawberry.mutation, who, answers, refuses, name)


def query(
    who: Who, *, answers: tuple[type, ...] = (), refuses: tuple[type[FlowRefusal], ...] = ()
) -> Callable[[Callable[..., Awaitable[Any]]], Any]:
    """A root query field; a refusal becomes a GraphQL error with its code.

    With ``answers`` it answers a union as a mutation does, for what a frontend handles step by step.
    """
    if answers:
        return partial(_answering, strawberry.field, who, answers, refuses, None)

    def decorate(resolver: Callable[..., Awaitable[Any]]) -> Any:
        @wraps(resolver)
        async def run(self: Any, info: Info, **given: Any) -> Any:
            try:
                admit(who, info.context.caller)
                return await resolver(self, info, **given)
            except FlowRefusal as refusal:
                await _denied(info, refusal)
                raise

        return _declared(strawberry.field(resolver=run, description=_doc(resolver)), who)

    return decorate


def _answering(
    make: Callable[..., Any],
    who: Who,
    answers: tuple[type, ...],
    refuses: tuple[type[FlowRefusal], ...],
    name: str | None,
    resolver: Callable[..., Awaitable[Any]],
) -> Any:
    all_refusals = (*_not_admitted(who), *refuses)
    union = answer(name or _pascal(resolver.__name__) + "Answer", answers, all_refusals)

    @wraps(resolver)
    async def run(self: Any, info: Info, **given: Any) -> Any:
        try:
            await _set_locale(info, given)
            admit(who, info.context.caller)
            result = await resolver(self, info, **given)
        except FlowRefusal as refusal:
            result = refusal
        if isinstance(result, FlowRefusal):
            info.context.refused.append(result.code)
            await _denied(info, result)
            if type(result) not in all_refusals:
                raise UndeclaredRefusal(type(result).__name__) from result
            return refused(result, info.context.locale)
        return result

    return _declared(make(resolver=run, graphql_type=union, description=_doc(resolver)), who)


#: The names of arguments and input fields that are tokens of sign-ins and of mailed links.
TOKENS = ("token", "sign_in")


async def _set_locale(info: Info, given: dict[str, Any]) -> None:
    """Set the fallback language by the practice or the token in the input."""
    values = given.get("given")
    slug = getattr(values, "practice", None)
    if isinstance(slug, str):
        await info.context.use_locale_of_practice(slug)
    for name in TOKENS:
        token = given.get(name, getattr(values, name, None))
        if isinstance(token, str):
            await info.context.use_locale_of_token(token)


async def _denied(info: Info, refusal: FlowRefusal) -> None:
    context = info.context
    await record_denial(context.app, context.caller, refusal)
    if isinstance(refusal, NotAllowed | AwaitingApproval):
        await record_refusal(context.app, context.caller, info.field_name, refusal)


def subscription(who: Who) -> Callable[[Callable[..., AsyncGenerator[Any, None]]], Any]:
    """A subscription, admitted when it starts; its resolver ends it when the right to it ends."""

    def decorate(resolver: Callable[..., AsyncGenerator[Any, None]]) -> Any:
        @wraps(resolver)
        async def run(self: Any, info: Info, **given: Any) -> AsyncGenerator[Any, None]:
            try:
                admit(who, info.context.caller)
                async with aclosing(resolver(self, info, **given)) as events:
                    async for event in events:
                        yield event
            except FlowRefusal as refusal:
                await _denied(info, refusal)
                raise

        return _declared(strawberry.subscription(resolver=run, description=_doc(resolver)), who)

    return decorate


def computed(description: str) -> Callable[[Callable[..., Any]], Any]:
    """A field that is computed only if it is selected."""
    return partial(_computed, description)


def _computed(description: str, resolver: Callable[..., Any]) -> Any:
    return strawberry.field(resolver=resolver, description=description)


def shown_to(who: Who) -> Callable[[type[T]], type[T]]:
    """Declare who may see objects of this type; goes above ``@strawberry.type``."""

    def decorate(kind: type[T]) -> type[T]:
        kind.__sluis_who__ = who  # type: ignore[attr-defined]
        return kind

    return decorate


def _declared(field: Any, who: Who) -> Any:
    made: StrawberryField = field
    made.metadata = {**made.metadata, "who": who}  # type: ignore[assignment]
    return made


def _doc(resolver: Callable[..., Any]) -> str | None:
    return " ".join(resolver.__doc__.split()) if resolver.__doc__ else None


def _pascal(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
