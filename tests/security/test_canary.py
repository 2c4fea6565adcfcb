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
from structlog.testing import capture_logs

from models.db.database import as_time
from plugins import build_registry
from schema.build import build_schema
from tests.delivery.provider import Provider, providing
from tests.people.auditor import export_url
from tests.people.cast import Belongings, Person, token_of
from tests.people.device import Answer
from tests.people.key_holder import KeyHolder
from tests.people.phone_owner import PhoneOwner
from tests.people.planner import Planner, joins, planning
from tests.people.security_key import Lies
from tests.people.staff import StaffPerson, at_work
from tests.support.command import Serving, serving
from tests.support.databases import Database, Databases
from tests.support.failing import misbehaving
from tests.support.mail_relay import Post
from tests.support.population import Population
from tests.support.sluis import Sluis, visited

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
_GIVEN = {"password", "token", "signIn", "deviceToken", "code", "credential"}
_TOLD = {"token", "password", "sessionToken", "deviceToken", "secret", "uri", "codes", "text"}
STAFF_PASSWORD = "kanarie werkt in het archief"
CHANGED_PASSWORD = "kanarie kiest een ander liedje"
STARTER_REPLACED = "kanarie gooit het briefje weg"
#: Every kind of secret that there is, by where it passes; each must have passed.
PLANTED = {
    *("password", "token", "signIn", "deviceToken", "code", "credential"),
    *("sessionToken", "secret", "uri", "codes", "text", "cookie", "passkey challenge"),
    *("invitation link", "staff invitation link", "verification link", "reset link", "link to a new address"),
    *("starter password", "texted code", "code to a new number", "video key", "video room", "video token"),
    *("report", "answers", "misplaced"),
}
_VIDEO = {"url": "https://meet.example.org/", "app_id": "sluis", "key": VIDEO_KEY}


@dataclass
class Canaries:
    """Every secret that was seen on its way, by its kind; ``errors`` are the texts of all replies that have errors."""

    kinds: dict[str, set[str]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    @property
    def secrets(self) -> set[str]:
        return set().union(*self.kinds.values())

    def plant(self, kind: str, *secrets: str) -> None:
        self.kinds.setdefault(kind, set()).update(secrets)

    async def going(self, request: httpx.Request) -> None:
        if request.url.path == "/graphql":
            for kind, value in _values(json.loads(request.content).get("variables"), _GIVEN):
                self.plant(kind, value)

    async def coming(self, response: httpx.Response) -> None:
        await response.aread()
        self.plant("cookie", *(value for value in response.cookies.values() if value))
        if "json" in response.headers["content-type"]:
            body = response.json()
            for kind, value in _values(body.get("data"), _TOLD):
                self.plant(kind, value)
            for _, options in _values(body.get("data"), {"options"}):
                self.plant("passkey challenge", json.loads(options)["challenge"])
            if "errors" in body:
                self.errors.append(json.dumps(_without_what_is_given(body)))

    def found_in(self, hay: bytes) -> set[str]:
        """The secrets that are in there, in any of the forms in which they might be kept."""
        return {secret for secret in self.secrets if any(form.search(hay) for form in _forms(secret))}


def _without_what_is_given(body: Answer) -> Answer:
    """An answer with errors, with no data under the names of secrets where the data may be there.

    Only the error that a session has ended comes beside data. Those may be the first token of the next sign-in.
    """
    if {error["extensions"]["code"] for error in body["errors"]} == {"INVALID_TOKEN"}:
        return body | {"data": _unfilled(body.get("data"))}
    return body


def _unfilled(node: object) -> object:
    """The same, with nothing in the fields of ``_TOLD``."""
    if isinstance(node, list):
        return [_unfilled(one) for one in node]
    if isinstance(node, dict):
        return {name: None if name in _TOLD else _unfilled(value) for name, value in node.items()}
    return node


def _values(node: object, names: set[str]) -> Iterator[tuple[str, str]]:
    """These names with the texts under them, at any depth."""
    if isinstance(node, list):
        for one in node:
            yield from _values(one, names)
    elif isinstance(node, dict):
        for name, value in node.items():
            texts = value if isinstance(value, list) else [value]
            if name in names:
                yield from ((name, text) for text in texts if isinstance(text, str))
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
        """The same person; the device notes the secrets that pass."""
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
                    plugins='["totp", "passkeys", "sms", "recovery_codes", "remembered_devices"]',
                    limit_address_per_minute=9999,
                    sms_first_wait="1s",
                    sms_gateway="http",
                    sms_gateway_options=json.dumps({"url": provider.url}),
                    video_rooms='["jitsi"]',
                    video_room_options=json.dumps({"jitsi": _VIDEO}),
                ) as server,
            ):
                visiting = replace(nowhere, url=server.url, mailbox=relay, population=population)
                canaries = Canaries({"misplaced": {MISPLACED}, "video key": {VIDEO_KEY}})
                yield Scene(visiting, server, provider, canaries)
            await relay.stop()
    finally:
        await databases.drop(mine)


