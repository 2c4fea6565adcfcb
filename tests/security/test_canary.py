"""A canary run: secrets go through everything that the product does, and are in no log, error, row or file after it."""

import asyncio
import base64
import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from graphql import GraphQLArgument, GraphQLInputObjectType, get_named_type

from plugins import build_registry
from schema.build import build_schema
from tests.command import Serving, serving
from tests.databases import Database, Databases
from tests.delivery.provider import Provider, providing
from tests.people import Belongings, Person, token_of
from tests.planner import Planner, joins, planning
from tests.population import Population
from tests.post import Post
from tests.sluis import Sluis, visited
from tests.staff import StaffPerson, at_work

pytestmark = pytest.mark.database

SomePerson = TypeVar("SomePerson", bound=Person)

PASSWORD = "kanarie zingt onder de brug"
NEXT_PASSWORD = "kanarie vliegt over de sluis"
WRONG_PASSWORD = "kanarie valt van haar stokje"
WEAK_PASSWORD = "kanarie1"
SIGN_UP_PASSWORD = "kanarie meldt zich bij de molen"
REPORTED = "kanarie zat stil op haar stok"
ANSWERED = "kanarie zingt alleen 's nachts"
VIDEO_KEY = "kanarie in de videokamer, met sleutel"
NEW_ADDRESS, NEW_NUMBER = "ada.nieuw@clients.example", "+31612345678"
MISPLACED = "kanarie op de verkeerde plaats"
#: What travels under these names is secret, to the server and from it.
_GIVEN = {"password", "current", "token", "signIn", "deviceToken", "code"}
_TOLD = {"token", "password", "sessionToken", "deviceToken", "secret", "uri", "codes", "text"}
_VIDEO = {"url": "https://meet.example.org/", "app_id": "sluis", "key": VIDEO_KEY}


@dataclass
class Canaries:
    """Every secret that was seen on its way; ``errors`` are the texts of all replies that have errors."""

    secrets: set[str] = field(default_factory=lambda: {MISPLACED})
    errors: list[str] = field(default_factory=list)

    async def going(self, request: httpx.Request) -> None:
        if request.url.path == "/graphql":
            self.secrets.update(_values(json.loads(request.content).get("variables"), _GIVEN))

    async def coming(self, response: httpx.Response) -> None:
        await response.aread()
        self.secrets.update(value for name, value in response.cookies.items() if value)
        if response.headers["content-type"].startswith("application/"):
            body = response.json()
            self.secrets.update(_values(body.get("data"), _TOLD))
            if "errors" in body:
                self.errors.append(response.text)

    def found_in(self, hay: bytes) -> set[str]:
        """The secrets that are in there, in any of the forms in which they might be kept."""
        return {secret for secret in self.secrets if any(form.search(hay) for form in _forms(secret))}


def _values(node: object, names: set[str]) -> Iterator[str]:
    """The texts under these names, at any depth."""
    if isinstance(node, list):
        for one in node:
            yield from _values(one, names)
    elif isinstance(node, dict):
        for name, value in node.items():
            texts = value if isinstance(value, list) else [value]
            if name in names:
                yield from (text for text in texts if isinstance(text, str))
            yield from _values(value, names)


def _forms(secret: str) -> list[re.Pattern[bytes]]:
    if re.fullmatch(r"\d{6}", secret):
        # Short enough to be part of some other number, of an id or of a fraction of a second.
        return [re.compile(rb"(?<![0-9a-f.-])" + secret.encode() + rb"(?![0-9a-f])")]
    forms = {secret.encode(), secret.replace("-", "").encode(), secret.encode().hex().encode()}
    forms.add(base64.b64encode(secret.encode()).rstrip(b"="))
    if re.fullmatch(r"[A-Z2-7]{32}", secret):
        forms |= {base64.b32decode(secret), base64.b32decode(secret).hex().encode()}
    return [re.compile(re.escape(form), re.IGNORECASE) for form in forms]


