"""Prospects, and respondents to link them to, at a cost that does not grow with how many there are."""

from datetime import date, timedelta

import pytest

from models import Audience, Prospect, Respondent, StaffRole
from tests.flows.office import Desk, Office

_PROSPECTS = """query($first: Int!, $after: String) { prospects(first: $first, after: $after) {
  totalCount verifiedCount unverifiedCount pageInfo { hasNextPage endCursor }
  edges { node { id name email phone birthDate verified signedUpAt lastSignInAt } } } }"""
_RESPONDENTS = """query($first: Int!, $search: String) { respondents(first: $first, search: $search) {
  totalCount edges { dossier { reference name } node { id name loginStatus { access accessBlockers { code } } } } } }"""


async def signed_up(office: Office, number: int) -> None:
    name = f"Name {number:03}"
    account = await office.account(Audience.RESPONDENT, name=name, email=f"n{number}@example.org")
    await Prospect.create(
        practice=office.practice,
        account=account,
        phone="1",
        birth_date=date(1984, 2, 29),
        sort_key=name.casefold(),
        # Two in each second: of equal times the id decides.
        created_at=office.app.now + timedelta(seconds=number // 2),
    )


@pytest.fixture
async def owner(office: Office) -> Desk:
    return await office.hire("olga", StaffRole.OWNER)


async def test_page_of_prospects_takes_three_statements(office: Office, other_office: Office, owner: Desk) -> None:
    for number in range(12):
        await signed_up(office, number)
    await signed_up(other_office, 99)
    seen: list[str] = []
    after, more = None, True
    while more:
        page = await owner.ask(_PROSPECTS, first=5, after=after)
        assert owner.statements == 3
        assert (page["totalCount"], page["verifiedCount"], page["unverifiedCount"]) == (12, 0, 12)
        seen += [edge["node"]["name"] for edge in page["edges"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert {*seen} == {f"Name {number:03}" for number in range(12)}
    assert [int(name[-3:]) // 2 for name in seen] == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1, 0, 0], "newest first"
    await owner.ask("{ prospects { edges { node { name } } } }")
    assert owner.statements == 2, "what is not selected is not counted"


async def test_page_of_respondents_takes_four_statements(office: Office, other_office: Office, owner: Desk) -> None:
    await office.dossiers(*(f"Name {number:03}" for number in range(10)))
    await other_office.dossiers("Name 003")
    await Respondent.filter(name="Name 003 1").update(name="Łukasz", sort_key="lukasz")
    for first in (1, 20):
        page = await owner.ask(_RESPONDENTS, first=first)
        assert isinstance(page, dict), page
        assert (len(page["edges"]), page["totalCount"]) == (first, 20)
        assert owner.statements == 4
    for search, found in (("lukasz", 1), ("ŁUK", 1), ("name 003", 2), ("%", 0), ("", 20)):
        assert (await owner.ask(_RESPONDENTS, first=5, search=search))["totalCount"] == found


@pytest.mark.parametrize("question", [_PROSPECTS, _RESPONDENTS])
async def test_page_of_prospects_beyond_the_limit_is_refused(owner: Desk, question: str) -> None:
    assert await owner.ask(question, first=0) == "PAGE_TOO_LARGE"
    assert await owner.ask(question, first=101) == "PAGE_TOO_LARGE"