async def test_no_secret_is_left_anywhere(scene: Scene) -> None:
    dr_vos = scene.watched(planning(at_work(scene.sluis, scene.sluis.population.dr_vos)))
    ada = await comes_all_the_way_in(scene, dr_vos)
    await comes_in_with_a_note_and_a_phone(scene, dr_vos)
    await joins_the_staff(scene)
    await signs_up_too(scene)
    await reads_papers_and_meets(scene, dr_vos, ada)
    await signs_in_again_and_sets_another_password(scene, ada)
    await moves_house(scene, ada)
    await puts_secrets_where_they_do_not_belong(scene)
    await all_mail_leaves(scene)
    canaries = scene.canaries
    assert {PASSWORD, SIGN_UP_PASSWORD, NEXT_PASSWORD, WRONG_PASSWORD, WEAK_PASSWORD, MISPLACED} <= canaries.secrets
    assert {STARTER_REPLACED, STAFF_PASSWORD, CHANGED_PASSWORD} <= canaries.kinds["password"]
    assert (canaries.kinds["report"], REPORTED in canaries.kinds["text"]) == ({REPORTED}, True)
    assert set(ada.own.codes) < canaries.kinds["codes"]
    assert {kind for kind, secrets in canaries.kinds.items() if secrets} == PLANTED, "each kind was really there"
    assert len(canaries.secrets) > 60
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


async def comes_all_the_way_in(scene: Scene, dr_vos: StaffPerson) -> KeyHolder:
    """With everything done wrong once before it is done right."""
    await dr_vos.starts_sign_in(password=WRONG_PASSWORD)
    step, code = await dr_vos.starts_sign_in(), dr_vos.app.code()
    await dr_vos.proves(step, "totp", dr_vos.app.wrong())
    assert (await dr_vos.proves(step, "totp", code))["__typename"] == "SignedIn"
    await dr_vos.proves(step, "totp", code)
    ada = scene.watched(KeyHolder(scene.sluis, Belongings("Ada de Vries", "ada@clients.example")))
    respondent = await dr_vos.finds(ada.own.name)
    await dr_vos.gives_email(respondent, ada.own.email)
    await dr_vos.invites(respondent["id"])
    link = await ada.gets_link("accept")
    scene.canaries.plant("invitation link", token_of(link))
    assert (await ada.device.http.get(link)).status_code == 200
    await ada.opens(link)
    assert (await ada.accepts(link, WEAK_PASSWORD))["code"] == "WEAK_PASSWORD"
    assert (await ada.accepts(link, PASSWORD))["__typename"] == "AccountMade"
    await ada.starts_sign_in(password=WRONG_PASSWORD)
    step = await ada.starts_sign_in()
    await ada.confirms_password(step, WRONG_PASSWORD)
    step = await ada.confirms_password(step)
    begun = await ada.scans(step)
    await ada.shows_app_works(step, begun, ada.app.wrong())
    confirmed = await ada.shows_app_works(step, begun)
    assert (await ada.keeps_codes(confirmed["step"]))["__typename"] == "SignedIn"
    assert (await dr_vos.approves(respondent["id"]))["__typename"] == "AccessApproved"
    await ada.adds_key()
    browser = scene.watched(ada.elsewhere())
    assert (await browser.signs_in_with_key())["__typename"] == "SignedIn"
    assert (await browser.signs_in_with_key(Lies(challenge="AAAA")))["code"] == "PROOF_WRONG"
    return ada


