"""Serving, for real and as a demo: what is looked at before, and what the web server is told."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typer
import uvicorn

from commands import demo as demo_people
from commands.database import opened
from commands.ending import free
from commands.logs import set_up_logs
from commands.mailbox_routes import SMS_PATH, mailbox_routes
from commands.program import Program
from delivery.mailbox import Mailbox
from models.db.migrating import migrate
from settings import Settings, load_settings, share_metrics

#: Our own middle: no proxy headers (the endpoint trusts configured proxies only), no server banner.
_UVICORN: dict[str, Any] = {
    "loop": "commands.event_loop:RoomyLoop",
    "http": "commands.http_protocol:BoundedProtocol",
    "proxy_headers": False,
    "server_header": False,
    "access_log": False,
    "log_config": None,
    "timeout_graceful_shutdown": 10,
    # A worker that is still importing can't answer: killed after the usual 5 s, it would never start on a busy machine.
    "timeout_worker_healthcheck": 60,
}


def uvicorn_options(settings: Settings) -> dict[str, Any]:
    # A message over the socket is what a body is over HTTP.
    return {**_UVICORN, "ws_max_size": settings.graphql_body_bytes, "limit_concurrency": settings.connections}


@contextmanager
def metrics_shared(settings: Settings, workers: int) -> Iterator[None]:
    """Several workers that begin inside keep their metrics in one folder, so that any of them tells those of all."""
    if workers == 1 or settings.metrics_token is None:
        yield
        return
    with TemporaryDirectory(prefix="sluis-metrics-") as folder:
        share_metrics(folder)
        yield


async def preflight(program: Program, settings: Settings, host: str, port: int) -> None:
    """What would stop a worker, found before there is one."""
    await free(host, port)
    await _composes(program, settings)
    await _opens(settings)


async def _composes(program: Program, settings: Settings) -> None:
    program.compose(settings).passwords.close()


async def _opens(settings: Settings) -> None:
    async with opened(settings):
        pass


async def serve_demo(program: Program, port: int, folder: Path, *, as_json: bool) -> None:
    """Until it is told to stop; ``folder`` holds its database and who is in it."""
    await free("localhost", port)
    mailbox = Mailbox(program.clock)
    url = f"http://localhost:{port}"
    settings = _demo_settings(
        url,
        database_url=f"sqlite://{folder / 'sluis.db'}",
        mail_url=f"smtp://127.0.0.1:{await mailbox.start()}",
    )
    set_up_logs(settings)
    await migrate(settings.database_url.get_secret_value())
    app = program.compose(settings)
    async with opened(settings):
        made = await demo_people.load_or_make(app, folder, program.public_id, diary=True)
    app.passwords.close()
    asgi = program.create_app(settings, extra_routes=mailbox_routes(mailbox))
    server = uvicorn.Server(uvicorn.Config(asgi, host="localhost", port=port, **uvicorn_options(settings)))
    typer.echo(json.dumps(_described(made, url)) if as_json else demo_people.welcome(made, url))
    try:
        await server.serve()
    finally:
        await mailbox.stop()


def _described(made: demo_people.Demo, url: str) -> dict[str, Any]:
    return {"url": url, "graphql": f"{url}/graphql", "mailbox": f"{url}/dev/mailbox", **asdict(made)}


def _demo_settings(url: str, **given: Any) -> Settings:
    """With passkeys, and text messages, which the mailbox takes.

    Other plugins where the environment or the file names them.
    """
    settings = load_settings(environment="dev", public_url=url, **given)
    # Not among the given ones, for tables are merged: a provider's options would be in the mailbox's.
    own: dict[str, Any] = {"sms_gateway": "mailbox", "sms_gateway_options": {"url": url + SMS_PATH}}
    if "plugins" not in settings.model_fields_set:
        own["plugins"] = ("totp", "passkeys", "sms", "recovery_codes", "remembered_devices")
    return settings.model_copy(update=own)
