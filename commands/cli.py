"""The command line: thin commands that do one thing each, with errors that are one line.

The server composes; what it composes with comes in as a :class:`Program`, so nothing here imports it.
"""

import sys
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer
import uvicorn

from commands import bounces, keys, people
from commands.audit_trail import purge_trail, verify_trail
from commands.checking import checked
from commands.data import tell_broken
from commands.database import opened
from commands.ending import end_well_when_told, one_line, reachable, refuse, start
from commands.logs import set_up_logs
from commands.migrating import migrated
from commands.program import Program
from commands.serving import metrics_shared, preflight, serve_demo, uvicorn_options
from flows.core.context import AppContext
from locales import LANGUAGES
from models import StaffRole
from settings import Settings, SettingsProblem, load_settings
from settings.safety import cautions, problems

log = structlog.get_logger(__name__)


def command_line(program: Program) -> typer.Typer:
    """The commands of ``python server.py``."""
    cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    for add in (_add_serving, _add_making, _add_mail, _add_auditing, _add_looking):
        add(cli, program)
    return cli


def _add_serving(cli: typer.Typer, program: Program) -> None:
    @cli.command()
    def serve(host: str = "127.0.0.1", port: int = 8000, workers: Annotated[int, typer.Option(min=1)] = 1) -> None:
        """Serve the API; refuses to start with unsafe production settings or an unmigrated database."""
        settings = _settings()
        refuse(problems(settings))
        for caution in cautions(settings, workers=workers):
            log.warning("settings.caution", caution=caution)
        start(preflight(program, settings, host, port))
        end_well_when_told()
        with metrics_shared(settings, workers):
            uvicorn.run(
                "server:create_worker", factory=True, host=host, port=port, workers=workers, **uvicorn_options(settings)
            )

    @cli.command()
    def demo(
        port: int = 8000,
        data_dir: Annotated[Path, typer.Option(help="Where the demo's database lives.")] = Path(".demo"),
        as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line instead.")] = False,
    ) -> None:
        """Serve a demo practice on localhost, with a mailbox at /dev/mailbox; makes it once."""
        try:
            data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            refuse([f"--data-dir {data_dir} can't be a folder of the demo's: {error.strerror}."])
        end_well_when_told()
        start(serve_demo(program, port, data_dir.resolve(), as_json=as_json))


def _add_making(cli: typer.Typer, program: Program) -> None:
    @cli.command()
    def migrate() -> None:
        """Bring the database up to date; safe to run while another one does."""
        start(migrated(_settings(), typer.echo))

    @cli.command()
    def create_practice(
        slug: str, name: str, language: Annotated[str, typer.Option(help=", ".join(LANGUAGES))] = "nl"
    ) -> None:
        """Make a practice; its portal is at PUBLIC_URL/p/SLUG."""
        settings = _settings()

        async def work(app: AppContext) -> None:
            seconds = int(settings.lifetime_invitation.total_seconds())
            made = await people.create_practice(app, slug, name, locale=language, invitation_seconds=seconds)
            typer.echo(f"Made {made.slug}: {made.portal(settings.public_url)}")

        _with_app(program, settings, work)

    @cli.command()
    def add_staff(practice: str, name: str, email: str, role: StaffRole = StaffRole.THERAPIST) -> None:
        """Invite a member of staff by mail; the first of a practice should be an OWNER."""

        async def work(app: AppContext) -> None:
            hired = await people.invite_staff(app, practice, name, email, role)
            typer.echo(f"Invited {hired.name} as {hired.role.value}; the mail leaves as soon as the server runs.")

        _with_app(program, _settings(), work)

    @cli.command()
    def reset_staff_factors(practice: str, email: str) -> None:
        """The last owner lost the phone: forget the second factors, to be set up at the next sign-in."""

        async def work(app: AppContext) -> None:
            member = await people.reset_staff_factors(app, practice, email)
            typer.echo(f"{member.name} sets up a second factor again at the next sign-in.")

        _with_app(program, _settings(), work)

    @cli.command()
    def rotate_keys(
        check: Annotated[bool, typer.Option("--check", help="Only tell what each key still holds.")] = False,
    ) -> None:
        """Seal with the first of the secret keys what others sealed; safe while serving, and to begin again."""
        _with_app(program, _settings(), keys.tell_keys if check else keys.rotate_keys)


def _add_mail(cli: typer.Typer, program: Program) -> None:
    @cli.command()
    def read_bounces(
        source: Annotated[
            str, typer.Argument(help="A Maildir, an mbox, a file with one message, or - for one on standard input.")
        ],
    ) -> None:
        """Read delivery reports of returned mail, for staff to see; what was read before is stored once."""
        settings = _settings()
        address = settings.mail_bounces
        if address is None:
            refuse(["SLUIS_MAIL_BOUNCES: set it to the address to which delivery reports go"])
            raise AssertionError
        _with_app(program, settings, lambda app: bounces.read_bounces(app, typer.echo, source, address))


def _add_auditing(cli: typer.Typer, program: Program) -> None:
    @cli.command()
    def verify_audit(
        heads: Annotated[Path | None, typer.Option(help="Write the chains' heads there, where all is well.")] = None,
        against: Annotated[Path | None, typer.Option(help="Heads written before, which must be in the chains.")] = None,
    ) -> None:
        """Recompute the audit trail; a line for each practice and each thing that is wrong, and then exit code 1."""
        _with_app(program, _settings(), lambda app: verify_trail(app, typer.echo, heads, against))

    @cli.command()
    def purge_audit(
        before: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The first day to keep.")],
    ) -> None:
        """Delete the rows of sealed segments that are wholly older; their records stay. Can be run again."""
        settings = _settings()
        years = settings.audit_retention
        _with_app(program, settings, lambda app: purge_trail(app, typer.echo, before.date(), years))


def _add_looking(cli: typer.Typer, program: Program) -> None:
    @cli.command()
    def check() -> None:
        """Print every problem of the settings, the plugins and the database, a line each, and the cautions."""
        wrong, cautious = checked(program.compose)
        for line in cautious:
            typer.echo(f"Caution: {line}")
        refuse(wrong)
        typer.echo("All is well.")

    @cli.command()
    def verify_data() -> None:
        """Ask what must be true of all rows; a line for each row that breaks it, and then exit code 1."""
        _with_app(program, _settings(), lambda app: tell_broken(app, typer.echo))

    @cli.command()
    def export_schema(
        permissions: Annotated[bool, typer.Option("--permissions", help="Who may use what, as Markdown.")] = False,
        refusals: Annotated[bool, typer.Option("--refusals", help="Every refusal, as Markdown.")] = False,
    ) -> None:
        """Print the GraphQL schema of the configured plugins (SDL)."""
        if refusals:
            sys.stdout.write(program.export_refusals())
            return
        settings = _settings()
        with one_line():
            sys.stdout.write((program.export_permissions if permissions else program.export_sdl)(settings))


def _settings() -> Settings:
    try:
        settings = load_settings()
    except SettingsProblem as problem:
        refuse(problem.lines)
        raise
    set_up_logs(settings)
    return settings


def _with_app(program: Program, settings: Settings, work: Callable[[AppContext], Coroutine[Any, Any, None]]) -> None:
    async def run() -> None:
        app = program.compose(settings)
        try:
            async with opened(settings):
                await reachable(work(app))
        finally:
            app.passwords.close()

    start(run())
