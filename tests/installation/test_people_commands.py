"""Making practices and staff where nobody can sign in yet: what is stored, what is mailed and what is refused."""

from collections.abc import AsyncIterator

import pytest

from tests.people.cast import Belongings, Person
from tests.people.staff import at_work
from tests.support.clock import Clock, RunningClock
from tests.support.command import Ended, ran
from tests.support.databases import Database, Databases
from tests.support.population import Population
from tests.support.sluis import Sluis

pytestmark = pytest.mark.database


@pytest.fixture
def clock() -> Clock:
    """The machine's, which is the only one that commands know."""
    return RunningClock()


@pytest.fixture
async def peopled(databases: Databases, populated: tuple[Database, Population]) -> AsyncIterator[Database]:
    """A database with practices and staff, and no server."""
    mine = await databases.copy(populated[0])
    yield mine
    await databases.drop(mine)


async def does(database: Database, *arguments: str) -> Ended:
    return await ran(*arguments, database_url=database.url)


async def test_a_practice_is_made_once(peopled: Database) -> None:
    made = await does(peopled, "create-practice", "de-linde", "Praktijk De Linde", "--language", "en")
    assert (made.code, made.output) == (0, "Made de-linde: http://localhost:8000/p/de-linde\n")
    (practice,) = await peopled.rows("SELECT * FROM practice WHERE slug = 'de-linde'")
    assert (practice["name"], practice["locale"], practice["invitation_seconds"]) == ("Praktijk De Linde", "en", 604800)
    again = await does(peopled, "create-practice", "de-linde", "Another")
    assert again.problems == ["There is a practice called 'de-linde' already; choose another slug."]
    assert await peopled.count("practice", "slug = 'de-linde'") == 1


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["De Linde", "De Linde"], "The slug is part of the portal's URL: lower-case letters, digits and single"),
        (["de--linde", "De Linde"], "The slug is part of the portal's URL: lower-case letters, digits and single"),
        (["l" * 41, "De Linde"], "The slug is part of the portal's URL: lower-case letters, digits and single"),
        (["linde", " "], "The practice needs a name of at most 120 characters."),
        (["linde", "n" * 121], "The practice needs a name of at most 120 characters."),
        (["linde", "De Linde", "--language", "fr"], "The language is one of de, en, nl."),
    ],
)
async def test_a_bad_practice_is_refused(peopled: Database, arguments: list[str], line: str) -> None:
    practices = await peopled.count("practice")
    (problem,) = (await does(peopled, "create-practice", *arguments)).problems
    assert problem.startswith(line)
    assert await peopled.count("practice") == practices


async def test_a_member_of_staff_is_invited_by_mail(sluis: Sluis) -> None:
    """The first owner of a new practice comes in by a link like everybody else."""
    await does(sluis.database, "create-practice", "linde", "Praktijk De Linde")
    invited = await does(sluis.database, "add-staff", "linde", "Mina Meer", "Mina@Linde.example", "--role", "OWNER")
    assert invited.output == "Invited Mina Meer as OWNER; the mail leaves as soon as the server runs.\n"
    mina = Person(sluis, Belongings("Mina Meer", "Mina@linde.example"), practice="linde")
    link = await mina.gets_link("accept")
    assert (await mina.opens(link))["practice"]["slug"] == "linde"
    assert (await mina.accepts(link, "vier paarse olifanten zwemmen"))["__typename"] == "AccountMade"
    mina.own.login = mina.own.email
    done = await mina.keeps_codes(await mina.sets_up_app(await mina.starts_sign_in()))
    assert (done["__typename"], done["access"]) == ("SignedIn", "APPROVED")
    (staff,) = await sluis.rows("SELECT * FROM staff_member WHERE name = 'Mina Meer'")
    assert staff["role"] == "OWNER"
    assert await sluis.count("audit_event", "event = 'staff.invited' AND actor_role = 'CONSOLE'") == 1


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["nowhere", "Mina", "mina@linde.example"], "There is no practice called 'nowhere'; make it with"),
        (["demo", "Mina", "mina at linde"], "That is no e-mail address that can be mailed to."),
        (["demo", "", "mina@linde.example"], "The person needs a name of at most 120 characters."),
        (["demo", "Vos", "VOS@desluis.example"], "Somebody with this e-mail address works there already."),
    ],
)
async def test_bad_staff_is_refused(peopled: Database, arguments: list[str], line: str) -> None:
    tables = ("staff_member", "invitation", "outbox_message", "audit_event")
    before = [await peopled.count(table) for table in tables]
    (problem,) = (await does(peopled, "add-staff", *arguments)).problems
    assert problem.startswith(line)
    assert [await peopled.count(table) for table in tables] == before


async def test_a_role_is_one_of_three(peopled: Database) -> None:
    ended = await does(peopled, "add-staff", "demo", "Mina", "mina@linde.example", "--role", "KING")
    assert (ended.code, ended.output) == (2, ""), "how a command is called is typer's to tell"
    assert "Traceback" not in ended.errors
    assert await peopled.count("staff_member", "name = 'Mina'") == 0


async def test_the_last_owner_gets_in_again_without_the_phone(sluis: Sluis) -> None:
    olga = at_work(sluis, sluis.population.olga)
    assert (await olga.signs_in())["__typename"] == "SignedIn"
    reset = await does(sluis.database, "reset-staff-factors", "demo", "OWNER@desluis.example")
    assert reset.output == "Olga Owner sets up a second factor again at the next sign-in.\n"
    assert await olga.looks_at_own_account() is None, "the session has ended"
    mine = "account_id = (SELECT account_id FROM staff_member WHERE name = 'Olga Owner')"
    assert await sluis.count("factor_enrolment", mine) == 0
    step = await olga.elsewhere().starts_sign_in()
    assert step["__typename"] == "EnrolmentRequired"
    assert (await olga.starts_sign_in(password="wrong"))["code"] == "WRONG_CREDENTIALS", "the password is as it was"
    assert await sluis.count("audit_event", "event = 'staff.factors_reset' AND actor_role = 'CONSOLE'") == 1


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["nowhere", "owner@desluis.example"], "There is no practice called 'nowhere'; make it with"),
        (["demo", "owner"], "That is no e-mail address."),
        (["demo", "nobody@desluis.example"], "Nobody with this e-mail address signs in at 'demo'."),
        (["other", "owner@desluis.example"], "Nobody with this e-mail address signs in at 'other'."),
    ],
)
async def test_nobody_else_is_reset(peopled: Database, arguments: list[str], line: str) -> None:
    factors = await peopled.count("factor_enrolment")
    (problem,) = (await does(peopled, "reset-staff-factors", *arguments)).problems
    assert problem.startswith(line)
    assert await peopled.count("factor_enrolment") == factors


async def test_a_practice_has_no_accounts_until_somebody_makes_one(database: Database) -> None:
    made = await does(database, "create-practice", "de-linde", "Praktijk De Linde")
    assert (made.code, await database.count("practice")) == (0, 1)
    assert [await database.count(table) for table in ("account", "staff_member", "invitation")] == [0, 0, 0]
