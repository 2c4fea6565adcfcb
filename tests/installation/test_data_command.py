"""``verify-data``: what must be true of the rows, and what shows when it is not."""

from collections.abc import AsyncIterator

import pytest

from models.invariants import INVARIANTS
from models.locks import ORDER
from tests.support.command import Ended, ran
from tests.support.databases import Database, Databases
from tests.support.population import Population

pytestmark = pytest.mark.database

#: One way to break each, past the product: SQL over the demo's rows.
_ADA = "(SELECT id FROM respondent WHERE name = 'Ada de Vries')"
_VOS = "(SELECT account_id FROM staff_member WHERE role = 'THERAPIST' AND account_id IS NOT NULL LIMIT 1)"
_LAST = "(SELECT id FROM practice WHERE slug = 'demo')"
_BREAKING = {
    "practice-without-an-owner": f"UPDATE staff_member SET role = 'ADMIN' WHERE practice_id = {_LAST} RETURNING id",
    "session-without-access": "UPDATE login_session SET ended_at = NULL, expires_at = '2999-01-01 00:00:00+00:00',"
    " account_id = account_id RETURNING id",
    "stand-in-alone": "DELETE FROM factor_enrolment WHERE role = 'PROOF' RETURNING id",
    "account-of-nobody": "DELETE FROM prospect RETURNING id",
    "exemption-without-a-reason": f"UPDATE account SET exempt_until = '2999-01-01 00:00:00+00:00' WHERE id = {_VOS}"
    " RETURNING id",
    "practice-of-respondent.dossier_id": "UPDATE respondent SET practice_id = (SELECT id FROM practice WHERE slug ="
    f" 'other') WHERE id = {_ADA} RETURNING id",
}


@pytest.fixture
async def peopled(databases: Databases, populated: tuple[Database, Population]) -> AsyncIterator[Database]:
    mine = await databases.copy(populated[0])
    yield mine
    await databases.drop(mine)


async def verified(database: Database) -> Ended:
    return await ran("verify-data", database_url=database.url)


async def test_data_that_is_as_it_must_be(peopled: Database) -> None:
    ended = await verified(peopled)
    assert (ended.code, ended.output) == (0, "All is as it must be.\n")


@pytest.mark.parametrize("name", _BREAKING)
async def test_a_row_that_breaks_a_rule_is_named(peopled: Database, name: str) -> None:
    if name == "session-without-access":
        await peopled.rows(f"UPDATE staff_member SET suspended_at = created_at WHERE account_id = {_VOS} RETURNING id")
    changed = await peopled.rows(_BREAKING[name])
    assert changed
    ended = await verified(peopled)
    assert ended.code == 1
    assert f"{name} " in ended.output
    assert ended.errors.startswith("The data is not as it must be: 1 finding(s)") or name == "stand-in-alone"


async def test_a_sealed_value_that_does_not_open_is_named(peopled: Database) -> None:
    (row, *_) = await peopled.rows("SELECT id, account_id FROM factor_enrolment WHERE factor = 'totp'")
    other = "SELECT id FROM account WHERE id <> ? AND audience = 'RESPONDENT'"
    (account,) = await peopled.rows(other, row["account_id"])
    await peopled.rows("UPDATE factor_enrolment SET account_id = ? WHERE id = ? RETURNING id", account["id"], row["id"])
    ended = await verified(peopled)
    assert ended.code == 1
    assert (
        f"factor_enrolment.state {row['id']}: a sealed value opens with one of the keys, at its place" in ended.output
    )


def test_each_rule_says_what_it_is_kept_by() -> None:
    assert {rule.kept_by for rule in INVARIANTS} <= {
        *ORDER,
        *("appointment", "report", "receipt_counter", "one transaction"),
    }
    assert len({rule.name for rule in INVARIANTS}) == len(INVARIANTS)
