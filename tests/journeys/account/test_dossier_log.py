"""Who looked at my dossier: told to the client in plain words, and to nobody else."""

import pytest

from tests.people.cast import Belongings, Person
from tests.people.client import LOG
from tests.people.staff import StaffPerson
from tests.support.refusing import error
from tests.support.sluis import Sluis


async def test_the_client_reads_who_did_what(sluis: Sluis, dr_vos: StaffPerson, olga: StaffPerson, ada: Person) -> None:
    identity = await dr_vos.lets_in(ada)
    sluis.clock.forward(minutes=1)
    before = await ada.reads_log()
    sluis.clock.forward(minutes=1)
    await olga.sees_dossiers()
    sluis.clock.forward(minutes=1)
    await dr_vos.looks_at(identity)
    looked, listed, own, *earlier = await ada.reads_log()
    names = await _names(sluis)
    assert (looked["name"], looked["role"], looked["event"]) == (names["THERAPIST"], "THERAPIST", "respondent.read")
    assert looked["at"] == sluis.clock.now.isoformat()
    assert (listed["name"], listed["role"], listed["what"]) == (
        names["OWNER"],
        "OWNER",
        "Het in een lijst van dossiers gezien",
    )
    assert (own["actor"], own["name"], own["role"], own["event"]) == ("YOU", None, None, "dossier.log_read")
    assert earlier == before
    told = {entry["event"]: entry for entry in earlier}
    assert {"access.approved", "invitation.sent", "respondent.updated", "dossier.created"} <= told.keys()
    assert (told["invitation.accepted"]["actor"], told["invitation.accepted"]["name"]) == ("YOU", None)
    assert told["access.approved"]["what"] == "Het portaal opengezet"
    await ada.speaks("en")
    in_english = {entry["event"]: entry["what"] for entry in await ada.reads_log()}
    assert in_english["invitation.sent"] == "Sent an invitation"
    assert await sluis.count("audit_event", "event = 'dossier.log_read'") == 3


async def _names(sluis: Sluis) -> dict[str, str]:
    staff = "SELECT m.role, m.name FROM staff_member m JOIN practice p ON p.id = m.practice_id WHERE p.slug = 'demo'"
    return {row["role"]: row["name"] for row in await sluis.rows(staff)}


async def test_pages_follow_one_another(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    whole = [entry for entry in await ada.reads_log() if entry["event"] != "dossier.log_read"]
    seen, after = [], None
    while True:
        page = await ada.sees_who_looked(3, after)
        assert page["pageInfo"]["hasPreviousPage"] == (after is not None)
        seen += [edge["node"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert [entry for entry in seen if entry["event"] != "dossier.log_read"] == whole


async def test_asking_for_what_cannot_be_asked_for(dr_vos: StaffPerson, ada: Person) -> None:
    await dr_vos.lets_in(ada)
    for first in (0, -1, 101):
        assert (await error(ada, LOG, first=first))["code"] == "PAGE_TOO_LARGE"
    for after in ("", "x", "WyJhIiwiYiJd", "é" * 300):
        assert (await error(ada, LOG, first=1, after=after))["code"] == "BAD_CURSOR"


@pytest.mark.security
async def test_only_the_client_reads_the_log(
    sluis: Sluis, dr_vos: StaffPerson, dr_else: StaffPerson, ada: Person, bram: Person, mallory: Person
) -> None:
    """Not a parent, not staff, nobody before approval or after deactivation; and nobody reads another's."""
    adas = await dr_vos.lets_in(ada)
    carla = Person(sluis, Belongings("Carla Jansen", "carla@clients.example"))
    await dr_vos.lets_in(carla)
    assert (await error(mallory, LOG, first=1))["code"] == "NOT_SIGNED_IN"
    for person in (carla, dr_vos):
        assert (await error(person, LOG, first=1))["code"] == "NOT_ALLOWED"
    await dr_vos.lets_in(bram)
    assert await dr_else.looks_at(adas) is None, "refused, and told to the audit of that practice"
    mine, his = await ada.reads_log(), await bram.reads_log()
    assert not any(entry["refused"] for entry in mine), "what other practices tried is not this practice's to tell"
    assert all(entry["actor"] != "ANOTHER_PERSON" for entry in mine)
    assert {entry["event"] for entry in his if entry["actor"] == "ANOTHER_PERSON"} == {"invitation.accepted"}, "Carla's"
    await dr_vos.deactivates(adas)
    assert (await error(ada, LOG, first=1))["code"] == "NOT_SIGNED_IN"
    sluis.clock.forward(minutes=1)
    await dr_vos.approves(adas)
    await ada.signs_in()
    assert (await ada.reads_log())[0]["event"] == "access.approved"
