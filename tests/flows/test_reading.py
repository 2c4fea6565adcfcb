"""Dossiers as staff read them: by page and by id, within reach, at a cost that does not grow with what is there."""

from typing import Any

import pytest

from models import AuditEvent, CaseloadEntry, Respondent, StaffRole
from schema.kit.ids import node_id
from tests.flows.office import Desk, Office

_PAGE = """query($first: Int!, $after: String, $search: String, $closed: Boolean) {
  dossiers(first: $first, after: $after, search: $search, closed: $closed) {
    totalCount pageInfo { hasNextPage hasPreviousPage endCursor }
    edges { node { ...Everything } } } }
fragment Everything on Dossier { id reference name birthDate language closed version therapists { id name }
  respondents { id name relation email phone version loginStatus {
    loginCode email phone access approvedBy approvedAt factorSet lastSignInAt resetRequestedAt
    steps { step party doneAt } accessBlockers { code party mutation message }
    invitation { state sentTo sentAt relayedAt openedAt expiresAt } } } }"""
_NODE = "query($id: ID!) { node(id: $id) { __typename id } }"
_NAMES = [f"Name {number:03}" for number in range(30)]


def _names(page: Any) -> list[str]:
    return [edge["node"]["name"] for edge in page["edges"]]


@pytest.fixture
async def owner(office: Office) -> Desk:
    return await office.hire("olga", StaffRole.OWNER)


async def test_page_of_dossiers_takes_four_statements_for_any_size(office: Office, owner: Desk) -> None:
    await office.dossiers(*_NAMES)
    for first in (1, 10, 30):
        page = await owner.ask(_PAGE, first=first, closed=False)
        assert len(page["edges"]) == first
        assert len(page["edges"][-1]["node"]["respondents"]) == 2
        assert owner.statements == 4


async def test_unselected_fields_are_not_read(office: Office, owner: Desk) -> None:
    await office.dossiers("Anna")
    assert await owner.ask("{ dossiers { edges { node { name } } } }") == {"edges": [{"node": {"name": "Anna"}}]}
    assert owner.statements == 2  # the rows, and the audit's


async def test_pages_of_dossiers_have_no_gap_and_no_repeat(office: Office, owner: Desk) -> None:
    await office.dossiers(*_NAMES, respondents=0)
    seen: list[str] = []
    after, more = None, True
    while more:
        page = await owner.ask(_PAGE, first=7, after=after, closed=False)
        assert page["totalCount"] == 30
        assert page["pageInfo"]["hasPreviousPage"] is bool(seen)
        seen += _names(page)
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert seen == _NAMES
    behind = await owner.ask(_PAGE, first=7, after=after, closed=False)
    assert (behind["edges"], behind["totalCount"]) == ([], 30)


@pytest.mark.parametrize("first", [0, -1, 101])
async def test_page_of_dossiers_beyond_the_limit_is_refused(owner: Desk, first: int) -> None:
    assert await owner.ask(_PAGE, first=first) == "PAGE_TOO_LARGE"


@pytest.mark.parametrize("after", ["", "xx", "W10", "bnVsbA", "*", "é", "x" * 700, "WyJhIiwiYiJd"])
async def test_dossiers_with_a_made_up_cursor_are_refused(owner: Desk, after: str) -> None:
    assert await owner.ask(_PAGE, first=1, after=after) == "BAD_CURSOR"


@pytest.mark.parametrize(
    ("search", "found"),
    [("lukasz", 1), ("ŁUK", 1), ("  lukasz   ZAK", 1), ("%", 0), ("_", 0), ("\\", 0), ("nobody", 0), ("", 2)],
)
async def test_search_ignores_case_and_accents(owner: Desk, search: str, found: int) -> None:
    make = "mutation($input: CreateDossierInput!) { createDossier(input: $input) { __typename } }"
    await owner.ask(make, input={"reference": "A1", "name": "Łukasz Żak"})
    await owner.ask(make, input={"reference": "B1", "name": "Anna"})
    page = await owner.ask(_PAGE, first=5, search=search, closed=False)
    assert (len(page["edges"]), page["totalCount"]) == (found, found)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("strasse", 1),
        ("STRAẞE", 1),
        ("weiſſ", 1),  # noqa: RUF001
        ("weiß", 1),
        ("WEISS", 1),
        ("tm", 1),
        ("É-1", 1),
        ("ß/2", 1),
        ("e_1", 0),
    ],
)
async def test_search_ignores_other_spellings_of_a_letter(owner: Desk, search: str, found: int) -> None:
    make = "mutation($input: CreateDossierInput!) { createDossier(input: $input) { __typename } }"
    await owner.ask(make, input={"reference": "É-1", "name": "Anna Weiß, Straße"})
    await owner.ask(make, input={"reference": "ß/2", "name": "Tïm ™"})
    wanted = {"tm": "Tïm ™"}.get(search)
    page = await owner.ask(_PAGE, first=5, search=search, closed=False)
    assert len(page["edges"]) == found
    assert wanted is None or _names(page) == [wanted]


