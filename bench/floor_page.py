"""The floor's dossier page: two statements, and the same answer as ours for what :data:`bench.works.PAGE` selects."""

from base64 import urlsafe_b64encode
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson

from bench.floor_store import Store

_DOSSIERS = """SELECT id, reference, name, sort_key, birth_date FROM dossier
 WHERE practice_id = ? AND closed_at IS NULL ORDER BY sort_key, id LIMIT ?"""

_RESPONDENTS = """
SELECT r.dossier_id, r.id, r.name, r.relation, r.email, i.created_at, i.expires_at, i.revoked_at,
       g.state, g.created_at, g.approved_at, a.login_code, a.password_set_at, a.suspended_at,
       (SELECT MIN(e.created_at) FROM factor_enrolment e WHERE e.account_id = a.id AND e.role = 'PROOF')
  FROM respondent r
  LEFT JOIN invitation i ON i.id = (
       SELECT x.id FROM invitation x WHERE x.respondent_id = r.id
        ORDER BY x.created_at DESC, x.superseded, x.id LIMIT 1)
  LEFT JOIN access_grant g ON g.id = (
       SELECT y.id FROM access_grant y WHERE y.respondent_id = r.id
        ORDER BY CASE y.state WHEN 'DEACTIVATED' THEN 1 ELSE 0 END, y.created_at DESC, y.id LIMIT 1)
  LEFT JOIN account a ON a.id = g.account_id
 WHERE r.dossier_id IN ({places}) ORDER BY r.created_at, r.id"""

_BLOCKERS = {
    code: {"code": code, "party": party, "message": message}
    for code, party, message in (
        ("NO_EMAIL_ADDRESS", "STAFF", "There is no e-mail address."),
        ("NOT_INVITED", "STAFF", "No invitation has been sent."),
        ("INVITATION_EXPIRED", "STAFF", "The invitation has expired."),
        ("INVITATION_REVOKED", "STAFF", "The invitation was withdrawn."),
        ("INVITATION_OPEN", "RESPONDENT", "The invitation has not been accepted yet."),
        ("NO_PASSWORD", "RESPONDENT", "The person has not chosen a password yet."),
        ("SUSPENDED", "STAFF", "The account is suspended."),
        ("NO_FACTOR", "RESPONDENT", "Two-step sign-in has not been set up yet."),
        ("DEACTIVATED", "STAFF", "Access was deactivated."),
        ("NOT_APPROVED", "STAFF", "The practice still has to approve access."),
    )
}


async def page(store: Store, practice: str, first: int, now: datetime) -> tuple[list[str], dict[str, Any]]:
    """The ids of the dossiers for the audit, and the answer."""
    dossiers = await store.rows(_DOSSIERS, practice, first + 1)
    more, dossiers = len(dossiers) > first, dossiers[:first]
    ids = [str(row[0]) for row in dossiers]
    by_dossier: dict[str, list[Any]] = defaultdict(list)
    for row in await store.rows(_respondents(len(ids)), *ids):
        by_dossier[str(row[0])].append(_respondent(row, store.time(now)))
    edges = [_edge(row, identity, by_dossier[identity]) for row, identity in zip(dossiers, ids, strict=True)]
    info = {"hasNextPage": more, "endCursor": edges[-1]["cursor"] if edges else None}
    return ids, {"dossiers": {"edges": edges, "pageInfo": info}}


@lru_cache
def _respondents(number: int) -> str:
    return _RESPONDENTS.format(places=", ".join("?" * number))


def _edge(row: Any, identity: str, respondents: list[Any]) -> dict[str, Any]:
    _, reference, name, key, born = row
    node = {
        "id": _opaque(f"Dossier:{identity}".encode()),
        "reference": reference,
        "name": name,
        "birthDate": born,
        "respondents": respondents,
    }
    return {"cursor": _opaque(orjson.dumps([key, identity])), "node": node}


def _respondent(row: Sequence[Any], now: Any) -> dict[str, Any]:
    _, identity, name, relation, email, sent, expires, revoked, grant, granted, approved, code, set_, out, factor = row
    steps = [
        {"step": "INVITATION_MAILED", "party": "STAFF", "doneAt": _shown(sent or granted)},
        {"step": "PASSWORD_SET", "party": "RESPONDENT", "doneAt": _shown(set_)},
        {"step": "SECOND_FACTOR_SET", "party": "RESPONDENT", "doneAt": _shown(factor)},
        {"step": "ACCESS_APPROVED", "party": "STAFF", "doneAt": _shown(approved) if grant == "APPROVED" else None},
    ]
    if grant is None:
        blockers = _all_ahead(_invitation_blocker(email, sent, expires, revoked, now))
    else:
        blockers = _grant_blockers(grant, out, factor)
    status = {
        "loginCode": f"{code[:4]} {code[4:]}" if code else None,
        "access": grant,
        "steps": steps,
        "accessBlockers": [_BLOCKERS[blocker] for blocker in blockers],
    }
    return {"id": _opaque(f"Respondent:{identity}".encode()), "name": name, "relation": relation, "loginStatus": status}


def _invitation_blocker(email: str | None, sent: Any, expires: Any, revoked: Any, now: Any) -> str:
    if sent is None:
        return "NOT_INVITED" if email else "NO_EMAIL_ADDRESS"
    if revoked is not None:
        return "INVITATION_REVOKED"
    return "INVITATION_EXPIRED" if expires <= now else "INVITATION_OPEN"


def _all_ahead(first: str) -> list[str]:
    """Before there is an account: the demo's practices require a factor."""
    invited = {"NO_EMAIL_ADDRESS": ["NOT_INVITED", "NO_PASSWORD"], "INVITATION_OPEN": []}.get(first, ["NO_PASSWORD"])
    return [first, *invited, "NO_FACTOR", "NOT_APPROVED"]


def _grant_blockers(grant: str, suspended: Any, factor: Any) -> list[str]:
    blockers = [] if suspended is None else ["SUSPENDED"]
    if factor is None:
        blockers.append("NO_FACTOR")
    if grant != "APPROVED":
        blockers.append("DEACTIVATED" if grant == "DEACTIVATED" else "NOT_APPROVED")
    return blockers


def _opaque(text: bytes) -> str:
    return urlsafe_b64encode(text).decode().rstrip("=")


def _shown(moment: Any) -> Any:
    """A time as the API has it: SQLite keeps a space where ISO 8601 has a T; PostgreSQL's is orjson's to write."""
    return moment.replace(" ", "T", 1) if isinstance(moment, str) else moment
