"""What ``check`` finds: each thing is looked at by itself, so that no problem hides another."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from commands.database import CommandProblem, opened
from commands.ending import PROBLEMS, reachable
from commands.keys import values_of_unknown_keys
from commands.logs import set_up_logs
from flows.audit_trail.audit_verifying import verify_guards
from flows.core.context import AppContext
from flows.core.key_rotation import count_sealed
from plugins import build_gateway, build_registry, build_video_rooms, check_channels, load_factors
from settings import Settings, SettingsProblem, load_settings
from settings.safety import cautions, problems

Compose = Callable[[Settings], AppContext]

_FACTORS = frozenset({"plugins", "factor_options"})
_GATEWAY = frozenset({"sms_gateway", "sms_gateway_options"})
_VIDEO = frozenset({"video_rooms", "video_room_options"})


def checked(compose: Compose) -> tuple[list[str], list[str]]:
    """The problems of the settings, the plugins and the database, and the cautions, a line each."""
    found: list[str] = []
    settings, malformed = None, frozenset[str]()
    try:
        settings = load_settings()
    except SettingsProblem as problem:
        found, settings, malformed = problem.lines, problem.rest, problem.wrong
    if settings is None:
        return found, []
    set_up_logs(settings)
    cautious = cautions(settings, besides=malformed)
    found = [*found, *problems(settings, besides=malformed)]
    for look in _looks(compose, settings, malformed, cautious):
        found += _found_by(look)
    return found, cautious


def _looks(
    compose: Compose, settings: Settings, malformed: frozenset[str], cautious: list[str]
) -> Iterator[Coroutine[Any, Any, None]]:
    """Without those that would judge a default, put in the place of what is malformed."""
    if not malformed & _FACTORS:
        yield _factors(settings)
    if not malformed & {"plugins", "sms_gateway"}:
        yield _channels(settings)
    if not malformed & _GATEWAY:
        yield _gateway(settings)
    if not malformed & _VIDEO:
        yield _video(settings)
    yield _composes(compose, settings, cautious)
    if "database_url" not in malformed:
        yield _fits(settings, keys="secret_keys" not in malformed)


def _found_by(look: Coroutine[Any, Any, None]) -> list[str]:
    try:
        asyncio.run(look)
    except PROBLEMS as problem:
        return [*getattr(problem, "lines", [str(problem)])]
    return []


async def _factors(settings: Settings) -> None:
    build_registry(settings.plugins, settings.factor_options)


async def _channels(settings: Settings) -> None:
    factors, _ = load_factors(settings.plugins)
    check_channels(factors, settings.sms_gateway)


async def _gateway(settings: Settings) -> None:
    build_gateway(settings.sms_gateway, settings.sms_gateway_options)


async def _video(settings: Settings) -> None:
    build_video_rooms(settings.video_rooms, settings.video_room_options)


async def _composes(compose: Compose, settings: Settings, cautious: list[str]) -> None:
    """With the default plugins, for those that are named have been looked at.

    A Valkey that does not answer is no problem: the database does its work then.
    """
    usual = {name: Settings.model_fields[name].default for name in _FACTORS | _GATEWAY | _VIDEO}
    app = compose(settings.model_copy(update=usual))
    app.passwords.close()
    if app.counter:
        if not await app.counter.answers():
            cautious.append("Valkey does not answer (SLUIS_REDIS_URL); until it does, the database does its work.")
        await app.counter.close()


async def _fits(settings: Settings, *, keys: bool) -> None:
    """The database is up to date and guards its trail, and the keys belong to what is stored.

    Reads too much for each start.
    """
    async with opened(settings):
        wrong = values_of_unknown_keys(await reachable(count_sealed(settings.key_ring))) if keys else []
        if unguarded := await reachable(verify_guards()):
            wrong = [*wrong, unguarded]
    if wrong:
        raise CommandProblem(*wrong)
