"""The server is killed in the middle of its work, again and again: what was acknowledged stays done."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from typing import Any

import httpx
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.people.cast import Belongings, Person
from tests.people.staff import StaffPerson, at_work
from tests.support.clock import Clock, RunningClock
from tests.support.command import Serving, serving
from tests.support.databases import Database, Databases
from tests.support.mail_relay import Post
from tests.support.population import Population
from tests.support.sluis import Sluis, running

ROUNDS = 5
_SETTINGS: dict[str, Any] = {"limit_address_per_minute": 9999, "limit_invitations_per_hour": 9999}


class Ledger(Post):
    """A relay that notes the id of each message when it has taken it."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.ids: list[str] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        reply = await super().handle_DATA(server, session, envelope)
        message = message_from_bytes(envelope.original_content or b"")
        self.ids.append(str(message["Message-ID"]).strip("<>").partition("@")[0])
        return reply


@dataclass
class Acknowledged:
    """What the server said was done."""

    dossiers: list[str] = field(default_factory=list)
    #: The tokens of sessions, and the codes that opened them.
    sessions: list[tuple[Person, str, str, str]] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    #: The messages marked as sent when a server was killed, and how many the relay had taken by then.
    sent: set[str] = field(default_factory=set)
    noted: int = 0


@dataclass(frozen=True, slots=True)
class Scene:
    """A database that outlives its servers, the relay, and who works with them."""

    sluis: Sluis
    relay: Ledger
    relay_port: int
    dr_vos: StaffPerson
    clients: list[Person]

    def at(self, server: Serving) -> Sluis:
        return replace(self.sluis, url=server.url)


@pytest.fixture
async def scene(databases: Databases, populated: tuple[Database, Population]) -> AsyncIterator[Scene]:
    """Everybody set up three minutes ago: the codes of now are unused."""
    template, population = populated
    mine = await databases.copy(template)
    clock = RunningClock()
    relay = Ledger(clock)
    port = await relay.start()
    try:
        clock.forward(minutes=-3)
        async with running(mine, population, clock, **_SETTINGS) as sluis:
            dr_vos = at_work(sluis, population.dr_vos, "BEARER")
            await dr_vos.signs_in()
            clients = [await _let_in(dr_vos, number) for number in range(ROUNDS)]
        clock.now = datetime.now(UTC)
        elsewhere = replace(sluis, mailbox=relay, app=None, clients=[])
        yield Scene(elsewhere, relay, port, dr_vos, clients)
        for client in elsewhere.clients:
            await client.aclose()
    finally:
        await relay.stop()
        await databases.drop(mine)


async def _let_in(dr_vos: StaffPerson, number: int) -> Person:
    person = Person(dr_vos.sluis, Belongings(f"Client {number}", f"client{number}@clients.example"))
    await dr_vos.takes_on(person)
    await dr_vos.lets_in(person)
    return person


@pytest.mark.timeout(400)
async def test_what_was_acknowledged_survives_being_killed(scene: Scene) -> None:
    done = Acknowledged()
    settings: dict[str, Any] = _SETTINGS | {
        "database_url": scene.sluis.database.url,
        "mail_url": f"smtp://127.0.0.1:{scene.relay_port}",
    }
    for number in range(ROUNDS):
        async with serving("serve", **settings) as server:
            await nothing_is_lost(scene, server, done)
            await works_until_killed(scene, server, done, number)
        await sent_mail_is_not_sent_again(scene, done)
    async with serving("serve", **settings) as server:
        await nothing_is_lost(scene, server, done)
        await server.stopped()
    await sent_mail_is_not_sent_again(scene, done)
    assert len(done.sessions) >= ROUNDS, "killed when somebody had just signed in"
    assert len(done.dossiers) >= ROUNDS
    await all_mail_arrives(scene)


