"""Where each respondent stands on the way to the portal: one statement, however many respondents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.core.message_failure import MessageFailure
from models.db.database import as_time, fetch
from models.mail.undelivered import UNDELIVERED, UndeliveredRow, undelivered
from models.onboarding.invitation import TOLD, told


@dataclass(slots=True)
class LoginFacts:
    """One respondent with everything "manage login" shows. Ids are text; times are aware UTC.

    ``invitation_state`` is as Invitation.state; ``grant_state`` is the live grant's, else the last one's.
    ``grant_scopes`` is AccessGrant.scopes as JSON.
    ``starter_until`` is the end of a starter password that the person has not replaced yet.
    ``undelivered`` is the newest message to the person that failed or is tried again, a link for a new password first.
    ``policy`` is Practice.policy as JSON: one text for a whole page, to be read once.
    """

    id: str
    dossier_id: str
    name: str
    relation: str
    email: str | None
    phone: str | None
    version: int
    dossier_closed: bool
    invitation_state: str | None
    invitation_email: str | None
    invitation_sent_at: datetime | None
    invitation_relayed_at: datetime | None
    invitation_opened_at: datetime | None
    invitation_expires_at: datetime | None
    invitation_failure: MessageFailure | None
    invitation_failed_at: datetime | None
    invitation_retry_at: datetime | None
    grant_state: str | None
    grant_scopes: str | None
    granted_at: datetime | None
    approved_at: datetime | None
    approved_by: str | None
    taken_back_at: datetime | None
    account_id: str | None
    login_code: str | None
    account_email: str | None
    account_phone: str | None
    password_set_at: datetime | None
    factor_set_at: datetime | None
    last_sign_in_at: datetime | None
    reset_requested_at: datetime | None
    exempt_until: datetime | None
    starter_until: datetime | None
    suspended_at: datetime | None
    closed_at: datetime | None
    policy: str
    undelivered: UndeliveredRow | None


# "IS TRUE" keeps SQLite from the practice's index, by which it would read every respondent of the practice.
_FACTS = f"""
SELECT r.id, r.dossier_id, r.name, r.relation, r.email, r.phone, r.version, d.closed_at AS dossier_closed_at,
       {TOLD}, g.state AS grant_state, g.scopes AS grant_scopes, g.created_at AS granted_at,
       g.approved_at, g.taken_back_at, m.name AS approved_by,
       a.id AS account_id, a.login_code, a.email AS account_email, a.phone AS account_phone,
       a.password_set_at, a.last_sign_in_at, a.reset_requested_at, a.exempt_until,
       a.password_expires_at AS starter_until, a.suspended_at, a.closed_at, p.policy,
       {UNDELIVERED},
       (SELECT MIN(e.created_at) FROM factor_enrolment e
         WHERE e.account_id = a.id AND e.role = 'PROOF') AS factor_set_at
  FROM respondent r
  JOIN dossier d ON d.id = r.dossier_id
  JOIN practice p ON p.id = r.practice_id
  LEFT JOIN invitation i ON i.id = (
       SELECT x.id FROM invitation x WHERE x.respondent_id = r.id
        ORDER BY x.created_at DESC, x.superseded, x.id LIMIT 1)
  LEFT JOIN access_grant g ON g.id = (
       SELECT y.id FROM access_grant y WHERE y.respondent_id = r.id
        ORDER BY CASE y.state WHEN 'DEACTIVATED' THEN 1 ELSE 0 END, y.created_at DESC, y.id LIMIT 1)
  LEFT JOIN account a ON a.id = g.account_id
  LEFT JOIN staff_member m ON m.id = g.approved_by_id
  LEFT JOIN outbox_message o ON o.id = (
       SELECT u.id FROM outbox_message u
        WHERE (u.respondent_id = r.id OR u.account_id = a.id) AND u.failure IS NOT NULL AND u.settled_at IS NULL
        ORDER BY CASE u.template WHEN 'reset_requested' THEN 0 ELSE 1 END, u.created_at DESC, u.id DESC LIMIT 1)
 WHERE (r.practice_id = ?) IS TRUE AND {{scope}}
 ORDER BY r.created_at, r.id
"""  # noqa: S608 - names of columns only
_TIMES = (
    "granted_at",
    "approved_at",
    "taken_back_at",
    "password_set_at",
    "factor_set_at",
    "last_sign_in_at",
    "reset_requested_at",
    "exempt_until",
    "suspended_at",
    "closed_at",
    "starter_until",
)


async def facts_of_dossiers(practice_id: str, dossier_ids: Sequence[str], now: datetime) -> list[LoginFacts]:
    """The respondents of these dossiers, oldest first."""
    if not dossier_ids:
        return []
    places = ", ".join("?" for _ in dossier_ids)
    return await _facts(f"r.dossier_id IN ({places})", now, practice_id, *dossier_ids)


async def facts_of_respondents(practice_id: str, ids: Sequence[str], now: datetime) -> list[LoginFacts]:
    """These respondents, oldest first."""
    if not ids:
        return []
    places = ", ".join("?" for _ in ids)
    return await _facts(f"r.id IN ({places})", now, practice_id, *ids)


async def facts_of_respondent(practice_id: str, respondent_id: str, now: datetime) -> LoginFacts | None:
    found = await _facts("r.id = ?", now, practice_id, respondent_id)
    return found[0] if found else None


async def facts_of_account(practice_id: str, account_id: str, now: datetime) -> list[LoginFacts]:
    """The respondents that an account has, or had, a grant for."""
    granted = "r.id IN (SELECT z.respondent_id FROM access_grant z WHERE z.account_id = ?) AND a.id = ?"
    return await _facts(granted, now, practice_id, account_id, account_id)


async def _facts(scope: str, now: datetime, *params: Any) -> list[LoginFacts]:
    return [_fact(row, now) for row in await fetch(_FACTS.format(scope=scope), *params)]


def _fact(row: dict[str, Any], now: datetime) -> LoginFacts:
    times: dict[str, Any] = {name: as_time(row[name]) for name in _TIMES}
    return LoginFacts(
        id=str(row["id"]),
        dossier_id=str(row["dossier_id"]),
        name=row["name"],
        relation=row["relation"],
        email=row["email"],
        phone=row["phone"],
        version=row["version"],
        dossier_closed=row["dossier_closed_at"] is not None,
        grant_state=row["grant_state"],
        grant_scopes=row["grant_scopes"],
        approved_by=row["approved_by"],
        account_id=str(row["account_id"]) if row["account_id"] else None,
        login_code=row["login_code"],
        account_email=row["account_email"],
        account_phone=row["account_phone"],
        policy=row["policy"],
        undelivered=undelivered(row),
        **told(row, now),
        **times,
    )