@dataclass(frozen=True, slots=True)
class Scene:
    """A server as it runs, with a relay and the machine's clock, and what passes between it and people."""

    sluis: Sluis
    server: Serving
    provider: Provider
    canaries: Canaries

    def watched(self, person: SomePerson) -> SomePerson:
        """The same person, whose device notes the secrets that pass."""
        person.device.http.event_hooks = {"request": [self.canaries.going], "response": [self.canaries.coming]}
        return person


@pytest.fixture
async def scene(databases: Databases, populated: tuple[Database, Population]) -> AsyncIterator[Scene]:
    template, population = populated
    mine = await databases.copy(template)
    try:
        async with visited("", mine) as nowhere:
            relay = Post(nowhere.clock)
            mail_url = f"smtp://127.0.0.1:{await relay.start()}"
            async with (
                providing() as provider,
                serving(
                    "serve",
                    database_url=mine.url,
                    mail_url=mail_url,
                    log_format="json",
                    sms_gateway="http",
                    sms_gateway_options=json.dumps({"url": provider.url}),
                    video_rooms='["jitsi"]',
                    video_room_options=json.dumps({"jitsi": _VIDEO}),
                ) as server,
            ):
                visiting = replace(nowhere, url=server.url, mailbox=relay, population=population)
                yield Scene(visiting, server, provider, Canaries({MISPLACED, VIDEO_KEY}))
            await relay.stop()
    finally:
        await databases.drop(mine)


async def test_no_secret_is_left_anywhere(scene: Scene) -> None:
    dr_vos = scene.watched(planning(at_work(scene.sluis, scene.sluis.population.dr_vos)))
    ada = await comes_all_the_way_in(scene, dr_vos)
    await signs_up_too(scene)
    await reads_papers_and_meets(scene, dr_vos, ada)
    await signs_in_again_and_sets_another_password(scene, ada)
    await moves_house(scene, ada)
    await puts_secrets_where_they_do_not_belong(scene)
    await all_mail_leaves(scene)
    canaries = scene.canaries
    assert {PASSWORD, SIGN_UP_PASSWORD, NEXT_PASSWORD, WRONG_PASSWORD, WEAK_PASSWORD, MISPLACED} <= canaries.secrets
    assert {REPORTED, ANSWERED} <= canaries.secrets
    assert set(ada.own.codes) < canaries.secrets
    assert len(canaries.secrets) > 30
    assert len(canaries.errors) > 20
    assert not canaries.found_in("".join(canaries.errors).encode())
    stored = await everything_stored(scene.sluis.database)
    assert NEW_ADDRESS.encode() in stored, "what is no secret is found there"
    assert not canaries.found_in(stored)
    assert await scene.sluis.count("outbox_message", "state = 'SENT' AND payload IS NOT NULL") == 0
    assert (await scene.server.stopped())[0] == 0
    said = scene.server.output + scene.server.errors
    assert '"operation"' in said, "requests are logged"
    assert not canaries.found_in(said.encode())
    assert not canaries.found_in(files_of(scene.sluis.database))


async def comes_all_the_way_in(scene: Scene, dr_vos: StaffPerson) -> Person:
    """With everything done wrong once before it is done right."""
    await dr_vos.knocks(password=WRONG_PASSWORD)
    step, code = await dr_vos.knocks(), dr_vos.app.code()
    await dr_vos.proves(step, "totp", dr_vos.app.wrong())
    assert (await dr_vos.proves(step, "totp", code))["__typename"] == "SignedIn"
    await dr_vos.proves(step, "totp", code)
    ada = scene.watched(Person(scene.sluis, Belongings("Ada de Vries", "ada@clients.example")))
    respondent = await dr_vos.finds(ada.own.name)
    await dr_vos.gives_email(respondent, ada.own.email)
    await dr_vos.invites(respondent["id"])
    link = await ada.gets_link("accept")
    scene.canaries.secrets.add(token_of(link))
    assert (await ada.device.http.get(link)).status_code == 200
    await ada.opens(link)
    assert (await ada.accepts(link, WEAK_PASSWORD))["code"] == "WEAK_PASSWORD"
    assert (await ada.accepts(link, PASSWORD))["__typename"] == "AccountMade"
    await ada.knocks(password=WRONG_PASSWORD)
    step = await ada.knocks()
    await ada.confirms_password(step, WRONG_PASSWORD)
    step = await ada.confirms_password(step)
    begun = await ada.scans(step)
    await ada.shows_app_works(step, begun, ada.app.wrong())
    confirmed = await ada.shows_app_works(step, begun)
    assert (await ada.keeps_codes(confirmed["step"]))["__typename"] == "SignedIn"
    assert (await dr_vos.approves(respondent["id"]))["__typename"] == "AccessApproved"
    note = await dr_vos.gives_starter_password((await dr_vos.finds("Bram Jansen"))["id"])
    assert note["password"] in scene.canaries.secrets
    return ada


