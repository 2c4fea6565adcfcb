"""Keys are rotated by a command while people go on: nobody notices, and what was spent stays spent."""

import asyncio
import importlib
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tortoise.fields import BinaryField
from tortoise.models import Model

from commands.database import opened
from flows.audit_trail.audit_sealing import seal_all
from flows.core.account_mail import tell
from flows.core.outbox import post
from models import Account, Practice
from models.core.sealed import SEALED_COLUMNS
from models.db.database import MODULES, transaction
from security.keys import KeyRing
from server import compose
from settings import DEVELOPMENT_KEY
from tests.people.cast import Belongings, Person
from tests.people.key_holder import KeyHolder
from tests.people.planner import Planner, joins, planning
from tests.people.security_key import SecurityKey
from tests.people.staff import StaffPerson, at_work
from tests.support.clock import MONDAY_NOON, Clock, RunningClock
from tests.support.command import Ended, begun, ran, serving
from tests.support.databases import Database, Databases
from tests.support.paused import in_verb
from tests.support.population import Population
from tests.support.sluis import Sluis, running, settings_for

OLD, NEW = DEVELOPMENT_KEY, "2026b:" + "c2x1aXM" * 6 + "A"
OLD_NAME, NEW_NAME = "dev-only", "2026b"
MARKS = KeyRing.parse([NEW, OLD]).marks
FACTORS = ("totp", "passkeys", "recovery_codes", "remembered_devices")
_SETTINGS: dict[str, Any] = {"plugins": FACTORS, "limit_address_per_minute": 9999, "limit_invitations_per_hour": 9999}
REPORTED, ASKED = "Zij slaapt beter.", "Hoe slaapt u?"


def ring(*keys: str) -> str:
    return json.dumps(keys)


async def rotated(database: Database, *options: str, keys: tuple[str, ...] = (NEW, OLD)) -> Ended:
    return await ran("rotate-keys", *options, database_url=database.url, secret_keys=ring(*keys))


async def sealed_with(database: Database, key: str) -> dict[str, int]:
    """How many values of each column begin as those of this key do, in any table."""
    found: dict[str, int] = {}
    for table, rows in (await database.tables()).items():
        for row in rows:
            for column, value in row.items():
                if isinstance(value, bytes) and value.startswith(MARKS[key]):
                    found[f"{table}.{column}"] = found.get(f"{table}.{column}", 0) + 1
    return found


async def test_everything_is_sealed_anew_and_works_without_the_old_key(
    databases: Databases, populated: tuple[Database, Population], clock: Clock
) -> None:
    template, population = populated
    mine = await databases.copy(template)
    try:
        async with running(mine, population, clock, **_SETTINGS) as sluis:
            dr_vos, ada, booked = await has_something_of_all(sluis)
            assert sluis.app is not None
            await seal_all(sluis.app)
            segments = await sluis.count("audit_segment")
        await mail_waits(mine, ada.own.email)
        before = await sealed_with(mine, OLD_NAME)
        assert set(before) == {str(column) for column in SEALED_COLUMNS}, "each is really there"
        told = (await rotated(mine)).output.splitlines()
        assert await sealed_with(mine, OLD_NAME) == {}
        assert await sealed_with(mine, NEW_NAME) == before
        for column, count in before.items():
            assert f"{column}: {count} sealed with {NEW_NAME}." in told
        assert segments > 0
        assert f"audit_segment.seal: {segments} sealed with {NEW_NAME}." in told
        assert (await ran("verify-audit", database_url=mine.url, secret_keys=ring(NEW))).code == 0
        assert told[-1] == f"Key {OLD_NAME} (may be dropped): 0 values."
        clock.forward(hours=2)
        async with running(mine, population, clock, secret_keys=(NEW,), **_SETTINGS) as sluis:
            await finds_everything(sluis, dr_vos, ada, booked)
    finally:
        await databases.drop(mine)


