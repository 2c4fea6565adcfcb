"""The composition root: settings, then the plugin registry, the AppContext, the schema and the ASGI app."""

import asyncio
import gc
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from strawberry import Schema

from commands.bounce_route import BounceDoor
from commands.cli import command_line
from commands.database import opened
from commands.logs import set_up_logs
from commands.program import Program
from delivery.bounces import BounceReader, ReturnPath
from delivery.carrier import Carrier
from delivery.mail import Mailer
from delivery.mail_carrier import MailCarrier
from delivery.receipts import ReceiptPrinter
from delivery.resolve import Resolver
from delivery.sms import SmsCarrier
from delivery.worker import OutboxWorker
from flows.appointments.reminders import remind
from flows.audit_trail.audit_sealing import seal_all
from flows.core.context import AppContext, Clock, Rules, SmsRules, Windows, prompt_rule
from flows.core.practices import practice_by_slug
from flows.core.signals import DatabaseSignals
from flows.onboarding.sign_up import answer_sign_up
from flows.process.background import Background, Pulse, every
from flows.process.loop_lag import LoopLag, watching
from flows.process.metrics import Metrics
from flows.signin import device_names
from models.core.practice import origins_of
from models.core.valkey import Valkey
from models.db.database import UNAVAILABLE, fetch
from models.housekeeping import tidy
from plugins import build_gateway, build_registry, build_video_rooms, check_channels
from schema.build import build_schema, sdl
from schema.http.boundary import Boundary, refusing
from schema.http.metrics import MetricsPage
from schema.kit.ids import node_id
from schema.kit.permissions_page import page as permissions_page
from schema.kit.refusals_page import page as refusals_page
from schema.transport import TransportRules, file_routes, graphql_routes
from security.passwords import PasswordHasher
from security.sites import same_site
from security.worker_pool import WorkerPool
from settings import Settings, load_settings, shared_metrics
from web.pages import nowhere, page_routes

_TIDY_EVERY = 600.0
_REMIND_EVERY = 60.0


def utc_now() -> datetime:
    """The one clock of the product; everything below takes it as an argument."""
    return datetime.now(UTC)


def compose(settings: Settings, clock: Clock = utc_now) -> AppContext:
    """What every flow needs, from the settings. Raises PluginProblem or ValueError with one line."""
    factors, worker_pool = build_registry(settings.plugins, settings.factor_options), WorkerPool()
    build_gateway(settings.sms_gateway, settings.sms_gateway_options)
    check_channels(factors, settings.sms_gateway)
    url = settings.redis_url
    valkey = Valkey(url.get_secret_value(), settings.public_url) if url else None
    metrics = Metrics(shared_metrics())
    return AppContext(
        rules=_rules(settings),
        clock=clock,
        keys=settings.key_ring,
        passwords=PasswordHasher(
            memory_kib=settings.password_hash_memory_kib,
            time=settings.password_hash_time,
            parallelism=settings.password_hash_parallelism,
            concurrency=settings.password_hash_concurrency,
            pending=metrics.hashes.inc,
        ),
        factors=factors,
        signals=DatabaseSignals(clock, valkey),
        counter=valkey,
        video=build_video_rooms(settings.video_rooms, settings.video_room_options),
        printer=ReceiptPrinter(worker_pool),
        worker_pool=worker_pool,
        lag=LoopLag(metrics.loop_lag.observe),
        metrics=metrics,
    )


def _rules(settings: Settings) -> Rules:
    return Rules(
        public_url=settings.public_url,
        sign_in_life=settings.lifetime_sign_in,
        challenge_life=settings.lifetime_challenge,
        reset_life=settings.lifetime_reset,
        verification_life=settings.lifetime_verification,
        starter_life=settings.lifetime_starter_password,
        session_idle=settings.session_idle,
        session_total=settings.session_total,
        staff_session_total=settings.session_total_staff,
        step_up_own=settings.step_up_own,
        step_up_staff=settings.step_up_staff,
        plugin_timeout=settings.plugin_timeout.total_seconds(),
        page_size=settings.graphql_page,
        opened_bytes=settings.graphql_opened_bytes,
        video_opens_before=settings.video_opens_before,
        attempts=settings.failure_rule,
        prompts=prompt_rule(settings.prompts_per_hour, settings.prompts_per_day),
        windows=Windows(
            per_address=settings.limit_address_per_minute,
            per_practice=settings.limit_practice_per_minute,
            per_installation=settings.limit_installation_per_minute,
            requests_per_hour=settings.limit_resets_per_hour,
            uploads_per_hour=settings.limit_uploads_per_hour,
            receipts_per_hour=settings.limit_receipts_per_hour,
            sign_ups_per_hour=settings.limit_sign_ups_per_hour,
            invitations_per_hour=settings.limit_invitations_per_hour,
            mails_per_practice=settings.limit_mails_practice_per_hour,
            mails_per_installation=settings.limit_mails_installation_per_hour,
        ),
        sms=_sms_rules(settings) if settings.sms_gateway else None,
    )


