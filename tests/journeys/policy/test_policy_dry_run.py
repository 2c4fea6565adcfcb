"""Trying a policy: who could not comply on a date, page by page, and nothing is changed by asking."""

from datetime import timedelta
from typing import Any

import pytest

from flows.core.context import ClientInfo
from flows.signin.sessions import authenticate
from models.db.engines.counting import Tally, tally
from schema.build import build_schema
from schema.kit.context import Context
from tests.people.cast import Belongings, Person
from tests.people.factor_owner import FactorOwner
from tests.people.manager import Manager, managing
from tests.people.staff import StaffPerson
from tests.support.clock import MONDAY_NOON
from tests.support.sluis import Sluis


@pytest.fixture
def given_settings() -> dict[str, Any]:
    return {"plugins": ["totp", "passkeys", "recovery_codes", "remembered_devices"]}


@pytest.fixture
def owner(olga: StaffPerson) -> Manager:
    return managing(olga)


@pytest.fixture
async def ada(sluis: Sluis, dr_vos: StaffPerson) -> FactorOwner:
    """Let in with an app and recovery codes."""
    ada = FactorOwner(sluis, Belongings("Ada de Vries", "ada@clients.example"))
    await dr_vos.lets_in(ada)
    return ada


@pytest.mark.tampers("factor_enrolment.state")
async def test_a_dry_run_names_who_is_not_ready(
    sluis: Sluis, owner: Manager, ada: FactorOwner, bram: Person, dr_vos: StaffPerson
) -> None:
    assert [gap["name"] for gap in (await owner.tries_policy())["gaps"]] == ["Eva Smit"], "who signed up"
    await dr_vos.invites((await dr_vos.finds("Bram Jansen"))["id"])
    await bram.accepts(await bram.gets_link("accept"), "fietsen langs de vecht")
    carla = FactorOwner(sluis, Belongings("Carla Jansen", "carla@clients.example"))
    await dr_vos.lets_in(carla)
    await sluis.rows(
        """UPDATE factor_enrolment SET factor = 'pigeon' WHERE role = 'PROOF' AND account_id =
             (SELECT id FROM account WHERE name = 'Carla Jansen')"""
    )
    await sluis.rows(
        """DELETE FROM factor_enrolment WHERE role = 'FALLBACK' AND account_id =
             (SELECT id FROM account WHERE name = 'Carla Jansen')"""
    )
    run = await owner.tries_policy(factors=["passkeys"])
    assert [(gap["name"], gap["reason"], gap["lockedOut"]) for gap in run["gaps"]] == [
        ("Ada de Vries", "ONLY_DISALLOWED_FACTORS", False),
        ("Bram Jansen", "NO_FACTOR", False),
        ("Carla Jansen", "PLUGIN_MISSING", True),
        ("Eva Smit", "NO_FACTOR", False),
    ]
    assert (run["demand"], run["totalCount"], run["lockedOutCount"]) == ("REQUIRED", 4, 1)
    assert {(t["reason"], t["lockedOut"]): t["count"] for t in run["totals"]} == {
        ("NO_FACTOR", False): 2,
        ("ONLY_DISALLOWED_FACTORS", False): 1,
        ("PLUGIN_MISSING", True): 1,
    }
    now = await owner.tries_policy()
    assert [gap["name"] for gap in now["gaps"]] == ["Bram Jansen", "Carla Jansen", "Eva Smit"]
    later = (MONDAY_NOON + timedelta(days=60)).isoformat()
    waiting = await owner.tries_policy(requiredFrom=later)
    assert ([gap["name"] for gap in waiting["gaps"]], waiting["demand"]) == (["Carla Jansen"], "SILENT")
    assert (await owner.tries_policy(requiredFrom=later, on=MONDAY_NOON + timedelta(days=60)))["totalCount"] == 3
    assert (await owner.tries_policy("STAFF", factors=["passkeys"]))["totalCount"] == 2
    assert await sluis.count("audit_event", "event = 'policy.set'") == 0
    assert (await owner.sees_policy())["allFactors"], "trying changes nothing"
    assert await sluis.count("audit_event", "event = 'policy.dry_run'") == 6


@pytest.mark.tampers("account-of-nobody")
async def test_a_dry_run_comes_in_pages_at_a_constant_cost(sluis: Sluis, owner: Manager, ada: FactorOwner) -> None:
    await sluis.rows(
        """INSERT INTO account (id, practice_id, audience, login_code, name, locale, must_change_password, epoch,
                                created_at)
           SELECT {id}, practice_id, audience, CAST(20000000 + number AS VARCHAR(8)), 'Person', locale,
                  must_change_password, epoch, created_at
             FROM account, ({numbers}) AS numbers WHERE name = 'Ada de Vries'""".format(**_MANY[sluis.database.url[:6]])
    )
    names, after = [], None
    while True:
        page = await owner.tries_policy(first=100, after=after)
        names += [gap["account"] for gap in page["gaps"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert (len(names), len(set(names)), page["totalCount"]) == (251, 251, 251), "and who signed up"
    assert await cost_of(sluis, owner, 1) == await cost_of(sluis, owner, 100) <= 6
    assert (await owner.tries_policy(first=101))["code"] == "PAGE_TOO_LARGE"
    assert (await owner.tries_policy(after="x"))["code"] == "BAD_CURSOR"


async def cost_of(sluis: Sluis, owner: Manager, first: int) -> int:
    """The statements of one dry run with a page of so many."""
    app = sluis.app
    assert app is not None
    caller = await authenticate(app, ClientInfo(), owner.device.session_token or "")
    document = f"{{ policyDryRun(input: {{ audience: RESPONDENT }}, first: {first}) {{ __typename }} }}"
    counting = tally.set(counted := Tally())
    try:
        result = await build_schema(app.factors).execute(document, context_value=Context(app, ClientInfo(), caller))
    finally:
        tally.reset(counting)
    assert result.data == {"policyDryRun": {"__typename": "PolicyDryRun"}}
    return counted.statements


#: How each database makes 250 ids.
_MANY = {
    "sqlite": {
        "id": "'00000000-0000-4000-8000-0000' || CAST(20000000 + number AS VARCHAR(8))",
        "numbers": "WITH RECURSIVE n(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM n WHERE number < 250) "
        "SELECT number FROM n",
    },
    "postgr": {"id": "gen_random_uuid()", "numbers": "SELECT generate_series(1, 250) AS number"},
}
