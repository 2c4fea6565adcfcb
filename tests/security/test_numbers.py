"""The numbers of `docs/threats.md` on their way from the settings to where they hold."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

import server
from flows.core.context import Rules, Windows
from schema.transport import TransportRules
from security.limits import Rule
from settings import Settings, load_settings

#: From a setting to the field of the rules that it fills.
WINDOWS = {
    "limit_address_per_minute": "per_address",
    "limit_practice_per_minute": "per_practice",
    "limit_installation_per_minute": "per_installation",
    "limit_resets_per_hour": "requests_per_hour",
    "limit_uploads_per_hour": "uploads_per_hour",
    "limit_sign_ups_per_hour": "sign_ups_per_hour",
    "limit_invitations_per_hour": "invitations_per_hour",
    "limit_mails_practice_per_hour": "mails_per_practice",
    "limit_mails_installation_per_hour": "mails_per_installation",
}
LIVES = {
    "lifetime_sign_in": "sign_in_life",
    "lifetime_challenge": "challenge_life",
    "lifetime_reset": "reset_life",
    "lifetime_verification": "verification_life",
    "lifetime_starter_password": "starter_life",
    "session_idle": "session_idle",
    "session_total": "session_total",
    "session_total_staff": "staff_session_total",
    "step_up_own": "step_up_own",
    "step_up_staff": "step_up_staff",
}
SIZES = {
    "graphql_body_bytes": "body_bytes",
    "upload_bytes": "file_bytes",
    "graphql_depth": "depth",
    "graphql_aliases": "aliases",
    "graphql_tokens": "tokens",
    "graphql_characters": "characters",
    "limit_bad_documents_per_minute": "bad_documents",
    "graphql_sockets": "sockets_per_session",
}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that lies in the working folder has a say."""
    monkeypatch.chdir(tmp_path)


def rules_of(settings: Settings) -> tuple[Rules, TransportRules]:
    app = server.compose(settings)
    app.passwords.close()
    return app.rules, server._transport(settings)


def pairs(settings: Settings) -> Iterator[tuple[str, object, object]]:
    """Each number's setting, its value, and the value that holds."""
    rules, transport = rules_of(settings)
    for kind, holder in ((WINDOWS, rules.windows), (LIVES, rules), (SIZES, transport)):
        for setting, field in kind.items():
            yield setting, getattr(settings, setting), getattr(holder, field)
    yield "graphql_page", settings.graphql_page, rules.page_size
    yield "plugin_timeout", settings.plugin_timeout.total_seconds(), rules.plugin_timeout
    yield "failures", settings.failure_rule, rules.attempts


def test_the_defaults_are_the_numbers_of_the_flows() -> None:
    settings = load_settings()
    rules, transport = rules_of(settings)
    assert (rules.attempts, rules.windows) == (Rule(), Windows())
    own = Rules()
    assert [getattr(rules, field) for field in LIVES.values()] == [getattr(own, field) for field in LIVES.values()]
    assert (rules.page_size, rules.plugin_timeout) == (own.page_size, own.plugin_timeout)
    strict = TransportRules()
    assert [getattr(transport, field) for field in SIZES.values()] == [getattr(strict, f) for f in SIZES.values()]
    assert [setting for setting, said, holds in pairs(settings) if said != holds] == []


def test_every_number_reaches_where_it_holds() -> None:
    default = load_settings()
    others: dict[str, Any] = {}
    for name in (*WINDOWS, *LIVES, *SIZES, "graphql_page", "plugin_timeout"):
        value = getattr(default, name)
        others[name] = value + (timedelta(seconds=1) if isinstance(value, timedelta) else 1)
    rule = {"failures_slow_from": 4, "failures_per_hour": 7, "failures_per_day": 8, "failures_lock_at": 9}
    for setting, said, holds in pairs(load_settings(**others, **rule)):
        assert said == holds, setting
