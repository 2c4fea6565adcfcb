"""Where settings come from, what a bad one says, and what production refuses."""

import base64
import secrets
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import settings
from settings import Settings, SettingsProblem, load_settings
from settings.safety import cautions, problems

OWN_KEY = "2026a:" + secrets.token_urlsafe(32)
PUBLIC = settings.DEVELOPMENT_KEY.partition(":")[2].rstrip("=")
SAFE: dict[str, Any] = {
    "environment": "production",
    "public_url": "https://portal.example.org",
    "secret_keys": (OWN_KEY,),
    "mail_url": "smtp://relay:hunter2@mail.example.org:587?starttls=1",
    "mail_from": "Portal <no-reply@example.org>",
    "mail_bounces": "bounces@mail.example.org",
    "database_url": "postgresql://sluis:hunter2@db.example.org:5432/sluis?sslmode=verify-full",
    "redis_url": "rediss://:hunter2@cache.example.org:6379/0",
}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A working directory and an environment without settings."""
    monkeypatch.chdir(tmp_path)
    for name in (f"SLUIS_{field.upper()}" for field in (*Settings.model_fields, "config")):
        monkeypatch.delenv(name, raising=False)


def refused(**given: Any) -> str:
    with pytest.raises(SettingsProblem) as caught:
        load_settings(**given)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_without_anything_there_is_a_development_server() -> None:
    loaded = load_settings()
    assert (loaded.environment, loaded.production, problems(loaded)) == ("dev", False, [])
    assert (loaded.ide_on, loaded.introspection_on, loaded.json_logs) == (True, True, False)


def test_production_turns_off_what_is_for_developers() -> None:
    loaded = load_settings(**SAFE)
    assert (loaded.ide_on, loaded.introspection_on, loaded.json_logs) == (False, False, True)


def test_the_environment_wins_over_the_file_and_the_caller_over_both(monkeypatch: pytest.MonkeyPatch) -> None:
    file = 'session_idle = "10m"\nsession_total = "2h"\ngraphql_page = 50\n'
    Path("sluis.toml").write_text(file, encoding="utf-8")
    monkeypatch.setenv("SLUIS_SESSION_IDLE", "20m")
    monkeypatch.setenv("SLUIS_GRAPHQL_PAGE", "60")
    loaded = load_settings(graphql_page=70)
    assert loaded.session_total == timedelta(hours=2)
    assert loaded.session_idle == timedelta(minutes=20)
    assert loaded.graphql_page == 70


def test_another_file_can_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("other.toml").write_text('plugins = ["totp"]\n', encoding="utf-8")
    monkeypatch.setenv("SLUIS_CONFIG", "other.toml")
    assert load_settings().plugins == ("totp",)
    monkeypatch.setenv("SLUIS_CONFIG", "none.toml")
    assert refused() == "SLUIS_CONFIG names none.toml, which is no file"


def test_lists_and_tables_in_the_environment_are_json(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("sluis.toml").write_text("[factor_options.totp]\ndrift = 2\n", encoding="utf-8")
    monkeypatch.setenv("SLUIS_PLUGINS", '["totp", "recovery_codes"]')
    monkeypatch.setenv("SLUIS_TRUSTED_PROXIES", '["10.0.0.0/8", "::1"]')
    monkeypatch.setenv("SLUIS_FACTOR_OPTIONS", '{"recovery_codes": {"count": 8}}')
    loaded = load_settings()
    assert loaded.plugins == ("totp", "recovery_codes")
    assert loaded.trusted_proxies == (ip_network("10.0.0.0/8"), ip_network("::1/128"))
    assert loaded.factor_options == {"totp": {"drift": 2}, "recovery_codes": {"count": 8}}


def test_a_list_that_is_not_json_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUIS_PLUGINS", "totp,recovery_codes")
    assert refused().startswith("SLUIS_PLUGINS must be JSON")


def test_an_empty_variable_is_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUIS_REDIS_URL", "")
    assert load_settings().redis_url is None


def test_a_name_that_is_no_setting_stops_the_start_with_a_suggestion() -> None:
    Path("sluis.toml").write_text('public_ulr = "https://portal.example.org"\n', encoding="utf-8")
    assert refused() == "public_ulr is no setting: did you mean SLUIS_PUBLIC_URL?"


def test_a_file_that_is_no_toml_is_named() -> None:
    Path("sluis.toml").write_text("plugins = [\n", encoding="utf-8")
    assert refused().startswith("sluis.toml cannot be read: ")


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), (45, 45), ("30s", 30), ("15m", 900), (" 12h ", 43200), ("7d", 604800)]
)
def test_durations(text: object, seconds: int) -> None:
    assert load_settings(lifetime_reset=text).lifetime_reset == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "0", "0m", "-5m", "1.5h", "soon", "367d", "99999999d", "1h30m", True, None, []])
def test_durations_that_are_none(text: object) -> None:
    assert refused(lifetime_reset=text).startswith("SLUIS_LIFETIME_RESET (lifetime_reset): must be a time like 90")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Portal.Example.org/", "https://portal.example.org"),
        ("https://portal.example.org:443", "https://portal.example.org"),
        ("https://portal.example.org:8443", "https://portal.example.org:8443"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://portal.localhost", "http://portal.localhost"),
    ],
)
def test_the_public_url_becomes_the_origin_that_browsers_send(url: str, origin: str) -> None:
    assert load_settings(public_url=url).public_url == origin


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("environment", "staging"),
        ("public_url", "portal.example.org"),
        ("public_url", "http://portal.example.org"),
        ("public_url", "http://localhost.example.org"),
        ("public_url", "https://portal.example.org/sluis"),
        ("public_url", "https://portal.example.org:port"),
        ("public_url", "https://me@portal.example.org"),
        ("public_url", "https://pörtal.example.org"),
        ("public_url", "ftp://portal.example.org"),
        ("trusted_proxies", ["10.0.0.1/8"]),
        ("trusted_proxies", ["proxy"]),
        ("database_url", "mysql://localhost/sluis"),
        ("database_url", "sqlite://"),
        ("database_url", "postgresql://localhost"),
        ("database_url", "postgresql://localhost:port/sluis"),
        ("database_url", "postgresql://[localhost/sluis"),
        ("database_url", "postgresql://localhost/sluis#?sslmode=verify-full"),
        ("database_url", "postgresql://localhost/sluis?sslmode=verify-full#"),
        ("database_url", "postgresql://sluis:hun?ter2@localhost/sluis"),
        ("mail_url", "smtps://[localhost"),
        ("redis_url", "http://localhost:6379"),
        ("mail_url", "mail.example.org"),
        ("mail_from", "nobody"),
        ("mail_from", "Portal <a@example.org>\r\nBcc: b@example.org"),
        ("secret_keys", []),
        ("secret_keys", ["short:AAAA"]),
        ("secret_keys", [OWN_KEY, OWN_KEY]),
        ("password_hash_time", 0),
        ("plugins", []),
        ("plugins", ["totp", "totp"]),
        ("log_level", "LOUD"),
        ("graphql_depth", "deep"),
        ("failures_lock_at", 101),
    ],
)
def test_a_bad_value_is_one_line_that_names_the_setting(name: str, value: object) -> None:
    assert refused(**{name: value}).startswith(f"SLUIS_{name.upper()} ({name}): ")


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?",
        *(f"?sslmode={mode}" for mode in ("disable", "prefer", "require", "verify-full")),
        *(f"?sslmode={mode}&sslrootcert=/etc/ca.pem" for mode in ("require", "verify-ca", "verify-full")),
        "?sslrootcert=/etc/the%20ca.pem&sslmode=verify-full",
    ],
)
def test_the_databases_url_may_ask_for_tls(query: str) -> None:
    url = f"postgresql://localhost/sluis{query}"
    assert load_settings(database_url=url).database_url.get_secret_value() == url


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("hunter2", "must have nothing after ? but sslmode=… and sslrootcert=…, once each"),
        ("hunter2=1", "must have nothing after ? but sslmode=… and sslrootcert=…, once each"),
        ("sslmode=verify-full&sslkey=/hunter2", "must have nothing after ? but sslmode=… and sslrootcert=…, once each"),
        ("sslmode=verify-full&sslmode=disable", "must have nothing after ? but sslmode=… and sslrootcert=…, once each"),
        *(
            (f"sslmode={mode}", "must have one of disable, prefer, require, verify-ca, verify-full as sslmode")
            for mode in ("", "allow", "verify_full", "VERIFY-FULL", "hunter2")
        ),
        ("sslmode=verify-ca", "must name sslrootcert=/path beside sslmode=verify-ca, or take sslmode=verify-full"),
        *(
            (query, "must have an absolute path as sslrootcert, beside sslmode=verify-full, verify-ca or require")
            for query in (
                "sslrootcert=/etc/ca.pem",
                "sslmode=prefer&sslrootcert=/etc/ca.pem",
                "sslmode=disable&sslrootcert=/etc/ca.pem",
                "sslmode=verify-full&sslrootcert=",
                "sslmode=verify-ca&sslrootcert=ca.pem",
                "sslmode=verify-full&sslrootcert=system",
            )
        ),
    ],
)
def test_what_the_databases_url_asks_for_in_vain_is_refused(query: str, problem: str) -> None:
    assert refused(database_url=f"postgresql://localhost/sluis?{query}") == (
        f"SLUIS_DATABASE_URL (database_url): {problem}"
    )


@pytest.mark.parametrize(
    ("together", "low", "high"),
    [
        ({"database_pool_min": 5, "database_pool_max": 4}, "DATABASE_POOL_MIN", "DATABASE_POOL_MAX"),
        ({"session_idle": "2h", "session_total": "1h"}, "SESSION_IDLE", "SESSION_TOTAL"),
        ({"session_idle": "13h"}, "SESSION_IDLE", "SESSION_TOTAL_STAFF"),
        ({"sms_per_day": 4}, "SMS_PER_HOUR", "SMS_PER_DAY"),
        ({"failures_lock_at": 4}, "FAILURES_SLOW_FROM", "FAILURES_LOCK_AT"),
        ({"failures_per_hour": 51}, "FAILURES_PER_HOUR", "FAILURES_PER_DAY"),
        ({"failures_first_wait": "16m"}, "FAILURES_FIRST_WAIT", "FAILURES_LONGEST_WAIT"),
    ],
)
def test_values_that_contradict_one_another_are_named(together: dict[str, object], low: str, high: str) -> None:
    assert refused(**together) == f"SLUIS_{low}: must not be above SLUIS_{high}"


def problem_of(**given: Any) -> SettingsProblem:
    with pytest.raises(SettingsProblem) as caught:
        load_settings(**given)
    return caught.value


def test_what_is_malformed_hides_neither_contradictions_nor_what_is_unsafe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUIS_PLUGINS", "totp")
    monkeypatch.setenv("SLUIS_FACTOR_OPTIONS", "totp")
    Path("sluis.toml").write_text('public_ulr = "x"\nsession_total = "soon"\n', encoding="utf-8")
    problem = problem_of(
        **SAFE | {"failures_slow_from": 9, "failures_lock_at": 8, "failures_per_hour": 51}, log_level=1
    )
    assert {line.split()[0].rstrip(":") for line in problem.lines} == {
        "SLUIS_PLUGINS",
        "SLUIS_FACTOR_OPTIONS",
        "SLUIS_SESSION_TOTAL",
        "SLUIS_LOG_LEVEL",
        "public_ulr",
        "SLUIS_FAILURES_SLOW_FROM",
        "SLUIS_FAILURES_PER_HOUR",
    }
    assert problem.rest is not None
    assert (problem.rest.session_total, problem.rest.failures_lock_at) == (timedelta(days=1), 100)
    assert problem.rest.public_url == SAFE["public_url"], "what is right stays"


def test_a_default_in_the_place_of_what_is_malformed_contradicts_nothing() -> None:
    assert len(problem_of(session_total_staff="soon", session_idle="13h").lines) == 1


def test_an_environment_that_is_none_is_looked_at_as_production() -> None:
    problem = problem_of(environment="prod", mail_url="nowhere")
    assert problem.rest is not None
    named = {line.partition(":")[0] for line in problems(problem.rest, besides=problem.wrong)}
    assert named == {"SLUIS_SECRET_KEYS", "SLUIS_PUBLIC_URL", "SLUIS_MAIL_FROM"}


def test_all_problems_are_listed_and_the_one_line_says_so() -> None:
    with pytest.raises(SettingsProblem) as caught:
        load_settings(plugins=[], log_level="LOUD", graphql_depth=0)
    assert len(caught.value.lines) == 3
    assert str(caught.value).endswith("(and 2 more: python server.py check)")


def test_no_secret_is_shown() -> None:
    assert "hunter2" not in repr(load_settings(**SAFE))
    assert OWN_KEY not in repr(load_settings(**SAFE))
    for name in ("database_url", "redis_url", "mail_url"):
        assert "hunter2" not in refused(**{name: "wrong://sluis:hunter2@localhost"})
    assert "hunter2" not in refused(secret_keys=["hunter2"])


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        load_settings().public_url = "https://elsewhere.example.org"  # type: ignore[misc]


def test_a_safe_production_has_no_problems() -> None:
    assert problems(load_settings(**SAFE)) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("public_url", "http://localhost:8000"),
        ("trusted_proxies", ("0.0.0.0/0",)),
        ("trusted_proxies", ("10.0.0.0/8", "::/0")),
        ("graphql_ide", True),
        ("log_level", "DEBUG"),
        ("password_hash_memory_kib", 19455),
        ("password_hash_time", 1),
        ("mail_url", settings.DEVELOPMENT_MAIL),
        ("mail_url", "smtp://mail.example.org:25"),
        ("mail_url", "smtp://mail.example.org:25?starttls=0"),
        ("mail_from", "no-reply@localhost"),
    ],
)
def test_production_refuses_what_is_unsafe(name: str, value: object) -> None:
    found = problems(load_settings(**SAFE | {name: value}))
    assert [problem.partition(": ")[0] for problem in found] == [f"SLUIS_{name.upper()}"]


@pytest.mark.parametrize("url", ["https://192.0.2.1", "https://[2001:db8::1]:8443"])
def test_passkeys_need_a_name(url: str) -> None:
    by_address = SAFE | {"public_url": url, "plugins": ("totp", "passkeys")}
    assert [problem.partition(":")[0] for problem in problems(load_settings(**by_address))] == ["SLUIS_PUBLIC_URL"]
    assert problems(load_settings(**by_address | {"plugins": ("totp",)})) == []
    (caution,) = cautions(load_settings(public_url="http://127.0.0.1:8000", plugins=("totp", "passkeys")))
    assert "passkey" in caution


# F for E: the last character of 43 has two bits that count for nothing.
@pytest.mark.parametrize("entry", [settings.DEVELOPMENT_KEY, f"own:{PUBLIC}", f"own:{PUBLIC}=", f"own:{PUBLIC[:-1]}F"])
def test_the_public_key_is_refused_however_it_is_written(entry: str) -> None:
    line = "SLUIS_SECRET_KEYS: the development key is public; put your own in its place"
    for keys in ((entry,), (OWN_KEY, entry)):
        assert problems(load_settings(**SAFE | {"secret_keys": keys})) == [line]
    assert problems(load_settings(secret_keys=(entry,))) == [], "one's own machine"


@pytest.mark.parametrize(
    "text", ["A" * 43, base64.urlsafe_b64encode(b"hunter2".ljust(32, b"!")).decode(), "hunter2-" * 5]
)
def test_a_key_that_can_be_guessed_is_refused_by_its_number(text: str) -> None:
    entry = f"hunter2:{text:A<43}"
    assert problems(load_settings(**SAFE | {"secret_keys": (OWN_KEY, entry)})) == [
        "SLUIS_SECRET_KEYS: key number 2 can be guessed; make one as docs/configuration.md says"
    ]
    assert problems(load_settings(secret_keys=(entry,))) == [], "one's own machine"


@pytest.mark.parametrize("url", ["smtps://mail.example.org", "smtp://localhost:25"])
def test_mail_may_go_encrypted_or_to_this_machine(url: str) -> None:
    assert problems(load_settings(**SAFE | {"mail_url": url})) == []


def test_a_bare_production_names_every_problem_at_once() -> None:
    named = {problem.partition(":")[0] for problem in problems(load_settings(environment="production"))}
    assert named == {"SLUIS_SECRET_KEYS", "SLUIS_PUBLIC_URL", "SLUIS_MAIL_URL", "SLUIS_MAIL_FROM"}


def test_cautions(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cautions(load_settings(**SAFE), workers=4) == []
    assert cautions(load_settings(), workers=1) == []
    assert "PostgreSQL" in cautions(load_settings(), workers=2)[0]
    assert "schema" in cautions(load_settings(**SAFE, graphql_introspection=True))[0]
    monkeypatch.setenv("SLUIS_PUBLC_URL", "https://portal.example.org")
    assert cautions(load_settings()) == [
        "SLUIS_PUBLC_URL is set, but there is no such setting: did you mean SLUIS_PUBLIC_URL?"
    ]


@pytest.mark.parametrize(
    ("name", "usual", "far"),
    [
        ("audit_retention", 5, 4),
        ("step_up_own", "1h", "61m"),
        ("step_up_staff", "1h", "61m"),
        ("session_total", "24h", "25h"),
        ("session_total_staff", "24h", "25h"),
        ("limit_address_per_minute", 1000, 1001),
        ("graphql_introspection", False, True),
    ],
)
def test_production_is_cautious_about_what_is_far_from_usual(name: str, usual: object, far: object) -> None:
    assert cautions(load_settings(**SAFE | {name: usual})) == []
    (caution,) = cautions(load_settings(**SAFE | {name: far}))
    assert caution.startswith(f"SLUIS_{name.upper()}: ")
    assert problems(load_settings(**SAFE | {name: far})) == []
    assert cautions(load_settings(**{name: far})) == [], "one's own machine"


ELSEWHERE = "postgresql://sluis:hunter2@db.example.org/sluis"
UNVERIFIED = "leads to another machine, which is not verified; "
UNASKED = "leads to another machine, which asks for no password; give it one"


@pytest.mark.parametrize(
    ("name", "value", "lines"),
    [
        ("database_url", ELSEWHERE, [f"{UNVERIFIED}add ?sslmode=verify-full"]),
        ("database_url", f"{ELSEWHERE}?sslmode=require", [f"{UNVERIFIED}add ?sslmode=verify-full"]),
        (
            "database_url",
            f"{ELSEWHERE}?sslmode=verify-ca&sslrootcert=/etc/ca.pem",
            [f"{UNVERIFIED}add ?sslmode=verify-full"],
        ),
        ("database_url", f"{ELSEWHERE}?sslmode=verify-full&sslrootcert=/etc/ca.pem", []),
        ("database_url", "postgresql://sluis@localhost/sluis", []),
        ("database_url", "postgresql://sluis@[::1]:5433/sluis?sslmode=disable", []),
        ("database_url", "sqlite:///nowhere/sluis.db", []),
        ("redis_url", None, []),
        ("redis_url", "redis://localhost:6379/0", []),
        ("redis_url", "unix:///run/valkey.sock", []),
        ("redis_url", "redis://:hunter2@cache.example.org", [f"{UNVERIFIED}use rediss:// as it stands"]),
        (
            "redis_url",
            "rediss://:hunter2@cache.example.org?ssl_cert_reqs=none",
            [f"{UNVERIFIED}use rediss:// as it stands"],
        ),
        ("redis_url", "rediss://cache.example.org", [UNASKED]),
        ("redis_url", "rediss://cache.example.org?password=hunter2", []),
        ("public_url", "https://localhost", ["names this machine, so that links in mail lead nowhere from any other"]),
    ],
)
def test_production_is_cautious_about_what_lies_open(name: str, value: object, lines: list[str]) -> None:
    loaded = load_settings(**SAFE | {name: value})
    assert cautions(loaded) == [f"SLUIS_{name.upper()}: {line}" for line in lines]
    assert cautions(loaded, besides={name}) == []
    assert problems(loaded) == []
    assert cautions(load_settings(**{name: value})) == [], "one's own machine"


def test_production_is_cautious_about_a_database_that_others_can_read(tmp_path: Path) -> None:
    file, log = tmp_path / "sluis.db", tmp_path / "sluis.db-wal"
    loaded = load_settings(**SAFE | {"database_url": f"sqlite://{file}"})
    assert cautions(loaded) == []
    for one in (file, log):
        one.touch(0o600)
    assert cautions(loaded) == []
    for one, mode in ((file, 0o640), (log, 0o604)):
        one.chmod(mode)
        line = f"SLUIS_DATABASE_URL: others on this machine can get at {one}; chmod 600 {one}"
        assert cautions(loaded) == [line]
        assert problems(loaded) == []
        assert cautions(load_settings(database_url=f"sqlite://{file}")) == [], "one's own machine"
        one.chmod(0o600)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        pytest.param(f'secret_keys = ["{OWN_KEY}"]', True, id="a key"),
        ('database_url = "postgresql://sluis:hunter2@localhost/sluis"', True),
        ('redis_url = "redis://localhost?password=hunter2"', True),
        ('[sms_gateway_options]\nproduct_token = "hunter2"', True),
        ('[video_room_options.jitsi]\nsecret = "hunter2"', True),
        ('database_url = "postgresql://sluis@localhost/sluis"\nplugins = ["totp"]', False),
    ],
)
def test_production_is_cautious_about_a_file_with_secrets_that_others_can_read(text: str, secret: bool) -> None:
    file = Path("sluis.toml")
    file.write_text(text, encoding="utf-8")
    file.chmod(0o644)
    line = "SLUIS_CONFIG: others on this machine can get at sluis.toml; chmod 600 sluis.toml"
    assert cautions(load_settings(**SAFE)) == ([line] if secret else [])
    assert cautions(load_settings(environment="dev")) == [], "one's own machine"
    file.chmod(0o600)
    assert cautions(load_settings(**SAFE)) == []
