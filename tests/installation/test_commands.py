"""The command line says what is wrong in a line that tells what to do, and ends with exit code 1."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from textwrap import dedent

import pytest

from plugins import build_registry
from schema.build import build_schema, sdl
from tests.support.command import free_port, ran
from tests.support.databases import Database, Databases

REACH = "check SLUIS_DATABASE_URL and that it is running."
PLUGINS = '["totp", "recovery_codes", "remembered_devices"]'
BOUNCES = "bounces@mail.example.org"


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        (
            {"session_idle": "soon"},
            "SLUIS_SESSION_IDLE (session_idle): must be a time like 90 (seconds), 15m, 12h or 7d, at most 366d",
        ),
        ({"plugins": "totp"}, 'SLUIS_PLUGINS must be JSON, as in ["a", "b"] or {"a": {"b": 1}}'),
        ({"graphql_page": "many"}, "SLUIS_GRAPHQL_PAGE (graphql_page): Input should be a valid integer"),
        ({"config": "none.toml"}, "SLUIS_CONFIG names none.toml, which is no file"),
        ({"database_url": "mysql://x"}, "SLUIS_DATABASE_URL (database_url): must have the form sqlite://file or"),
        ({"plugins": '["totp", "totp"]'}, "SLUIS_PLUGINS (plugins): must name at least one plugin, and none of them"),
        ({"plugins": '["telepathy"]'}, "plugins: there is no plugin 'telepathy'; install it, or use one of: totp,"),
        ({"plugins": '["recovery_codes"]'}, "plugins: none is a second factor that can be set up; add one, such as"),
        ({"factor_options": '{"totp": {"drift": "much"}}'}, "factor_options.totp.drift: Input should be a valid integ"),
        ({"factor_options": '{"totp": {"colour": 1}}'}, "factor_options.totp.colour: Extra inputs are not permitted."),
        ({"factor_options": '{"telepathy": {}}'}, "factor_options: there is no configured factor called 'telepathy'."),
    ],
)
async def test_a_bad_setting_is_one_line(settings: dict[str, object], line: str) -> None:
    (problem,) = (await ran("serve", **settings)).problems
    assert problem.startswith(line)


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ('sesion_idle = "1h"', "sesion_idle is no setting: did you mean SLUIS_SESSION_IDLE?"),
        ("plugins = 3", "SLUIS_PLUGINS (plugins): Input should be a valid tuple"),
        ("plugins = [", "{file} cannot be read: "),
    ],
)
async def test_a_bad_file_is_one_line(tmp_path: Path, file: str, line: str) -> None:
    config = tmp_path / "sluis.toml"
    config.write_text(file, encoding="utf-8")
    (problem,) = (await ran("serve", config=config)).problems
    assert problem.startswith(line.format(file=config))


async def test_every_bad_setting_has_a_line(tmp_path: Path) -> None:
    config = tmp_path / "sluis.toml"
    config.write_text('session_idle = "soon"\ngraphql_page = 0\n', encoding="utf-8")
    assert len((await ran("serve", config=config)).problems) == 2


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("portal_factors = lambda: [object]", "plugins: 'strange' hands over <class 'object'>, which is not a Factor"),
        ("portal_factors = lambda: 1 / 0", "plugins: 'strange' hands over no factors: ZeroDivisionError"),
        ("", "plugins: 'strange' has no portal_factors(); is it a Sluis plugin?"),
        ("import nothing_of_that_name", "plugins: 'strange' could not be loaded: ModuleNotFoundError"),
        (
            dedent("""
                from factors.totp import Totp
                portal_factors = lambda: [Totp]
            """),
            "factors: 'totp' is there more than once; keep one.",
        ),
    ],
)
async def test_a_bad_plugin_is_one_line(tmp_path: Path, code: str, line: str) -> None:
    """An installed one, found by its entry point."""
    (tmp_path / "strange_factor.py").write_text(code, encoding="utf-8")
    installed = tmp_path / "strange-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: strange\nVersion: 1.0\n", encoding="utf-8")
    (installed / "entry_points.txt").write_text("[sluis]\nstrange = strange_factor\n", encoding="utf-8")
    (problem,) = (await ran("serve", path=tmp_path, plugins='["totp", "strange"]')).problems
    assert problem.startswith(line)


@pytest.mark.parametrize(
    ("command", "url"),
    [
        ("serve", "sqlite://{folder}/nowhere/sluis.db"),
        ("serve", "sqlite://{folder}/garbage.db"),
        ("serve", "sqlite://{folder}"),
        ("serve", "postgresql://sluis:hunter2@127.0.0.1:{port}/sluis"),
        ("check", "postgresql://sluis:hunter2@127.0.0.1:{port}/sluis"),
        ("migrate", "postgresql://sluis:hunter2@127.0.0.1:{port}/sluis"),
        ("migrate", "sqlite://{folder}/garbage.db"),
        ("create-practice", "sqlite://{folder}/nowhere/sluis.db"),
    ],
)
async def test_a_database_out_of_reach_is_one_line(tmp_path: Path, command: str, url: str) -> None:
    arguments = {"create-practice": ["linden", "De Linde"]}.get(command, [])
    (tmp_path / "garbage.db").write_bytes(b"no database" * 100)
    url = url.format(folder=tmp_path, port=free_port())
    (problem,) = (await ran(command, *arguments, database_url=url)).problems
    assert problem.startswith("The database cannot be reached (")
    assert problem.endswith(REACH)
    assert "hunter2" not in problem


async def test_a_busy_database_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "sluis.db"
    url = f"sqlite://{file}"
    assert (await ran("migrate", database_url=url)).code == 0
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        (problem,) = (await ran("create-practice", "linden", "De Linde", database_url=url)).problems
    assert problem.startswith("The database cannot be reached (OperationalError)")
    assert (await ran("create-practice", "linden", "De Linde", database_url=url)).code == 0


@pytest.mark.database
async def test_an_unmigrated_database_is_one_line(databases: Databases) -> None:
    empty = await databases.empty()
    try:
        for command in ("serve", "check", "create-practice"):
            arguments = ["linden", "De Linde"] if command == "create-practice" else []
            (problem,) = (await ran(command, *arguments, database_url=empty.url)).problems
            assert problem.startswith("The database lacks ")
            assert problem.endswith(" migration(s): run `python server.py migrate` first.")
        assert (await ran("migrate", database_url=empty.url)).output.splitlines()[0] == "applied 0001_foundation"
        assert (await ran("migrate", database_url=empty.url)).output == "The database is up to date.\n"
        assert (await ran("check", database_url=empty.url)).output == "All is well.\n"
    finally:
        await databases.drop(empty)


@pytest.mark.database
async def test_production_refuses_what_is_unsafe(database: Database) -> None:
    unsafe = [
        "SLUIS_SECRET_KEYS: the development key is public; put your own in its place",
        "SLUIS_PUBLIC_URL: must begin with https://",
        "SLUIS_GRAPHQL_IDE: must be off",
        "SLUIS_LOG_LEVEL: must not be DEBUG, which logs the values in SQL statements",
        "SLUIS_PASSWORD_HASH_MEMORY_KIB: must be at least 19456 (OWASP)",
        "SLUIS_PASSWORD_HASH_TIME: must be at least 2 (OWASP)",
        "SLUIS_MAIL_URL: names the development mailbox; name your mail relay",
        "SLUIS_MAIL_FROM: must be an address that people can know you by",
    ]
    # What production only cautions about is set.
    given = {"environment": "production", "graphql_ide": "true", "log_level": "DEBUG", "mail_bounces": BOUNCES}
    for command in ("serve", "check"):
        assert (await ran(command, database_url=database.url, **given)).problems == unsafe


async def test_check_says_when_valkey_does_not_answer(database: Database) -> None:
    """That is no problem: the database does its work."""
    given = {"database_url": database.url, "redis_url": f"redis://:hunter2@127.0.0.1:{free_port()}/0"}
    checked = await ran("check", **given)
    assert checked.code == 0
    assert checked.output.splitlines()[-2:] == [
        "Caution: Valkey does not answer (SLUIS_REDIS_URL); until it does, the database does its work.",
        "All is well.",
    ]
    assert "hunter2" not in checked.output + checked.errors
    (problem,) = (await ran("check", **given | {"redis_url": "redis://:hun/ter2@127.0.0.1/0"})).problems
    assert problem.startswith("SLUIS_REDIS_URL: can't be read")
    assert "hun" not in problem


@pytest.mark.redis
async def test_check_is_content_with_valkey(database: Database, redis_url: str) -> None:
    assert (await ran("check", database_url=database.url, redis_url=redis_url)).output == "All is well.\n"


async def test_check_lists_what_is_wrong_everywhere(tmp_path: Path) -> None:
    """Settings, plugins and the database: one does not hide another."""
    problems = (
        await ran(
            "check",
            environment="production",
            mail_bounces=BOUNCES,
            plugins='["recovery_codes"]',
            database_url=f"sqlite://{tmp_path}/nowhere/sluis.db",
        )
    ).problems
    assert any(line.startswith("SLUIS_SECRET_KEYS") for line in problems)
    assert problems[-2].startswith("plugins: none is a second factor")
    assert problems[-1].startswith("The database cannot be reached")


async def test_check_lists_all_at_once(tmp_path: Path) -> None:
    """Malformed, contradictory, unsafe, of each plugin, the database, and what is only odd: none hides another."""
    checked = await ran(
        "check",
        environment="production",
        session_idle="soon",
        mail_url="nowhere",
        failures_slow_from=9,
        failures_lock_at=8,
        password_hash_memory_kib=19456,
        password_hash_time=2,
        plugins='["nosuch", "sms", "totp", "neither"]',
        factor_options='{"totp": {"drift": "much", "colour": 1}}',
        video_rooms='["nowhere"]',
        redis_url=f"redis://127.0.0.1:{free_port()}/0",
        audit_retention=1,
        publc_url="https://portal.example.org",
        database_url=f"sqlite://{tmp_path}/nowhere/sluis.db",
    )
    assert checked.code == 1
    begins = [
        "SLUIS_MAIL_URL (mail_url): must have the form",
        "SLUIS_SESSION_IDLE (session_idle): must be a time",
        "SLUIS_FAILURES_SLOW_FROM: must not be above SLUIS_FAILURES_LOCK_AT",
        "SLUIS_SECRET_KEYS: the development key is public",
        "SLUIS_PUBLIC_URL: must begin with https://",
        "SLUIS_MAIL_FROM: must be an address",
        "plugins: there is no plugin 'nosuch'",
        "plugins: there is no plugin 'neither'",
        "factor_options.totp.drift: ",
        "factor_options.totp.colour: ",
        "plugins: 'sms' sends by sms: set sms_gateway",
        "video_rooms: there is no plugin 'nowhere'",
        "The database cannot be reached",
    ]
    lines = [line for line in checked.errors.splitlines() if "valkey.away" not in line]
    assert [line[: len(begin)] for line, begin in zip(lines, begins, strict=True)] == begins
    cautious = [
        "SLUIS_PUBLC_URL is set, but",
        "SLUIS_AUDIT_RETENTION: below the five",
        "SLUIS_MAIL_BOUNCES: is not set",
        "Valkey does not answer",
    ]
    said = checked.output.splitlines()
    assert [line[: len(begin) + 9] for line, begin in zip(said, cautious, strict=True)] == [
        f"Caution: {begin}" for begin in cautious
    ]


async def test_check_judges_no_default_in_the_place_of_what_is_malformed() -> None:
    """Neither the plugins, nor the database in the working folder, nor the mailbox of development."""
    given = {"plugins": "totp", "factor_options": '{"sms": {}}', "database_url": "mysql://x", "mail_url": "nowhere"}
    assert sorted(line.split()[0] for line in (await ran("check", **given)).problems) == [
        "SLUIS_DATABASE_URL",
        "SLUIS_MAIL_URL",
        "SLUIS_PLUGINS",
    ]


async def test_export_schema_prints_the_schema_of_the_configured_plugins() -> None:
    exported = await ran("export-schema", plugins=PLUGINS)
    assert (exported.code, exported.errors) == (0, "")
    assert exported.output == sdl(build_schema(build_registry(json.loads(PLUGINS), {})))
    assert "SmsEnrolment" not in exported.output
    (problem,) = (await ran("export-schema", plugins='["recovery_codes"]')).problems
    assert problem.startswith("plugins: none is a second factor")
