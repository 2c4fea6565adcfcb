"""Dates are those of the practice's own calendar: half past midnight there is yesterday, or tomorrow, elsewhere."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from locales import shown_date
from tests.people.cast import Belongings, Person
from tests.people.manager import managing
from tests.people.staff import StaffPerson
from tests.support.sluis import Sluis

#: A time zone, a moment, and the date there.
ELSEWHERE = [
    ("Europe/Amsterdam", datetime(2026, 3, 8, 23, 30, tzinfo=UTC), date(2026, 3, 9)),
    ("America/Curacao", datetime(2026, 3, 9, 2, 0, tzinfo=UTC), date(2026, 3, 8)),
    ("Pacific/Auckland", datetime(2026, 3, 8, 12, 0, tzinfo=UTC), date(2026, 3, 9)),
]


async def moved(sluis: Sluis, zone: str, now: datetime) -> None:
    """The practice is in this time zone, and it is so late."""
    await sluis.rows("UPDATE practice SET time_zone = ?, sign_up_open = ? WHERE slug = 'demo'", zone, True)
    sluis.clock.now = now


async def gives_birth_date(member: StaffPerson, mutation: str, kind: str, given: dict[str, Any]) -> str:
    """What was answered: the type, or the problem with the date."""
    document = f"""mutation($input: {kind}!) {{ {mutation}(input: $input) {{ __typename
      ... on InvalidInput {{ problemCode field }} }} }}"""
    answer = await member.device.ask(document, input=given)
    return str(answer.get("problemCode", answer["__typename"]))


@pytest.mark.parametrize(("zone", "now", "today"), ELSEWHERE)
async def test_who_is_born_today_and_who_tomorrow(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, zone: str, now: datetime, today: date
) -> None:
    fleur = Person(sluis, Belongings("Fleur Peters", "fleur@clients.example"))
    await moved(sluis, zone, now)
    await dr_vos.signs_in()
    await dr_vos.lets_in(ada)
    tomorrow = today + timedelta(days=1)
    made = {"reference": "D-7300", "name": "Baby"}
    for day, answer in ((tomorrow, "PAST_DATE"), (today, "DossierCreated")):
        given = made | {"birthDate": day.isoformat()}
        assert await gives_birth_date(dr_vos, "createDossier", "CreateDossierInput", given) == answer
    dossier = await dr_vos.opens_dossier("D-1001")
    for day, answer in ((tomorrow, "PAST_DATE"), (today, "DossierUpdated")):
        given = {"id": dossier["id"], "version": dossier["version"], "birthDate": day.isoformat()}
        assert await gives_birth_date(dr_vos, "updateDossier", "UpdateDossierInput", given) == answer
    assert (await fleur.signs_up("gele tulp naast de molen", birthDate=tomorrow.isoformat()))["code"] == "INVALID_INPUT"
    signed_up = await fleur.signs_up("gele tulp naast de molen", birthDate=today.isoformat())
    assert signed_up["__typename"] == "SignUpRequested"
    assert (await ada.wants(birthDate=tomorrow.isoformat()))["code"] == "INVALID_INPUT"
    asked = await ada.wants(birthDate=(today - timedelta(days=1)).isoformat())
    assert asked["__typename"] == "ChangeRequested"


@pytest.mark.parametrize(("zone", "now", "today"), ELSEWHERE)
async def test_recovery_codes_say_when_they_were_made(
    sluis: Sluis, dr_vos: StaffPerson, ada: Person, zone: str, now: datetime, today: date
) -> None:
    await moved(sluis, zone, now)
    await dr_vos.signs_in()
    await dr_vos.lets_in(ada)
    sluis.clock.forward(minutes=1)
    await ada.signs_in()
    issued = await ada.device.ask(
        """mutation($input: FallbackInput!) { issueFallback(input: $input) {
             ... on FallbackIssued { issue { ... on RecoveryCodes { text } } } } }""",
        input={"factor": "recovery_codes"},
    )
    assert f"Gemaakt op {shown_date(today, 'nl')}" in issued["issue"]["text"]


@pytest.mark.parametrize(
    ("now", "month"),
    [
        (datetime(2026, 3, 31, 21, 59, tzinfo=UTC), "2026-03"),
        (datetime(2026, 3, 31, 22, 0, tzinfo=UTC), "2026-04"),
    ],
)
async def test_the_month_of_text_messages_is_the_practices(
    sluis: Sluis, olga: StaffPerson, now: datetime, month: str
) -> None:
    sluis.clock.now = now
    await olga.signs_in()
    assert (await managing(olga).sees_sms_usage())["month"] == month
