"""Subscriptions: the viewer's access, and the login progress of a dossier's respondents.

A subscription outlives its request. So the caller's right to it is read from the database again at every signal and
at least once a second. The subscription ends with that right.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

import strawberry

from flows.access.reach import dossier_in_reach
from flows.core.context import Access, AppContext, Caller
from flows.dossiers.reading import follow, login_progress
from flows.refusals import NotFound, Refusal
from models.access.login_status import LoginFacts
from schema.dossiers.login_status import AccessBlocker, own_access_blockers
from schema.dossiers.respondents import Respondent, shown_respondent
from schema.kit.arguments import DossierId
from schema.kit.context import Context
from schema.kit.fields import Info, shown_to, subscription
from schema.kit.ids import raw_id
from schema.kit.lookahead import Selection, selected_names
from schema.kit.permissions import Who, admit

_LONGEST_SILENCE = 1.0


@shown_to(Who.SIGNED_IN)
@strawberry.type(description="The caller's access, and what is still to do before the portal is open.")
class OwnAccess:
    access: Access = strawberry.field(description="What the caller may do.")
    access_blockers: list[AccessBlocker] = strawberry.field(
        description="What is still to do before the portal is open."
    )


@shown_to(Who.STAFF)
@strawberry.type(description="The login progress of a dossier's respondents.")
class LoginProgress:
    respondents: list[Respondent] = strawberry.field(description="All of the dossier's respondents.")


class LiveSubscriptions:
    @subscription(Who.SIGNED_IN)
    async def access_changed(self, info: Info) -> AsyncGenerator[OwnAccess, None]:
        """The caller's access: at once, and whenever it changes."""
        context, shown = info.context, None
        async with aclosing(_checks(context, Who.SIGNED_IN)) as checks:
            async for caller, signalled in checks:
                if not signalled and shown and shown.access is caller.access:
                    continue
                blockers = await own_access_blockers(context.app, caller)
                now = OwnAccess(access=caller.access, access_blockers=blockers)
                if now != shown:
                    shown = now
                    yield now

    @subscription(Who.STAFF)
    async def login_progress_changed(self, info: Info, dossier: DossierId) -> AsyncGenerator[LoginProgress, None]:
        """The login progress of a dossier's respondents: at once, and whenever it changes."""
        context, names, shown = info.context, selected_names(info), None
        identity = raw_id("Dossier", dossier)
        await follow(context.app, context.caller, identity)
        async with aclosing(_checks(context, Who.STAFF, f"dossier:{identity}")) as checks:
            async for caller, signalled in checks:
                every = await _progress(context.app, caller, identity, shown if not signalled else None)
                if every is None:
                    return
                if every != shown:
                    shown = every
                    selection = Selection(context.app.now, caller.locale, names)
                    yield LoginProgress(respondents=[shown_respondent(selection, facts) for facts in every])


async def _progress(
    app: AppContext, caller: Caller, dossier_id: str, known: list[LoginFacts] | None
) -> list[LoginFacts] | None:
    """The respondents, read again unless they are ``known``; None once the dossier is out of reach."""
    try:
        if known is None:
            return await login_progress(app, caller, dossier_id)
        await dossier_in_reach(caller, dossier_id)
    except NotFound:
        return None
    return known


async def _checks(context: Context, who: Who, *topics: str) -> AsyncGenerator[tuple[Caller, bool], None]:
    """The caller as the database has it, and whether a signal came: at once, at every signal and every second.

    Ends with the session, or when the caller is no longer ``who``.
    """
    assert context.caller is not None
    async with context.app.signals.subscribe(f"account:{context.caller.account_id}", *topics) as news:
        signalled = True
        while (caller := await context.still_watching()) and _admitted(who, caller):
            yield caller, signalled
            signalled = await _wait_for_signal(news)


async def _wait_for_signal(news: asyncio.Event) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(_LONGEST_SILENCE):
            await news.wait()
    signalled = news.is_set()
    # Before anything is read: a signal from here on starts the next check.
    news.clear()
    return signalled


def _admitted(who: Who, caller: Caller) -> bool:
    try:
        admit(who, caller)
    except Refusal:
        return False
    return True
