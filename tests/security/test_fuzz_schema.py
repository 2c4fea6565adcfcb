"""The whole schema, asked by four kinds of people what nobody would ask: no fault, and nobody else's secrets."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest

from flows.core.paging import cursor_of
from plugins.registry import BUILT_IN
from schema.kit.ids import node_id
from tests.delivery.provider import providing
from tests.migrations.filling import fill
from tests.people.bookkeeper import Bookkeeper, keeping_books
from tests.people.cast import Belongings, Person, token_of
from tests.people.manager import Manager, managing
from tests.people.staff import at_work
from tests.support.clock import Clock
from tests.support.databases import Database, Databases
from tests.support.fuzzing import OPERATIONS, Known, Tally, fuzz, judged
from tests.support.population import Population
from tests.support.sluis import PATIENT, Sluis, running

# The server, in another thread of this process, draws what it pleases.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Do not use the `random` module:hypothesis.errors.HypothesisDeprecationWarning"
)

#: The text in every column of the rows of another practice.
_FOREIGN = "1 Łukasz"
_SOMEBODY_ELSE = "Grietje Geheim"
_KINDS = {
    "Account": "account",
    "AnswerForm": "answer_form",
    "Appointment": "appointment",
    "Challenge": "challenge",
    "ChangeRequest": "change_request",
    "Dossier": "dossier",
    "FactorEnrolment": "factor_enrolment",
    "LoginSession": "login_session",
    "Prospect": "prospect",
    "Receipt": "receipt",
    "Report": "report",
    "ReportRelease": "report_release",
    "Respondent": "respondent",
    "StaffMember": "staff_member",
    "StoredFile": "stored_file",
}
#: What staff write down, each beyond the reach of somebody.
_CARE = (
    "Grietje Geheim",
    "D-1009",
    "Bram Jansen",
    "D-1002",
    "Eva Smit",
    "vos@desluis.example",
    "owner@desluis.example",
)


@dataclass(frozen=True)
class Scene:
    """A practice with something of everything in it."""

    sluis: Sluis
    dr_vos: Bookkeeper
    olga: Manager
    ada: Person
    stranger: Person
    tokens: Sequence[str]

    async def known(self) -> Known:
        stored = await self.sluis.database.tables()
        ids = [node_id(kind, row["id"]) for kind, table in _KINDS.items() for row in stored[table][:6]]
        (dossier,) = await self.sluis.rows("SELECT id FROM dossier WHERE reference = ?", "D-1001")
        cursors = [cursor_of(key, str(dossier["id"])) for key in ("ada de vries", "2026-03-02T12:00:00+00:00", "7", "")]
        addresses = [self.ada.own.email, "bram@clients.example", "nieuw@clients.example", "Ada@Clients.example "]
        words = {
            "practice": ["demo", "demo", "other", "demo\0"],
            "after": cursors,
            "token": self.tokens,
            "signIn": self.tokens,
            "email": addresses,
            "login": [*addresses, self.ada.own.login, "0000 0000"],
            "password": ["vier paarse olifanten zwemmen", self.ada.own.password, "kort", "x" * 4096],
            "phone": ["+31612345678", "0612345678", "+1 900 555 0100"],
            "reference": ["D-1001", "D-9999", "ROM-1"],
            "month": ["2026-03", "2026-3", "0000-01", "9999-12"],
            "language": ["nl", "en", "fr"],
            "locale": ["nl", "en"],
            "factor": [*BUILT_IN, "sms\0"],
            "code": [self.ada.app.code(), "000000", "AAAA-BBBB-CCCC"],
            "timezone": ["Europe/Amsterdam", "../etc/passwd", "UTC\0"],
        }
        return Known(ids, words)


@asynccontextmanager
async def scene(mine: Database, population: Population, clock: Clock) -> AsyncIterator[Scene]:
    async with (
        providing() as provider,
        running(
            mine,
            population,
            clock,
            plugins=list(BUILT_IN),
            sms_gateway="http",
            sms_gateway_options={"url": provider.url},
            **PATIENT,
        ) as sluis,
    ):
        dr_vos = keeping_books(at_work(sluis, population.dr_vos, "BEARER"))
        olga = managing(at_work(sluis, population.olga, "BEARER"))
        for person in (dr_vos, olga):
            assert (await person.signs_in())["__typename"] == "SignedIn"
        ada = Person(sluis, Belongings("Ada de Vries", "ada@clients.example"), "BEARER")
        await _happens(sluis, dr_vos, olga, ada)
        yield Scene(sluis, dr_vos, olga, ada, _stranger(sluis), await _mailed(sluis, dr_vos, ada))


def _stranger(sluis: Sluis) -> Person:
    return Person(sluis, Belongings("Mallory", "mallory@elsewhere.example"), "BEARER")


async def _happens(sluis: Sluis, dr_vos: Bookkeeper, olga: Manager, ada: Person) -> None:
    """One of everything; and in another practice a row in every table."""
    respondent = {"id": await dr_vos.lets_in(ada)}
    dossier = await dr_vos.opens_dossier("D-1001")
    now = sluis.clock.now
    held = (await dr_vos.books(dossier, now, timedelta(minutes=1), whom=[respondent]))["appointment"]
    await dr_vos.books(dossier, now + timedelta(days=1), whom=[respondent])
    sluis.clock.forward(minutes=1)
    assert "code" not in await dr_vos.issues(held, respondent)
    report = (await dr_vos.adds_report(dossier["id"], text="Verslag van het gesprek"))["report"]["id"]
    assert "code" not in await dr_vos.releases(report, respondent["id"])
    assert "code" not in await dr_vos.delivers(respondent["id"], "ROM-1")
    assert "code" not in await ada.wants(name="Ada de Wit")
    secret = (await olga.creates_dossier("D-1009", _SOMEBODY_ELSE))["dossier"]["id"]
    assert "code" not in await olga.adds_respondent(secret, _SOMEBODY_ELSE, None)
    await fill(1)


async def _mailed(sluis: Sluis, dr_vos: Bookkeeper, ada: Person) -> list[str]:
    """Tokens of an invitation, of a reset and of a sign-in under way."""
    bram = Person(sluis, Belongings("Bram Jansen", "bram@clients.example"))
    await dr_vos.invites((await dr_vos.finds(bram.own.name))["id"])
    await ada.forgets_password()
    under_way = (await ada.elsewhere("BEARER").starts_sign_in())["token"]
    return [token_of(await bram.gets_link("accept")), token_of(await ada.gets_link("reset")), under_way, "x"]


#: Who asks, and what they must not see.
CALLERS: dict[str, tuple[Callable[[Scene], Person], Sequence[str]]] = {
    "nobody": (lambda scene: scene.stranger, (*_CARE, "Ada de Vries", "D-1001", "Verslag van het gesprek")),
    "respondent": (lambda scene: scene.ada, (*_CARE,)),
    "therapist": (lambda scene: scene.dr_vos, (_SOMEBODY_ELSE, "D-1009", "Eva Smit")),
    "owner": (lambda scene: scene.olga, ()),
}


@pytest.mark.timeout(0)
# What differs between the databases is in statements: these two get to all of them.
@pytest.mark.parametrize(
    "caller", [pytest.param(name, marks=[pytest.mark.database] * (name in ("respondent", "owner"))) for name in CALLERS]
)
async def test_no_document_breaks_anything_or_shows_what_is_somebody_elses(
    caller: str, databases: Databases, populated: tuple[Database, Population]
) -> None:
    """A scene is played until its person can't sign in any more, since some documents do what they ask."""
    template, population = populated
    who, secrets = CALLERS[caller]
    waiting, tally = list(reversed(OPERATIONS)), Tally()
    while waiting:
        mine = await databases.copy(template)
        try:
            async with scene(mine, population, Clock()) as played:
                known = await played.known()
                begun = len(waiting)
                while waiting and (await _comes_in(who(played)) or len(waiting) == begun):
                    await _fuzzed(waiting.pop(), who(played), known, (*secrets, _FOREIGN), tally)
        finally:
            await databases.drop(mine)
    assert len(tally.ran) > 0.9 * len(OPERATIONS), "nearly every field ran"
    assert "BAD_QUERY" in tally.answers, "some documents are wrong"