def _sms_rules(settings: Settings) -> SmsRules:
    return SmsRules(
        countries=frozenset(settings.sms_countries),
        first_wait=settings.sms_first_wait,
        per_hour=settings.sms_per_hour,
        per_day=settings.sms_per_day,
        address_per_hour=settings.sms_address_per_hour,
        practice_per_day=settings.sms_practice_per_day,
        installation_per_day=settings.sms_installation_per_day,
        practice_cost_per_month=settings.sms_cost_per_month,
        price=settings.sms_price,
        currency=settings.sms_currency,
    )


def create_app(
    settings: Settings | None = None, *, clock: Clock = utc_now, extra_routes: Sequence[BaseRoute] = ()
) -> Starlette:
    """The ASGI app; with its lifespan it opens the database and runs the workers."""
    if settings is None:
        # A worker process of its own: nobody has set up its logs yet.
        settings = load_settings()
        set_up_logs(settings)
    app, transport = compose(settings, clock), _transport(settings)
    background = Background(metrics=app.metrics)
    routes = [
        *graphql_routes(build_schema(app.factors), app, transport),
        *file_routes(app, transport),
        *page_routes(_practice_exists),
        *([Route("/.well-known/webauthn", _related_origins)] if "passkeys" in settings.plugins else []),
        Route("/health", _health),
        Route("/ready", _ready),
        *([MetricsPage(app, token.get_secret_value()).route] if (token := settings.metrics_token) else []),
        *_bounce_routes(settings, app),
        *extra_routes,
    ]
    asgi = Starlette(
        routes=routes,
        middleware=[Middleware(Boundary, app, transport)],
        exception_handlers={HTTPException: refusing(transport, nowhere)},
        lifespan=lambda _: _running(settings, app, background),
    )
    asgi.router.redirect_slashes = False
    asgi.state.app, asgi.state.background = app, background
    return asgi


@asynccontextmanager
async def _running(settings: Settings, app: AppContext, background: Background) -> AsyncIterator[None]:
    workers = [OutboxWorker(carrier, app.clock) for carrier in _carriers(settings, app)]
    async with opened(settings), watching(app.lag):
        if app.counter:
            # Where it is away, this logs so; where it is new, it counts from the next minute on.
            await app.counter.count((), app.now)
        _start(background, settings, app, workers)
        try:
            yield
        finally:
            await background.stop()
            if app.counter:
                await app.counter.close()
            app.passwords.close()
            app.worker_pool.close()


def _bounce_routes(settings: Settings, app: AppContext) -> list[BaseRoute]:
    """Where the relay may post delivery reports; nowhere unless both settings are there."""
    secret = settings.mail_bounces_secret
    if settings.mail_bounces is None or secret is None:
        return []
    reader = BounceReader(ReturnPath(app.keys, settings.mail_bounces), app.clock)
    return [BounceDoor(reader, secret.get_secret_value()).route]


def _carriers(settings: Settings, app: AppContext) -> list[Carrier]:
    """One for each channel that this installation has."""
    mailer = Mailer(settings.mail_url.get_secret_value())
    resolver = Resolver(settings.public_url, settings.lifetime_reset, partial(answer_sign_up, app))
    mail = MailCarrier(app.keys, mailer, resolver, settings.mail_from, settings.mail_bounces)
    gateway = build_gateway(settings.sms_gateway, settings.sms_gateway_options)
    return [mail, SmsCarrier(app.keys, gateway)] if gateway else [mail]


