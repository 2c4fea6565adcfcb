"""Faults."""

from tests.security.defences import Defence, Structural

_DURABLE = "tests/journeys/faults/test_durability.py"
_KILLS = "tests/journeys/faults/test_kills.py::test_what_was_acknowledged_survives_being_killed"
_NTH = "tests/journeys/faults/test_faults.py::test_the_nth_statement_fails"
_OUTAGES = "tests/journeys/faults/test_outages.py"
_VALKEY = "tests/models/test_valkey.py"

ENTRIES = (
    Defence(
        row="acknowledged-writes",
        file="models/db/database.py",
        old='                "synchronous": "FULL",\n',
        new='                "synchronous": "NORMAL",\n',
        fails=(f"{_DURABLE}::test_what_is_acknowledged_is_on_the_disk",),
    ),
    Defence(
        row="acknowledged-writes",
        file="models/db/database.py",
        old='                "journal_mode": "WAL",\n',
        new='                "journal_mode": "MEMORY",\n',
        fails=(f"{_DURABLE}::test_what_is_acknowledged_is_on_the_disk",),
    ),
    Defence(
        row="spent-codes",
        file="models/second_factor/factor.py",
        old="        state=state, state_version=state_version, version=enrolment.version + 1, **used\n",
        new="        state_version=state_version, version=enrolment.version + 1, **used\n",
        fails=(_KILLS,),
    ),
    Defence(
        row="nth-statement",
        file="flows/access/access.py",
        old="        async with transaction():\n            current, grant = await hold_login(respondent)\n",
        new='        async with __import__("contextlib").AsyncExitStack():\n'
        "            from models.access.access import latest_grant_of\n"
        "            current, grant = respondent, await latest_grant_of(respondent.id)\n",
        fails=(f"{_NTH}[fails-approving]",),
    ),
    Defence(
        row="valkey-away",
        file="models/core/valkey.py",
        old="            self._lost(error)\n            return None\n",
        new="            self._lost(error)\n            return True\n",
        fails=(f"{_VALKEY}::test_database_counts_after_any_failure",),
    ),
    Defence(
        row="valkey-flushed",
        file="models/core/valkey.py",
        old="if since >= ARGV[1] then return 'elsewhere' end",
        new="if since == 'never' then return 'elsewhere' end",
        fails=(
            f"{_VALKEY}::test_database_counts_after_a_flush_until_the_next_minute",
            f"{_VALKEY}::test_database_counts_in_the_minute_of_the_start",
        ),
    ),
    Defence(
        row="disk-full",
        file="models/db/database.py",
        old="_SQLITE_WRONG = (sqlite3.SQLITE_ERROR, ",
        new="_SQLITE_WRONG = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_ERROR, ",
        fails=(f"{_DURABLE}::test_a_full_disk_refuses_and_work_goes_on_when_there_is_room",),
    ),
    Defence(
        row="database-busy",
        file="models/db/database.py",
        old="_SQLITE_WRONG = (sqlite3.SQLITE_ERROR, ",
        new="_SQLITE_WRONG = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_ERROR, ",
        fails=(
            f"{_OUTAGES}::test_work_goes_on_when_the_database_is_back",
            f"{_OUTAGES}::test_a_sign_in_under_way_goes_on",
        ),
    ),
    Structural(
        row="pool-exhausted",
        reason="Who finds no connection waits in line, within the time of the operation; the pool has no other answer.",
        shown_by=(
            f"{_DURABLE}::test_exhausted_pool_makes_a_request_wait",
            f"{_OUTAGES}::test_cancelled_wait_releases_no_other_lock",
        ),
    ),
    Defence(
        row="clock-set-back",
        file="security/limits.py",
        old="if end is not None and now < end)",
        new="if end is not None and now < end < now + 2 * _HOUR)",
        fails=("tests/security/test_limits.py::test_a_clock_set_back_opens_nothing_and_recovers",),
    ),
    Defence(
        row="clock-set-back-codes",
        file="factors/totp.py",
        old="        if step <= state.last_step or",
        new="        if step == state.last_step or",
        fails=("tests/factors/test_totp.py::test_a_clock_set_back_gives_no_second_use",),
    ),
    Defence(
        row="clock-set-back-windows",
        file="models/core/valkey.py",
        old="if since >= ARGV[1] then return 'elsewhere' end",
        new="if since == ARGV[1] then return 'elsewhere' end",
        fails=(f"{_VALKEY}::test_database_counts_after_the_clock_is_set_back",),
    ),
    Defence(
        row="waiting-in-a-circle",
        file="models/db/database.py",
        old="    if new and held and new[0] < max(held):\n",
        new="    if new is None:\n",
        fails=("tests/models/test_locks.py::test_locking_against_the_order_is_refused",),
    ),
)