async def signs_up_too(scene: Scene) -> None:
    fleur = scene.watched(Person(scene.sluis, Belongings("Fleur Peters", "fleur@clients.example")))
    assert (await fleur.signs_up(SIGN_UP_PASSWORD))["__typename"] == "SignUpRequested"
    link = await fleur.gets_link("verify")
    scene.canaries.secrets.add(token_of(link))
    assert (await fleur.verifies(link))["__typename"] == "EmailVerified"


async def signs_in_again_and_sets_another_password(scene: Scene, ada: Person) -> None:
    phone = scene.watched(ada.elsewhere("BEARER"))
    step = await phone.knocks()
    assert (await phone.proves(step, "recovery_codes", "AAAA-BBBB-CCCC"))["code"] == "PROOF_WRONG"
    done = await phone.proves(step, "recovery_codes", ada.own.codes[0], remember=12 * 3600)
    assert (done["__typename"], bool(done["deviceToken"])) == ("SignedIn", True)
    await ada.forgets_password()
    link = await ada.gets_link("reset")
    scene.canaries.secrets.add(token_of(link))
    assert (await ada.resets(link, WEAK_PASSWORD))["code"] == "WEAK_PASSWORD"
    assert (await ada.resets(link, NEXT_PASSWORD))["__typename"] == "PasswordReset"
    assert (await ada.resets(link, NEXT_PASSWORD))["code"] == "LINK_USED"
    assert (await phone.knocks(password=PASSWORD))["code"] == "WRONG_CREDENTIALS"
    assert (await phone.knocks(password=NEXT_PASSWORD))["__typename"] == "FactorRequired"


async def reads_papers_and_meets(scene: Scene, dr_vos: Planner, ada: Person) -> None:
    """What the practice wrote and what she answered, and the address of a video room, as long as it is open."""
    respondent = await dr_vos.finds(ada.own.name)
    dossier = await dr_vos.opens_dossier("D-1001")
    report = (await dr_vos.adds_report(dossier["id"], text=REPORTED))["report"]["id"]
    assert (await dr_vos.releases(report, respondent["id"]))["__typename"] == "ReportReleased"
    groups = [{"title": "Dag", "questions": [{"question": "En?", "answers": [ANSWERED]}]}]
    assert (await dr_vos.delivers(respondent["id"], "ROM-1", groups=groups))["__typename"] == "AnswersDelivered"
    assert [one["text"] for one in await ada.sees_own_reports()] == [REPORTED]
    (form,) = await ada.sees_own_answers()
    scene.canaries.secrets.update(form["groups"][0]["questions"][0]["answers"])
    booked = await dr_vos.books(dossier, datetime.now(UTC) + timedelta(minutes=5), whom=[respondent], video="jitsi")
    for person in (ada, dr_vos):
        url = urlsplit((await joins(person, booked["appointment"]))["url"])
        scene.canaries.secrets |= {url.path.removeprefix("/"), *parse_qs(url.query)["jwt"]}