def _start(background: Background, settings: Settings, app: AppContext, workers: Sequence[OutboxWorker]) -> None:
    """All that a process does besides answering."""
    # Live pages of this process would hear of changes late.
    background.start("signals", app.signals.run, needed=True, longest_wait=5)  # type: ignore[attr-defined]
    background.start("wake", partial(_wake, app, workers), longest_wait=5)
    background.start("tidy", every(_TIDY_EVERY, lambda: tidy(app.now, app.rules.session_idle)))
    background.start("reminders", every(_REMIND_EVERY, lambda: remind(app)))
    background.start("sealing", every(settings.audit_seal_every.total_seconds(), lambda: seal_all(app)))
    background.start("preload", partial(_preload, app))
    for worker in workers:
        background.start(f"outbox {worker.channel}", worker.run, longest_wait=30)


async def _preload(app: AppContext, pulse: Pulse) -> None:
    """Load what the first receipt and the first device name need, once, beside the first requests."""
    if isinstance(app.printer, ReceiptPrinter):
        await app.printer.preload()
    await device_names.preload(app)
    pulse()
    await asyncio.Event().wait()


async def _wake(app: AppContext, workers: Sequence[OutboxWorker], pulse: Pulse) -> None:
    async with app.signals.subscribe("outbox") as rung:
        while True:
            pulse()
            await rung.wait()
            rung.clear()
            for worker in workers:
                worker.wake()


async def _practice_exists(slug: str) -> bool:
    """Taken as true while the database cannot tell: the page itself says so then."""
    try:
        return await asyncio.wait_for(practice_by_slug(slug), 2) is not None
    except UNAVAILABLE:
        return True


async def _related_origins(_: Request) -> Response:
    """The practices' own frontends: their pages may use passkeys of this host (WebAuthn Level 3, 5.11)."""
    return JSONResponse({"origins": await origins_of(None)})


async def _health(_: Request) -> Response:
    """The process answers."""
    return JSONResponse({"status": "ok"})


async def _ready(request: Request) -> Response:
    """The process can do its work: the database answers, and so does what works in the background.

    A loop that fails where this process is no worse than others (mail, reminders) is told with 200: taking every
    process out of service would stop the portal for what only comes late.
    """
    try:
        await asyncio.wait_for(fetch("SELECT 1 AS one"), 2)
    except UNAVAILABLE:
        return JSONResponse({"status": "database away"}, status_code=503)
    failing = request.app.state.background.failing
    if not failing:
        return JSONResponse({"status": "ok"})
    told = {"status": "degraded", "failing": [loop.name for loop in failing]}
    return JSONResponse(told, status_code=503 if any(loop.needed for loop in failing) else 200)


def _transport(settings: Settings) -> TransportRules:
    return TransportRules(
        public_origin=settings.public_url,
        allowed_origins=origins_of,
        same_site=same_site,
        trusted_proxies=settings.trusted_proxies,
        body_bytes=settings.graphql_body_bytes,
        file_bytes=settings.upload_bytes,
        depth=settings.graphql_depth,
        aliases=settings.graphql_aliases,
        tokens=settings.graphql_tokens,
        characters=settings.graphql_characters,
        bad_documents=settings.limit_bad_documents_per_minute,
        complexity=settings.graphql_complexity,
        page=settings.graphql_page,
        operation_seconds=settings.graphql_seconds.total_seconds(),
        sockets_per_session=settings.graphql_sockets,
        quick_completion=settings.graphql_quick_completion,
        introspection=settings.introspection_on,
        ide=settings.ide_on,
        timings=not settings.production,
    )


def create_worker() -> Starlette:
    """The app of a process that does nothing but serve it."""
    asgi = create_app()
    # What is here by now stays: each full collection would look at all of it again, for a tenth of a second.
    gc.collect()
    gc.freeze()
    return asgi


def main() -> None:
    """The command line."""
    command_line(Program(utc_now, compose, create_app, export_sdl, export_permissions, refusals_page, node_id))()


def export_sdl(settings: Settings) -> str:
    """The schema of the configured plugins."""
    return sdl(_schema(settings))


def export_permissions(settings: Settings) -> str:
    """Who may use what of the schema of the configured plugins."""
    return permissions_page(_schema(settings))


def _schema(settings: Settings) -> Schema:
    return build_schema(build_registry(settings.plugins, settings.factor_options))


if __name__ == "__main__":
    main()
