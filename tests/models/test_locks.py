"""Rows are held in one order; who asks for one too late fails at once, and who writes without one is noticed."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from models import AccessGrant, Account, Audience, Dossier, Practice
from models.db.database import OutOfOrder, close_database, open_database, transaction
from models.locks import ORDER, hold_account, hold_open, hold_practice, hold_rows
from tests.support.clock import MONDAY_NOON
from tests.support.databases import Database
from tests.support.watching import RULES, watched

pytestmark = pytest.mark.database


@pytest.fixture
async def practice(database: Database) -> AsyncIterator[Practice]:
    await open_database(database.url)
    try:
        yield await Practice.create(slug="linden", name="Linden", created_at=MONDAY_NOON)
    finally:
        await close_database()


@pytest.fixture
async def dossier(practice: Practice) -> Dossier:
    return await Dossier.create(practice=practice, reference="1", name="Ada", sort_key="ada", created_at=MONDAY_NOON)


@pytest.fixture
async def accounts(practice: Practice) -> list[Account]:
    """By their ids."""
    made = [
        await Account.create(
            practice=practice, audience=Audience.RESPONDENT, login_code=f"1234567{number}", created_at=MONDAY_NOON
        )
        for number in range(2)
    ]
    return sorted(made, key=lambda account: account.id)


async def test_locking_against_the_order_is_refused(dossier: Dossier, accounts: list[Account]) -> None:
    async with transaction():
        await hold_account(accounts[1].id)
        with pytest.raises(OutOfOrder):
            await hold_open(dossier.id)
        with pytest.raises(OutOfOrder):
            await hold_account(accounts[0].id)
        assert await hold_account(accounts[1].id) is not None, "what is held may be asked for again"
    async with transaction():
        assert await hold_open(dossier.id), "another transaction begins anew"


async def test_locking_without_a_transaction_is_refused(practice: Practice) -> None:
    with pytest.raises(OutOfOrder):
        await hold_practice(practice.id)


async def test_rows_are_locked_in_order_whatever_the_arguments_order(
    practice: Practice, dossier: Dossier, accounts: list[Account]
) -> None:
    async with transaction():
        ids = [accounts[1].id, None, accounts[0].id, uuid4()]
        held = await hold_rows(accounts=ids, dossiers=[dossier.id], practice=practice.id)
    assert held.practice == practice
    assert list(held.dossiers) == [dossier.id]
    assert list(held.accounts) == [account.id for account in accounts]


async def test_locked_row_is_read_again(accounts: list[Account]) -> None:
    await Account.filter(id=accounts[0].id).update(epoch=7)
    async with transaction():
        held = await hold_account(accounts[0].id)
    assert held is not None
    assert (held.epoch, accounts[0].epoch) == (7, 0)


async def test_write_without_its_lock_is_reported(accounts: list[Account]) -> None:
    with watched() as watch:
        async with transaction():
            await hold_account(accounts[0].id)
            await AccessGrant.filter(account_id=accounts[0].id).update(scopes=None)
        assert not watch.found
        async with transaction():
            await AccessGrant.filter(account_id=accounts[0].id).update(scopes=None)
    (why,) = watch.found.values()
    assert why == "an account's last grant: hold a row of account first"


async def test_read_before_its_lock_is_reported(accounts: list[Account]) -> None:
    with watched() as watch:
        async with transaction():
            await AccessGrant.filter(account_id=accounts[0].id)
        assert not watch.found, "who only looks need not hold"
        async with transaction():
            await AccessGrant.filter(account_id=accounts[0].id)
            await hold_account(accounts[0].id)
            await AccessGrant.filter(account_id=accounts[0].id).update(scopes=None)
    (why,) = watch.found.values()
    assert why == "access_grant was looked at before account or respondent was held"


async def test_write_against_the_order_is_reported(dossier: Dossier, accounts: list[Account]) -> None:
    with watched() as watch:
        async with transaction():
            await Account.filter(id=accounts[0].id).update(epoch=1)
            await Dossier.filter(id=dossier.id).update(version=1)
    (why,) = watch.found.values()
    assert why == "dossier comes before account, which is held"


def test_every_lock_rule_names_tables_of_the_order() -> None:
    assert {table for rule in RULES for table in rule.held} <= set(ORDER)