async def works_until_killed(scene: Scene, server: Serving, done: Acknowledged, number: int) -> None:
    """Killed at the moment of an acknowledgement: of a sign-in, or of the n-th dossier."""
    sessions, dossiers = len(done.sessions), len(done.dossiers) + number

    def is_time() -> bool:
        return len(done.sessions) > sessions and len(done.dossiers) > dossiers

    work = [
        asyncio.create_task(_makes_dossiers(scene, server, done, f"K{number}")),
        asyncio.create_task(_signs_in(scene, server, done, scene.clients[number], "totp")),
        asyncio.create_task(_signs_in(scene, server, done, scene.clients[number], "recovery_codes")),
    ]
    async with asyncio.timeout(60):
        await _until(done, is_time)
    await server.killed()
    await asyncio.gather(*work)


async def _until(done: Acknowledged, is_so: Callable[[], bool]) -> None:
    while not is_so():
        done.news.clear()
        await done.news.wait()


async def _makes_dossiers(scene: Scene, server: Serving, done: Acknowledged, prefix: str) -> None:
    """One after the other, each with somebody who is invited, until nobody answers."""
    dr_vos = scene.dr_vos.elsewhere("BEARER", scene.at(server))
    dr_vos.device.session_token = scene.dr_vos.device.session_token
    number = 0
    with suppress(httpx.TransportError):
        while True:
            number += 1
            reference = f"{prefix}-{number}"
            dossier = (await dr_vos.creates_dossier(reference, "Emma Bakker"))["dossier"]["id"]
            done.dossiers.append(reference)
            done.news.set()
            added = await dr_vos.adds_respondent(dossier, "Emma Bakker", f"{reference.lower()}@clients.example")
            await dr_vos.invites(added["respondent"]["id"])


async def _signs_in(scene: Scene, server: Serving, done: Acknowledged, person: Person, factor: str) -> None:
    device = person.elsewhere("BEARER", scene.at(server))
    with suppress(httpx.TransportError):
        step = await device.starts_sign_in()
        code = person.app.code() if factor == "totp" else person.own.codes[0]
        answer = await device.proves(step, factor, code)
        assert answer["__typename"] == "SignedIn", answer
        done.sessions.append((person, answer["sessionToken"], factor, code))
        done.news.set()


async def nothing_is_lost(scene: Scene, server: Serving, done: Acknowledged) -> None:
    stored = await scene.sluis.rows("SELECT reference FROM dossier WHERE reference LIKE 'K%'")
    assert set(done.dossiers) <= {row["reference"] for row in stored}
    made = await scene.sluis.count("audit_event", "event = 'dossier.created'")
    assert made == await scene.sluis.count("dossier"), "each with its audit event"
    for person, token, factor, code in done.sessions:
        device = person.elsewhere("BEARER", scene.at(server))
        device.device.session_token = token
        assert await device.looks_at_own_account() is not None, "a session that was handed out is one"
        thief = person.elsewhere("BEARER", scene.at(server))
        answer = await thief.proves(await thief.starts_sign_in(), factor, code)
        assert answer.get("code") in {"PROOF_REPLAYED", "PROOF_WRONG", "TOO_MANY_ATTEMPTS"}, "a spent code stays spent"


async def sent_mail_is_not_sent_again(scene: Scene, done: Acknowledged) -> None:
    """What was marked as sent when the last server died did not leave once more."""
    assert not done.sent.intersection(scene.relay.ids[done.noted :])
    rows = await scene.sluis.rows("SELECT id FROM outbox_message WHERE state = 'SENT'")
    done.sent, done.noted = {str(row["id"]) for row in rows}, len(scene.relay.ids)


async def all_mail_arrives(scene: Scene) -> None:
    """Once the claims of the killed have run out: nothing is lost, and what was taken is not marked as waiting."""
    waiting = {
        str(row["id"]) for row in await scene.sluis.rows("SELECT id FROM outbox_message WHERE state = 'WAITING'")
    }
    # By day, when mail that can wait leaves, too.
    later = Clock((datetime.now(UTC) + timedelta(days=1)).replace(hour=12))
    async with running(scene.sluis.database, scene.sluis.population, later, **_SETTINGS) as sluis:
        async with asyncio.timeout(30):
            while await sluis.count("outbox_message", "state = 'WAITING'"):  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.05)
        assert len(sluis.mailbox.messages()) == len(waiting)
    assert await scene.sluis.count("outbox_message", "state <> 'SENT'") == 0