@pytest.mark.security
@pytest.mark.parametrize("search", ["\0", "anna\0", "\x07", "\ud800", "a" * 121])
async def test_search_with_control_characters_is_refused(office: Office, owner: Desk, search: str) -> None:
    """PostgreSQL stores no NUL, and is not asked for one."""
    await office.dossiers("Anna")
    assert await owner.ask(_PAGE, first=5, search=search) == "INVALID_INPUT"


async def test_closed_dossiers_are_listed_on_request(office: Office, owner: Desk) -> None:
    _, closing = await office.dossiers("Anna", "Bert")
    identity = node_id("Dossier", closing.id)
    await owner.ask("mutation($id: ID!) { closeDossier(dossier: $id, version: 0) { __typename } }", id=identity)
    for closed, expected in ((False, ["Anna"]), (True, ["Bert"]), (None, ["Anna", "Bert"])):
        assert _names(await owner.ask(_PAGE, first=5, closed=closed)) == expected


async def test_therapist_sees_the_caseload_only(office: Office, owner: Desk) -> None:
    mine, other = await office.dossiers("Anna", "Bert")
    tom = await office.hire("tom", StaffRole.THERAPIST)
    await CaseloadEntry.create(practice=office.practice, staff_id=tom.caller.staff_id, dossier=mine)
    page = await tom.ask(_PAGE, first=5, closed=False)
    assert (_names(page), page["totalCount"]) == (["Anna"], 1)
    assert [one["name"] for one in page["edges"][0]["node"]["therapists"]] == ["tom"]
    assert (await tom.ask(_PAGE, first=5, search="bert", closed=None))["totalCount"] == 0
    assert (await tom.ask(_NODE, id=node_id("Dossier", mine.id)))["__typename"] == "Dossier"
    assert await tom.ask(_NODE, id=node_id("Dossier", other.id)) is None
    for dossier, sees in ((mine, True), (other, False)):
        person = await Respondent.filter(dossier_id=dossier.id).first()
        assert person is not None
        assert (await tom.ask(_NODE, id=node_id("Respondent", person.id)) is not None) is sees
    assert (await owner.ask(_PAGE, first=5, closed=False))["totalCount"] == 2


async def test_dossiers_of_another_practice_are_not_found(office: Office, other_office: Office, owner: Desk) -> None:
    (theirs,) = await other_office.dossiers("Anna")
    person = await Respondent.get(dossier_id=theirs.id, name="Anna 0")
    page = await owner.ask(_PAGE, first=5, closed=None)
    assert (page["edges"], page["totalCount"]) == ([], 0)
    unknown = "00000000-0000-4000-8000-000000000000"
    for identity in (
        node_id("Dossier", theirs.id),
        node_id("Respondent", person.id),
        node_id("Dossier", unknown),
        node_id("Respondent", theirs.id),
        node_id("StaffMember", owner.caller.staff_id),
        "none at all",
    ):
        assert await owner.ask(_NODE, id=identity) is None


async def test_reading_and_refused_reading_are_audited(office: Office, other_office: Office, owner: Desk) -> None:
    (mine,), (theirs,) = await office.dossiers("Anna"), await other_office.dossiers("Bert")
    await owner.ask(_PAGE, first=5, closed=False)
    await owner.ask(_PAGE, first=5, search="x")
    await owner.ask(_NODE, id=node_id("Dossier", mine.id))
    await owner.ask(_NODE, id=node_id("Dossier", theirs.id))
    told = {(row.event, row.outcome, *(one["id"] for one in row.subjects)) for row in await AuditEvent.all()}
    assert told == {
        ("dossier.listed", "SUCCESS", str(mine.id)),
        ("dossier.searched", "SUCCESS"),
        ("dossier.read", "SUCCESS", str(mine.id)),
        ("dossier.read", "REFUSED", str(theirs.id)),
    }


async def test_list_of_staff_takes_one_statement(office: Office, owner: Desk) -> None:
    for name in ("tom", "eva", "wim"):
        await office.hire(name, StaffRole.THERAPIST)
    listed = await owner.ask("{ staff { name role suspended caseloadSize invitation { state } } }")
    assert [one["name"] for one in listed] == ["eva", "olga", "tom", "wim"]
    assert owner.statements == 1