async def comes_in_with_a_note_and_a_phone(scene: Scene, dr_vos: StaffPerson) -> None:
    """Bram: a password on paper, codes by text message, and then a password of his own."""
    own = Belongings("Bram Jansen", "bram@clients.example")
    bram = scene.watched(PhoneOwner(scene.sluis, own, scene.provider, "0687654321"))
    note = await dr_vos.gives_starter_password((await dr_vos.finds(own.name))["id"])
    own.login, own.password = note["loginCode"], note["password"]
    scene.canaries.plant("starter password", note["password"])
    step = await bram.keeps_codes(await bram.sets_up_phone(await bram.starts_sign_in()))
    assert (await bram.replaces_password(step, STARTER_REPLACED))["__typename"] == "SignedIn"
    phone = scene.watched(bram.elsewhere("BEARER"))
    step = await phone.starts_sign_in()
    async with asyncio.timeout(20):
        while "retryAt" in (asked := await phone.asks_for_text(step)):  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.2)
    code = await phone.reads_code()
    scene.canaries.plant("texted code", code)
    done = await phone.types_code(step, asked, code, remember=12 * 3600)
    assert (done["__typename"], bool(done["deviceToken"])) == ("SignedIn", True)
    assert (await phone.types_code(step, asked, code))["code"]
    assert (await phone.starts_sign_in())["__typename"] == "SignedIn", "on the word of the device's token"


async def joins_the_staff(scene: Scene) -> None:
    """Noor, whom Olga hires; and Olga takes the audit trail along, in which none of it is."""
    olga = scene.watched(at_work(scene.sluis, scene.sluis.population.olga, "BEARER"))
    assert (await olga.signs_in())["__typename"] == "SignedIn"
    await olga.hires("Noor Nieuw", "noor@desluis.example", "THERAPIST")
    noor = scene.watched(StaffPerson(scene.sluis, Belongings("Noor Nieuw", "noor@desluis.example")))
    link = await noor.gets_link("accept")
    scene.canaries.plant("staff invitation link", token_of(link))
    assert (await noor.accepts(link, STAFF_PASSWORD))["__typename"] == "AccountMade"
    assert (await noor.comes_in())["__typename"] == "SignedIn"
    taken = await olga.device.fetch(await export_url(olga))
    assert taken.status_code == 200
    assert b"staff.invited" in taken.content
    assert not scene.canaries.found_in(taken.content)


async def signs_up_too(scene: Scene) -> None:
    fleur = scene.watched(Person(scene.sluis, Belongings("Fleur Peters", "fleur@clients.example")))
    assert (await fleur.signs_up(SIGN_UP_PASSWORD))["__typename"] == "SignUpRequested"
    link = await fleur.gets_link("verify")
    scene.canaries.plant("verification link", token_of(link))
    assert (await fleur.verifies(link))["__typename"] == "EmailVerified"


