"""What the log of a dossier costs, and that it has words for every act."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from flows.audit_trail.audit_words import words_of
from flows.core import audit
from flows.core.audit import Actor
from flows.core.context import AppContext, ClientInfo
from locales import LANGUAGES
from models import AuditSubject
from models.core.audit import told_about
from models.db.engines.counting import Tally, tally
from tests.flows.office import Office
from tests.support.clock import Clock

_EVENTS = re.compile(r'"((?:dossier|respondent|access|invitation|report|answers|appointment|receipt|change)\.[a-z_]+)"')
_FLOWS = Path(__file__).parents[2] / "flows"


async def test_every_subject_finds_its_rows(office: Office, app: AppContext, clock: Clock) -> None:
    actor = Actor(ClientInfo(), str(office.practice.id))
    one, other = "6b0c2f2e-0000-4000-8000-000000000001", "6b0c2f2e-0000-4000-8000-000000000002"
    for number in range(12):
        clock.forward(minutes=1)
        subjects = [("Dossier", one), ("Dossier", other if number % 2 else None), ("Dossier", "x" * 200)]
        await audit.record(app, actor, f"dossier.n{number}", *subjects)
    await audit.record(app, actor, "policy.set")
    assert await AuditSubject.all().count() == 12 * 2 + 6
    practice = str(office.practice.id)
    rows = await told_about(practice, [one, other], 5)
    assert [row.event for row in rows] == [f"dossier.n{number}" for number in (11, 10, 9, 8, 7)], "each once"
    again = await told_about(practice, [other], 5, (rows[-1].at, rows[-1].id))
    assert [row.event for row in again] == ["dossier.n5", "dossier.n3", "dossier.n1"]
    assert await told_about(one, [one], 5) == [], "another practice has none of it"


@pytest.mark.parametrize("number", [1, 40])
async def test_writing_and_reading_take_one_statement_for_any_number_of_rows(
    office: Office, app: AppContext, clock: Clock, number: int
) -> None:
    actor, counted = Actor(ClientInfo(), str(office.practice.id)), Tally()
    ids = [f"6b0c2f2e-0000-4000-8000-{n:012}" for n in range(number)]
    counting = tally.set(counted)
    try:
        await audit.record(app, actor, "dossier.listed", *(("Dossier", identity) for identity in ids))
        assert counted.statements == 1
        for identity in ids:
            await audit.record(app, actor, "dossier.read", ("Dossier", identity))
        before = counted.statements
        rows = await told_about(str(office.practice.id), ids, 100, (app.now + timedelta(seconds=1), ids[0]))
        assert (len(rows), counted.statements - before) == (number + 1, 1)
    finally:
        tally.reset(counting)


def test_every_act_has_a_text_in_both_languages() -> None:
    events = {event for file in _FLOWS.rglob("*.py") for event in _EVENTS.findall(file.read_text())}
    assert len(events) > 20
    for event in events:
        for locale in LANGUAGES:
            said = words_of(event, locale)
            assert not re.search("omething about|ts gewijzigd aan", said) or event.endswith(("updated", "changed")), (
                event
            )


def test_text_of_a_read_names_what_was_read() -> None:
    """Not every look is one at the whole dossier."""
    assert words_of("agenda.read", "en") == "Saw an appointment in the agenda"
    assert words_of("agenda.read", "nl") == "Een afspraak in de agenda gezien"
    assert words_of("receipt.voided", "nl") == "Een kwitantie laten vervallen"
    assert words_of("change.rejected", "nl") == "Een gevraagde wijziging afgewezen"