async def has_something_of_all(sluis: Sluis) -> tuple[Planner, KeyHolder, Any]:
    """Factors, papers, a video room and a challenge; all but mail that waits."""
    dr_vos = planning(at_work(sluis, sluis.population.dr_vos))
    await dr_vos.signs_in()
    ada = KeyHolder(sluis, Belongings("Ada de Vries", "ada@clients.example"))
    respondent = await dr_vos.lets_in(ada)
    await ada.adds_key()
    dossier = await dr_vos.opens_dossier("D-1001")
    report = (await dr_vos.adds_report(dossier["id"], text=REPORTED))["report"]["id"]
    await dr_vos.releases(report, respondent)
    groups = [{"title": "", "questions": [{"question": ASKED, "answers": ["Goed"]}]}]
    await dr_vos.delivers(respondent, "ROM-1", groups=groups)
    starts = sluis.clock() + timedelta(hours=2, minutes=5)
    whom = [one for one in dossier["respondents"] if one["id"] == respondent]
    booked = await dr_vos.books(dossier, starts, whom=whom, video="link", videoLink="https://meet.example.org/ada")
    await ada.elsewhere().starts_sign_in()
    return dr_vos, ada, booked["appointment"]


async def finds_everything(sluis: Sluis, dr_vos: Planner, ada: KeyHolder, booked: Any) -> None:
    ada = ada.elsewhere("COOKIE", sluis)
    ada.own.read = 0
    await ada.is_told("Het telefoonnummer van uw account")
    await ada.forgets_password()
    link = await ada.gets_link("reset")
    assert (await ada.resets(link, "Ada vindt varen fijn"))["__typename"] == "PasswordReset"
    ada.own.password = "Ada vindt varen fijn"
    assert (await ada.signs_in())["__typename"] == "SignedIn"
    assert [one["text"] for one in await ada.sees_own_reports()] == [REPORTED]
    (form,) = await ada.sees_own_answers()
    assert form["groups"][0]["questions"][0]["question"] == ASKED
    assert (await joins(ada, booked))["url"] == "https://meet.example.org/ada"
    again = ada.elsewhere()
    step = await again.starts_sign_in()
    assert (await again.proves(step, "recovery_codes", ada.own.codes[0]))["__typename"] == "SignedIn"
    ada.key.origin = sluis.url
    assert (await ada.elsewhere().signs_in_with_key())["__typename"] == "SignedIn"
    vos = dr_vos.elsewhere("COOKIE", sluis)
    assert (await vos.signs_in())["__typename"] == "SignedIn"
    (report,) = await vos.sees_reports((await vos.opens_dossier("D-1001"))["id"])
    assert report["title"] == "Verslag"


# The request is held while two commands start and end.
@pytest.mark.parametrize("given_settings", [{"graphql_seconds": "60s"}])
async def test_a_proof_that_is_judged_meanwhile_counts_and_is_spent(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person
) -> None:
    """Its state was read before the rotation and is stored after it; the rotation overwrites no newer state."""
    await dr_vos.lets_in(ada)
    sluis.clock.forward(minutes=5)
    phone, thief = ada.elsewhere("BEARER"), ada.elsewhere("BEARER")
    step, code = await phone.starts_sign_in(), ada.app.code()
    async with in_verb(sluis, "totp", "verify", phone.proves(step, "totp", code)) as proof:
        assert (await rotated(sluis.database, keys=(NEW, OLD))).code == 0
        # The server has one key only, and seals with it.
        assert await sealed_with(sluis.database, OLD_NAME) == {}
        assert (await rotated(sluis.database, keys=(OLD, NEW))).code == 0
    assert (await proof)["__typename"] == "SignedIn"
    assert (await thief.proves(await thief.starts_sign_in(), "totp", code))["code"] == "PROOF_REPLAYED"
    assert (await rotated(sluis.database)).code == 0
    assert await sealed_with(sluis.database, OLD_NAME) == {}
    # Back under the server's one key, with which all of it is verified in the end.
    assert (await rotated(sluis.database, keys=(OLD, NEW))).code == 0


@dataclass(frozen=True, slots=True)
class Scene:
    """A database at the machine's time, and people who come in at servers of their choice."""

    sluis: Sluis
    people: list[KeyHolder]


@pytest.fixture
async def scene(databases: Databases, populated: tuple[Database, Population]) -> AsyncIterator[Scene]:
    """Set up three minutes ago: the codes of now are unused."""
    template, population = populated
    mine, clock = await databases.copy(template), RunningClock()
    try:
        clock.forward(minutes=-3)
        async with running(mine, population, clock, **_SETTINGS) as sluis:
            dr_vos = at_work(sluis, population.dr_vos, "BEARER")
            await dr_vos.signs_in()
            people = [await _let_in(dr_vos, number) for number in range(3)]
        clock.now = datetime.now(UTC)
        elsewhere = replace(sluis, app=None, clients=[])
        yield Scene(elsewhere, people)
        for client in elsewhere.clients:
            await client.aclose()
    finally:
        await databases.drop(mine)