async def moves_house(scene: Scene, ada: Person) -> None:
    """To another address and another number, both proven; the first code that she types is wrong."""
    phone = scene.watched(ada.elsewhere("BEARER"))
    step = await phone.knocks(password=NEXT_PASSWORD)
    assert (await phone.proves(step, "recovery_codes", ada.own.codes[1]))["__typename"] == "SignedIn"
    assert (await phone.gives_contact_number(NEW_NUMBER))["__typename"] == "PhoneCodeSent"
    code = (await scene.provider.wait_for(NEW_NUMBER, beyond=0))[:6]
    scene.canaries.secrets.add(code)
    assert (await phone.confirms_contact_number(code[::-1] if code != code[::-1] else "123456"))["code"]
    assert (await phone.confirms_contact_number(code))["__typename"] == "PhoneChanged"
    assert (await phone.asks_for_email(NEW_ADDRESS))["__typename"] == "EmailChangeAsked"
    link = await Person(scene.sluis, Belongings("", NEW_ADDRESS)).gets_link("verify")
    scene.canaries.secrets.add(token_of(link))
    assert (await phone.confirms_email(link))["__typename"] == "EmailVerified"
    assert (await phone.confirms_email(link))["code"] == "LINK_USED"


async def puts_secrets_where_they_do_not_belong(scene: Scene) -> None:
    """Into every argument of every mutation: of the wrong type, in an unknown field, in the document itself."""
    stranger = scene.watched(Person(scene.sluis, Belongings("Mallory", "mallory@elsewhere.example"), "BEARER"))
    mutations = build_schema(build_registry(["totp", "recovery_codes", "remembered_devices"], {}))._schema.mutation_type
    assert mutations is not None
    for name, mutation in mutations.fields.items():
        for argument, kind in mutation.args.items():
            document = f"mutation($given: {kind.type}) {{ {name}({argument}: $given) {{ __typename }} }}"
            for wrong in (MISPLACED, [MISPLACED], {"unknown": MISPLACED}, *_misfilled(kind)):
                await stranger.device.post(document, {"given": wrong})
            literal = json.dumps(MISPLACED)
            for misplaced in (f"{{ unknown: {literal} }}", f"[{literal}]", f"{literal} {literal}"):
                await stranger.device.post(f"mutation {{ {name}({argument}: {misplaced}) {{ __typename }} }}")
    await stranger.device.post(f'{{ viewer(password: "{MISPLACED}") }} }}')


def _misfilled(argument: GraphQLArgument) -> Iterator[dict[str, Any]]:
    """An input object with every field of the wrong type at once."""
    kind = get_named_type(argument.type)
    if isinstance(kind, GraphQLInputObjectType):
        yield {name: {"wrong": [MISPLACED]} for name in kind.fields}


async def all_mail_leaves(scene: Scene) -> None:
    async with asyncio.timeout(30):
        while await scene.sluis.count("outbox_message", "state = 'WAITING'"):  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.05)


async def everything_stored(database: Database) -> bytes:
    """All columns of all rows."""
    values = [value for rows in (await database.tables()).values() for row in rows for value in row.values()]
    return b"\n".join(value if isinstance(value, bytes) else str(value).encode() for value in values)


def files_of(database: Database) -> bytes:
    """SQLite's files as they lie there, with what was deleted; PostgreSQL's are the server's."""
    if not database.url.startswith("sqlite:"):
        return b""
    file = Path(urlsplit(database.url).path)
    return b"\n".join(one.read_bytes() for one in sorted(file.parent.glob(f"{file.name}*")))


def test_canaries_are_found() -> None:
    """Else a run that finds none would tell nothing."""
    canaries = Canaries({PASSWORD, "123456", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "ABCD-EFGH-JKLM"})
    for hay, secret in (
        (b"x" + PASSWORD.upper().encode(), PASSWORD),
        (base64.b64encode(PASSWORD.encode()), PASSWORD),
        (b'{"code": "123456"}', "123456"),
        (base64.b32decode("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
        (b"abcdefghjklm", "ABCD-EFGH-JKLM"),
    ):
        assert canaries.found_in(hay) == {secret}
    assert canaries.found_in(b"12:00:01.123456, 0a123456-, 1123456") == set()