async def signs_in_again_and_sets_another_password(scene: Scene, ada: Person) -> None:
    phone = scene.watched(ada.elsewhere("BEARER"))
    step = await phone.starts_sign_in()
    assert (await phone.proves(step, "recovery_codes", "AAAA-BBBB-CCCC"))["code"] == "PROOF_WRONG"
    done = await phone.proves(step, "recovery_codes", ada.own.codes[0], remember=12 * 3600)
    assert (done["__typename"], done["deviceToken"]) == ("SignedIn", None)
    await ada.forgets_password()
    link = await ada.gets_link("reset")
    scene.canaries.plant("reset link", token_of(link))
    assert (await ada.resets(link, WEAK_PASSWORD))["code"] == "WEAK_PASSWORD"
    assert (await ada.resets(link, NEXT_PASSWORD))["__typename"] == "PasswordReset"
    assert (await ada.resets(link, NEXT_PASSWORD))["code"] == "LINK_USED"
    assert (await phone.starts_sign_in(password=PASSWORD))["code"] == "WRONG_CREDENTIALS"
    assert (await phone.starts_sign_in(password=NEXT_PASSWORD))["__typename"] == "FactorRequired"


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
    scene.canaries.plant("report", REPORTED)
    scene.canaries.plant("answers", *form["groups"][0]["questions"][0]["answers"])
    booked = await dr_vos.books(dossier, datetime.now(UTC) + timedelta(minutes=5), whom=[respondent], video="jitsi")
    for person in (ada, dr_vos):
        url = urlsplit((await joins(person, booked["appointment"]))["url"])
        scene.canaries.plant("video room", url.path.removeprefix("/"))
        scene.canaries.plant("video token", *parse_qs(url.query)["jwt"])


async def moves_house(scene: Scene, ada: Person) -> None:
    """To another address and another number, both proven; the first code that she types is wrong."""
    phone = scene.watched(ada.elsewhere("BEARER"))
    step = await phone.starts_sign_in(password=NEXT_PASSWORD)
    assert (await phone.proves(step, "recovery_codes", ada.own.codes[1]))["__typename"] == "SignedIn"
    assert (await phone.gives_contact_number(NEW_NUMBER))["__typename"] == "PhoneCodeSent"
    code = (await scene.provider.wait_for(NEW_NUMBER, beyond=0))[:6]
    scene.canaries.plant("code to a new number", code)
    assert (await phone.confirms_contact_number(code[::-1] if code != code[::-1] else "123456"))["code"]
    assert (await phone.confirms_contact_number(code))["__typename"] == "PhoneChanged"
    assert (await phone.asks_for_email(NEW_ADDRESS))["__typename"] == "EmailChangeAsked"
    link = await Person(scene.sluis, Belongings("", NEW_ADDRESS)).gets_link("verify")
    scene.canaries.plant("link to a new address", token_of(link))
    assert (await phone.confirms_email(link))["__typename"] == "EmailVerified"
    assert (await phone.confirms_email(link))["code"] == "LINK_USED"
    assert (await phone.changes_password(CHANGED_PASSWORD))["__typename"] == "PasswordChanged"
    assert (await phone.takes_codes({}))["__typename"] == "FallbackIssued"
    taken = await phone.device.fetch((await phone.device.ask("{ viewer { exportUrl } }"))["exportUrl"])
    assert taken.status_code == 200, taken.text


async def puts_secrets_where_they_do_not_belong(scene: Scene) -> None:
    """Into every argument of every root field: of the wrong type, in an unknown field, in the document itself."""
    stranger = scene.watched(Person(scene.sluis, Belongings("Mallory", "mallory@elsewhere.example"), "BEARER"))
    plugins = ["totp", "passkeys", "recovery_codes", "remembered_devices"]
    schema = build_schema(build_registry(plugins, {}))._schema
    assert schema.mutation_type is not None
    assert schema.query_type is not None
    for verb, root in (("mutation", schema.mutation_type), ("query", schema.query_type)):
        for name, field_of_root in root.fields.items():
            for argument, kind in field_of_root.args.items():
                await _misplaces(stranger, f"{verb}($given: {kind.type})", verb, name, argument, kind)
    await stranger.device.post(f'{{ viewer(password: "{MISPLACED}") }} }}')


