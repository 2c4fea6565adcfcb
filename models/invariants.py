"""What must always be true of the stored rows, as queries for the rows that break it.

Each says which row's lock keeps it (models/locks.py), or that the database itself does by what one transaction
stores. `python server.py verify-data` asks them all, and the tests ask them after every journey.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise import Tortoise

from models.db.database import fetch
from normalise.addresses import BadAddress, parse_email

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Invariant:
    """``broken`` selects the ``id`` of each row that breaks what is said; each ``?`` in it is the time now.

    ``kept_by`` is the row that is held by all who could break it. ``really`` decides about what SQL can't compare.
    """

    name: str
    says: str
    kept_by: str
    broken: str
    really: Callable[[Row], bool] | None = None


@dataclass(frozen=True, slots=True)
class Broken:
    """One row that is not as it must be."""

    invariant: str
    says: str
    id: str

    def __str__(self) -> str:
        return f"{self.invariant} {self.id}: {self.says}"


_MAY_NOT_SIGN_IN = """(
    a.suspended_at IS NOT NULL OR a.closed_at IS NOT NULL
    OR (a.audience = 'STAFF' AND NOT EXISTS (
        SELECT 1 FROM staff_member m WHERE m.account_id = a.id AND m.suspended_at IS NULL))
    OR (a.audience = 'RESPONDENT'
        AND EXISTS (SELECT 1 FROM access_grant g WHERE g.account_id = a.id)
        AND NOT EXISTS (SELECT 1 FROM access_grant g WHERE g.account_id = a.id AND g.state <> 'DEACTIVATED')))"""
#: What ``broken`` may name in braces: of account ``a`` and of invitation ``i``.
_PARTS = {"may_not_sign_in": _MAY_NOT_SIGN_IN, "open": "i.accepted_at IS NULL AND i.revoked_at IS NULL"}


def _other_address(row: Row) -> bool:
    return _key(row["mailed_to"]) != _key(row["address"])


def _key(address: str | None) -> str | None:
    try:
        return parse_email(address or "").key
    except BadAddress:
        return address


INVARIANTS = (
    Invariant(
        "session-without-access",
        "a login session is live only while its account may sign in: staff in office, respondents with a grant that is "
        "not deactivated, prospects",
        "account",
        "SELECT s.id FROM login_session s JOIN account a ON a.id = s.account_id"
        " WHERE s.ended_at IS NULL AND s.expires_at > ? AND {may_not_sign_in}",
    ),
    Invariant(
        "device-without-access",
        "a device is remembered only while its account may sign in",
        "account",
        "SELECT e.id FROM factor_enrolment e JOIN account a ON a.id = e.account_id"
        " WHERE e.role = 'WAIVER' AND e.expires_at > ? AND {may_not_sign_in}",
    ),
    Invariant(
        "invitation-to-another-address",
        "an open invitation was mailed to the respondent's present address",
        "respondent",
        "SELECT i.id, i.email AS mailed_to, r.email AS address FROM invitation i"
        " JOIN respondent r ON r.id = i.respondent_id WHERE {open} AND (r.email IS NULL OR r.email <> i.email)",
        _other_address,
    ),
    Invariant(
        "invitation-beside-a-login",
        "nobody is invited who has a login that is not deactivated",
        "respondent",
        "SELECT i.id FROM invitation i WHERE {open} AND EXISTS (SELECT 1 FROM access_grant g"
        " WHERE g.respondent_id = i.respondent_id AND g.state <> 'DEACTIVATED')",
    ),
    Invariant(
        "invitation-to-a-closed-dossier",
        "nobody is invited to a closed dossier",
        "dossier",
        "SELECT i.id FROM invitation i JOIN respondent r ON r.id = i.respondent_id"
        " JOIN dossier d ON d.id = r.dossier_id WHERE {open} AND d.closed_at IS NOT NULL",
    ),
    Invariant(
        "staff-invitation-beside-an-account",
        "no member of staff is invited who has an account",
        "staff_member",
        "SELECT i.id FROM invitation i JOIN staff_member m ON m.id = i.staff_id"
        " WHERE {open} AND m.account_id IS NOT NULL",
    ),
    Invariant(
        "staff-invitation-to-another-address",
        "an open invitation was mailed to the present address of the member of staff",
        "staff_member",
        "SELECT i.id, i.email AS mailed_to, m.email AS address FROM invitation i"
        " JOIN staff_member m ON m.id = i.staff_id WHERE {open} AND m.email <> i.email",
        _other_address,
    ),
    Invariant(
        "grant-of-a-closed-account",
        "no grant of a closed account waits or is approved",
        "account",
        "SELECT g.id FROM access_grant g JOIN account a ON a.id = g.account_id"
        " WHERE g.state <> 'DEACTIVATED' AND a.closed_at IS NOT NULL",
    ),
    Invariant(
        "grant-on-a-closed-dossier",
        "no grant on a closed dossier waits or is approved",
        "dossier",
        "SELECT g.id FROM access_grant g JOIN respondent r ON r.id = g.respondent_id"
        " JOIN dossier d ON d.id = r.dossier_id WHERE g.state <> 'DEACTIVATED' AND d.closed_at IS NOT NULL",
    ),
    Invariant(
        "grant-of-staff",
        "only accounts of respondents have grants",
        "one transaction",
        "SELECT g.id FROM access_grant g JOIN account a ON a.id = g.account_id WHERE a.audience <> 'RESPONDENT'",
    ),
    Invariant(
        "prospect-with-a-grant",
        "an account that is linked to a respondent is no prospect any more",
        "account",
        "SELECT p.id FROM prospect p WHERE EXISTS (SELECT 1 FROM access_grant g WHERE g.account_id = p.account_id)",
    ),
    Invariant(
        "account-of-nobody",
        "an account that is not closed is of a member of staff, of a prospect, or has or had a grant",
        "account",
        "SELECT a.id FROM account a WHERE a.closed_at IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM staff_member m WHERE m.account_id = a.id)"
        " AND NOT EXISTS (SELECT 1 FROM prospect p WHERE p.account_id = a.id)"
        " AND NOT EXISTS (SELECT 1 FROM access_grant g WHERE g.account_id = a.id)",
    ),
    Invariant(
        "closed-account-with-credentials",
        "a closed account keeps no address, password, factor, session or open request",
        "account",
        "SELECT a.id FROM account a WHERE a.closed_at IS NOT NULL AND ("
        " a.email IS NOT NULL OR a.email_key IS NOT NULL OR a.phone IS NOT NULL OR a.password_hash IS NOT NULL"
        " OR EXISTS (SELECT 1 FROM factor_enrolment e WHERE e.account_id = a.id)"
        " OR EXISTS (SELECT 1 FROM prospect p WHERE p.account_id = a.id)"
        " OR EXISTS (SELECT 1 FROM change_request c WHERE c.account_id = a.id AND c.state = 'OPEN')"
        " OR EXISTS (SELECT 1 FROM phone_change c WHERE c.account_id = a.id AND c.used_at IS NULL"
        " AND c.superseded_at IS NULL))",
    ),
    Invariant(
        "practice-without-an-owner",
        "a practice where somebody can sign in has an OWNER who can",
        "practice",
        "SELECT p.id FROM practice p WHERE EXISTS ("
        " SELECT 1 FROM staff_member m WHERE m.practice_id = p.id AND m.account_id IS NOT NULL)"
        " AND NOT EXISTS (SELECT 1 FROM staff_member m WHERE m.practice_id = p.id AND m.account_id IS NOT NULL"
        " AND m.suspended_at IS NULL AND m.role = 'OWNER')",
    ),
    Invariant(
        "stand-in-alone",
        "recovery codes stand in for a factor: without one an account has none",
        "account",
        "SELECT e.id FROM factor_enrolment e WHERE e.role = 'FALLBACK' AND NOT EXISTS ("
        " SELECT 1 FROM factor_enrolment o WHERE o.account_id = e.account_id AND o.role = 'PROOF')",
    ),
    Invariant(
        "exemption-without-a-reason",
        "an account is exempt from a factor until the date of its open exemption",
        "account",
        "SELECT a.id FROM account a WHERE a.exempt_until IS NOT NULL AND NOT EXISTS ("
        " SELECT 1 FROM factor_exemption e WHERE e.account_id = a.id AND e.ended_at IS NULL"
        " AND e.until = a.exempt_until)",
    ),
    Invariant(
        "appointment-after-closing",
        "nothing is booked for after a dossier was closed",
        "dossier",
        "SELECT a.id FROM appointment a JOIN dossier d ON d.id = a.dossier_id"
        " WHERE a.state = 'BOOKED' AND a.starts_at > d.closed_at",
    ),
    Invariant(
        "appointments-at-once",
        "a therapist has one appointment at a time",
        "staff_member",
        "SELECT id FROM (SELECT id, starts_at,"
        " LAG(ends_at) OVER (PARTITION BY staff_id ORDER BY starts_at, id) AS before"
        " FROM appointment WHERE state = 'BOOKED') booked WHERE starts_at < before",
    ),
    Invariant(
        "room-of-a-cancelled-appointment",
        "a cancelled appointment has no room",
        "appointment",
        "SELECT a.id FROM appointment a WHERE a.state = 'CANCELLED' AND a.room IS NOT NULL",
    ),
    Invariant(
        "attendee-of-another-dossier",
        "who is expected answers for the appointment's dossier",
        "one transaction",
        "SELECT e.id FROM appointment_attendee e JOIN appointment a ON a.id = e.appointment_id"
        " JOIN respondent r ON r.id = e.respondent_id WHERE r.dossier_id <> a.dossier_id",
    ),
    Invariant(
        "release-of-an-archived-report",
        "an archived report is released to nobody",
        "report",
        "SELECT x.id FROM report_release x JOIN report r ON r.id = x.report_id"
        " WHERE x.withdrawn_at IS NULL AND r.archived_at IS NOT NULL",
    ),
    Invariant(
        "release-to-another-dossier",
        "a report is released to those who answer for its dossier",
        "one transaction",
        "SELECT x.id FROM report_release x JOIN report r ON r.id = x.report_id"
        " JOIN respondent p ON p.id = x.respondent_id WHERE p.dossier_id <> r.dossier_id",
    ),
    Invariant(
        "answers-in-another-dossier",
        "answers are in the dossier of the respondent who gave them",
        "one transaction",
        "SELECT f.id FROM answer_form f JOIN respondent r ON r.id = f.respondent_id WHERE r.dossier_id <> f.dossier_id",
    ),
    Invariant(
        "receipt-numbers",
        "a practice's receipts of a year are numbered from 1 without gaps",
        "receipt_counter",
        "SELECT c.id FROM receipt_counter c WHERE c.sequence <> (SELECT COUNT(*) FROM receipt r"
        " WHERE r.practice_id = c.practice_id AND r.year = c.year AND r.sequence BETWEEN 1 AND c.sequence)",
    ),
)


def _tenancy() -> str:
    """One statement over every foreign key between two tables of rows that carry their practice."""
    assert Tortoise.apps
    keys = [
        (model._meta.db_table, str(key.source_field), key.related_model._meta.db_table)
        for model in Tortoise.apps["models"].values()
        for key in (model._meta.fields_map[name] for name in sorted(model._meta.fk_fields))
        if {"id", "practice_id"} <= model._meta.db_fields & key.related_model._meta.db_fields
    ]
    return " UNION ALL ".join(
        f"SELECT '{table}.{column}' AS key, c.id FROM {table} c"  # noqa: S608 - names of our own tables
        f" JOIN {parent} p ON p.id = c.{column} WHERE p.practice_id <> c.practice_id"
        for table, column, parent in sorted(keys)
    )


async def broken_rows(now: datetime) -> AsyncIterator[Broken]:
    """Every row that breaks one of INVARIANTS, or that is of another practice than a row it refers to."""
    for invariant in INVARIANTS:
        broken = invariant.broken.format_map(_PARTS)
        for row in await fetch(broken, *[now] * broken.count("?")):
            if invariant.really is None or invariant.really(row):
                yield Broken(invariant.name, invariant.says, str(row["id"]))
    for row in await fetch(_tenancy()):
        yield Broken(f"practice-of-{row['key']}", "a row is of the practice of what it refers to", str(row["id"]))