async def _let_in(dr_vos: StaffPerson, number: int) -> KeyHolder:
    person = KeyHolder(dr_vos.sluis, Belongings(f"Client {number}", f"client{number}@clients.example"))
    await dr_vos.takes_on(person)
    await dr_vos.lets_in(person)
    await person.adds_key(SecurityKey(dr_vos.sluis.url))
    return person


@pytest.mark.timeout(300)
async def test_nobody_is_refused_and_nothing_is_spent_twice_while_keys_rotate(scene: Scene) -> None:
    """To and fro under two servers, one of which seals with the old key still, as during a restart of all."""
    mine = scene.sluis.database
    given = _SETTINGS | {"database_url": mine.url, "plugins": json.dumps(FACTORS)}
    async with serving("serve", secret_keys=ring(OLD, NEW), **given) as behind:
        async with serving("serve", secret_keys=ring(NEW, OLD), **given) as ahead:
            come = asyncio.gather(*(comes_and_goes(scene, one, behind.url, ahead.url) for one in scene.people))
            rounds = await rotates_until(come, mine)
            assert rounds >= 2, "the keys went to and fro while people came in"
            await come
        await behind.stopped()
    last = await rotated(mine)
    assert (last.code, await sealed_with(mine, OLD_NAME)) == (0, {})
    async with serving("serve", secret_keys=ring(NEW), **given) as alone:
        for person in scene.people:
            await spent_stays_spent(scene, person, alone.url)
            used = person.elsewhere("BEARER", replace(scene.sluis, url=alone.url))
            step = await used.starts_sign_in()
            assert (await used.proves(step, "recovery_codes", person.own.codes[-1]))["__typename"] == "SignedIn"


async def rotates_until(work: asyncio.Future[Any], database: Database) -> int:
    rounds = 0
    while not work.done():
        keys = (NEW, OLD) if rounds % 2 == 0 else (OLD, NEW)
        ended = await rotated(database, keys=keys)
        # A server that seals with the other key may have been the last; nothing else may be wrong.
        assert ended.code == 0 or re.fullmatch(r"\d+ values? came in under .*\n", ended.errors), ended
        rounds += 1
    return rounds


async def comes_and_goes(scene: Scene, person: KeyHolder, *urls: str) -> None:
    """In by every factor, at one server and the other; each code is refused at the server where it was not used."""
    here, there = (replace(scene.sluis, url=url) for url in urls)
    await _comes_in_once(person, here, there, "totp", person.app.code())
    for code in person.own.codes[:5]:
        await _comes_in_once(person, here, there, "recovery_codes", code)
        here, there = there, here
        person.key.origin = here.url
        assert (await person.elsewhere("BEARER", here).signs_in_with_key())["__typename"] == "SignedIn"


async def _comes_in_once(person: Person, here: Sluis, there: Sluis, factor: str, code: str) -> None:
    phone, thief = person.elsewhere("BEARER", here), person.elsewhere("BEARER", there)
    done = await phone.proves(await phone.starts_sign_in(), factor, code)
    assert done["__typename"] == "SignedIn", done
    again = await thief.proves(await thief.starts_sign_in(), factor, code)
    assert again["code"] == "PROOF_REPLAYED", again


async def spent_stays_spent(scene: Scene, person: KeyHolder, url: str) -> None:
    thief = person.elsewhere("BEARER", replace(scene.sluis, url=url))
    again = await thief.proves(await thief.starts_sign_in(), "recovery_codes", person.own.codes[0])
    assert again["code"] == "PROOF_REPLAYED", again


@pytest.mark.timeout(200)
async def test_a_killed_rotation_goes_on_where_it_was(scene: Scene) -> None:
    mine = scene.sluis.database
    await fills_up(mine, rows=1500)
    before = await sealed_with(mine, OLD_NAME)
    settings = {"database_url": mine.url, "secret_keys": ring(NEW, OLD)}
    async with begun("rotate-keys", **settings) as process:
        async with asyncio.timeout(60):
            while not await mine.count(  # noqa: ASYNC110 - nothing tells
                "outbox_message", f"substr(payload, 1, {len(MARKS[NEW_NAME])}) = ?", MARKS[NEW_NAME]
            ):
                await asyncio.sleep(0.01)
        process.kill()
        await process.wait()
    left, done = await sealed_with(mine, OLD_NAME), await sealed_with(mine, NEW_NAME)
    assert left["outbox_message.payload"] > 0, "killed in the middle"
    assert {name: left.get(name, 0) + done.get(name, 0) for name in before} == before, "all are one or the other"
    checked = await rotated(mine, "--check")
    assert f"Key {OLD_NAME} (still needed): {sum(left.values())} values: " in checked.output
    ended = await rotated(mine)
    assert f"outbox_message.payload: {left['outbox_message.payload']} sealed with {NEW_NAME}." in ended.output
    assert (ended.code, await sealed_with(mine, OLD_NAME)) == (0, {})