async def _misplaces(
    stranger: Person, declared: str, verb: str, name: str, argument: str, kind: GraphQLArgument
) -> None:
    for wrong in (MISPLACED, [MISPLACED], {"unknown": MISPLACED}, *_misfilled(kind)):
        await stranger.device.post(f"{declared} {{ {name}({argument}: $given) {{ __typename }} }}", {"given": wrong})
    literal = json.dumps(MISPLACED)
    for misplaced in (f"{{ unknown: {literal} }}", f"[{literal}]", f"{literal} {literal}"):
        await stranger.device.post(f"{verb} {{ {name}({argument}: {misplaced}) {{ __typename }} }}")


def _misfilled(argument: GraphQLArgument) -> Iterator[dict[str, Any]]:
    """An input object with every field of the wrong type at once."""
    kind = get_named_type(argument.type)
    if isinstance(kind, GraphQLInputObjectType):
        yield {name: {"wrong": [MISPLACED]} for name in kind.fields}


async def all_mail_leaves(scene: Scene) -> None:
    async with asyncio.timeout(30):
        while await _mail_is_due(scene):  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.05)


async def _mail_is_due(scene: Scene) -> bool:
    """What can wait leaves by day, whenever this runs."""
    waiting = await scene.sluis.rows("SELECT due_at FROM outbox_message WHERE state = 'WAITING'")
    return any((due := as_time(row["due_at"])) and due <= datetime.now(UTC) for row in waiting)


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
    canaries = Canaries({"any": {PASSWORD, "123456", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "ABCD-EFGH-JKLM"}})
    for hay, secret in (
        (b"x" + PASSWORD.upper().encode(), PASSWORD),
        (base64.b64encode(PASSWORD.encode()), PASSWORD),
        (b'{"code": "123456"}', "123456"),
        (base64.b32decode("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
        (b"abcdefghjklm", "ABCD-EFGH-JKLM"),
    ):
        assert canaries.found_in(hay) == {secret}
    assert canaries.found_in(b"12:00:01.123456, 0a123456-, 1123456") == set()


@pytest.mark.parametrize(
    ("code", "data", "kept"),
    [
        ("INVALID_TOKEN", {"signIn": {"token": "x" * 32}}, {"signIn": {"token": None}}),
        ("INVALID_TOKEN", {"viewer": {"name": "x" * 32}}, {"viewer": {"name": "x" * 32}}),
        ("NOT_ALLOWED", {"signIn": [{"token": "x" * 32}]}, {"signIn": [{"token": "x" * 32}]}),
    ],
)
def test_of_an_answer_with_errors_only_the_next_sign_in_is_not_judged(code: str, data: Answer, kept: Answer) -> None:
    errors = [{"message": "No.", "extensions": {"code": code}}]
    assert _without_what_is_given({"data": data, "errors": errors}) == {"data": kept, "errors": errors}


async def test_what_a_plugin_says_when_it_fails_is_told_nobody(
    sluis: Sluis, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """It has the code, and puts it into its error; what is logged is the kind of the error and where it came from."""
    dr_vos = at_work(sluis, sluis.population.dr_vos)
    step, code = await dr_vos.starts_sign_in(), dr_vos.app.code()

    async def verify(*given: Any) -> Any:
        raise RuntimeError(f"no luck with {code}: {given}")

    with misbehaving(sluis, "totp", verify=verify), capture_logs() as lines:
        answer = await dr_vos.proves(step, "totp", code)
    assert answer["code"] == "PROOF_WRONG", answer
    logged = f"{lines} {caplog.text} {''.join(capfd.readouterr())}"
    assert "RuntimeError" in logged
    stored = await everything_stored(sluis.database)
    canaries = Canaries({"code": {code}, "said": {"no luck with"}})
    assert not canaries.found_in(f"{logged} {answer}".encode() + stored)