async def _comes_in(person: Person) -> bool:
    """Whether they are signed in anew, with a proof of this moment; strangers never are."""
    if not person.own.login:
        return True
    person.sluis.clock.forward(seconds=30)
    arrived: bool = (await person.signs_in())["__typename"] == "SignedIn"
    return arrived


async def _fuzzed(operation: Any, person: Person, known: Known, secrets: Sequence[str], tally: Tally) -> None:
    headers = {"Authorization": f"Bearer {person.device.session_token}"} if person.device.session_token else {}

    def work() -> None:
        # Hypothesis is synchronous, and the server runs in this loop: so the client has a thread.
        with httpx.Client(base_url=person.sluis.url, headers=headers, timeout=30) as http:
            fuzz(operation, known, lambda asked: http.post("/graphql", json=asdict(asked)), secrets, tally)

    await asyncio.to_thread(work)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, '{"data": null}'),
        (200, '{"errors": [{"message": "x", "extensions": {"code": "INTERNAL"}}]}'),
        (200, '{"errors": [{"message": "no such file: x.py", "extensions": {"code": "BAD_QUERY"}}]}'),
        (200, '{"data": {"viewer": {"name": "1 Łukasz"}}}'),
        (200, '{"data": null, "debug": 1}'),
        (200, '{"data": null, "extensions": {}}'),
        (200, '{"data": null, "extensions": {"session": {"code": "INVALID_TOKEN", "message": "of account 7"}}}'),
        (200, '{"data": null, "extensions": {"cost": 7}}'),
        (200, "{}"),
    ],
)
def test_what_is_wrong_with_a_reply_is_seen(status: int, body: str) -> None:
    with pytest.raises((AssertionError, KeyError)):
        judged(httpx.Response(status, text=body), [_FOREIGN])