async def mail_waits(database: Database, email: str) -> None:
    """News that was written when the server had ended."""
    app = compose(settings_for(database, "http://localhost:8000", 1025), lambda: MONDAY_NOON)
    try:
        async with opened(settings_for(database, "http://localhost:8000", 1025)), transaction():
            await tell(app, await Account.get(email=email), "notice_phone_changed")
    finally:
        app.passwords.close()


async def fills_up(database: Database, rows: int) -> None:
    """With mail that waits."""
    app = compose(settings_for(database, "http://localhost:8000", 1025), lambda: datetime.now(UTC))
    try:
        async with opened(settings_for(database, "http://localhost:8000", 1025)), transaction():
            practice = await Practice.get(slug="demo")
            for number in range(rows):
                await post(app, str(practice.id), "notice_phone_changed", {"to": f"{number}@clients.example"})
    finally:
        app.passwords.close()


@pytest.mark.tampers("factor_enrolment.state", "stand-in-alone")
async def test_rotation_names_values_that_do_not_open(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    """A row that was moved, away from its recovery codes, and one of a lost key; what they hold is not told."""
    await dr_vos.lets_in(ada)
    mine = sluis.database
    (moved,) = await mine.rows("SELECT id FROM factor_enrolment WHERE factor = 'totp' ORDER BY created_at DESC LIMIT 1")
    (lost,) = await mine.rows("SELECT id FROM factor_enrolment WHERE factor = 'recovery_codes' LIMIT 1")
    stranger = KeyRing.parse(["gone:" + "Z" * 42 + "A"]).seal(b"kanarie", "factor-state")
    await keeps(
        mine,
        "UPDATE factor_enrolment SET account_id = (SELECT account_id FROM factor_enrolment o WHERE o.id <> ?"
        " AND o.factor = 'totp' AND o.practice_id = factor_enrolment.practice_id LIMIT 1), slot = 'moved' WHERE id = ?",
        moved["id"],
        moved["id"],
    )
    await keeps(mine, "UPDATE factor_enrolment SET state = ? WHERE id = ?", stranger, lost["id"])
    ended = await rotated(mine)
    assert ended.code == 1
    assert ended.errors.splitlines() == [
        *(f"factor_enrolment.state: row {row} opens with no key." for row in sorted([moved["id"], lost["id"]])),
        "2 values could not be opened and stayed as they were.",
    ]
    assert await sealed_with(mine, OLD_NAME) == {"factor_enrolment.state": 1}
    assert f"Key {OLD_NAME} (still needed): 1 value: factor_enrolment.state 1." in ended.output
    line = "SLUIS_SECRET_KEYS: 1 value sealed with no key in it (factor_enrolment.state 1): add the key that is missing"
    checked = await rotated(mine, "--check")
    assert (checked.code, checked.errors) == (1, line + "\n")
    assert (await ran("check", database_url=mine.url, secret_keys=ring(NEW, OLD))).problems == [line]
    # All else back under the server's one key, with which it is verified in the end.
    assert (await rotated(mine, keys=(OLD, NEW))).code == 1


async def keeps(database: Database, sql: str, *params: object) -> None:
    """Change what is stored, behind the product's back."""
    await database.rows(sql, *params)


async def test_a_key_that_is_dropped_too_early_is_found(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    (problem,) = (await ran("check", database_url=sluis.database.url, secret_keys=ring(NEW))).problems
    assert re.fullmatch(r"SLUIS_SECRET_KEYS: \d+ values sealed with no key in it \(factor_enrolment.state .*", problem)


def test_every_column_that_holds_bytes_is_on_the_list() -> None:
    """What holds bytes and is not sealed needs a reason, and a place here."""
    described = {
        f"{model._meta.db_table}.{name}"
        for module in MODULES
        for model in vars(importlib.import_module(module)).values()
        if isinstance(model, type) and issubclass(model, Model)
        for name, field in model._meta.fields_map.items()
        if isinstance(field, BinaryField)
    }
    assert described == {str(column) for column in SEALED_COLUMNS}
