"""Accounts without a factor that could be proven: who they are, and how many, in two statements however many."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.core.account import Audience
from models.db.database import fetch


@dataclass(frozen=True, slots=True)
class Fit:
    """What counts on a date: the PROOFs that the policy allows, those that are installed, and usable FALLBACKs."""

    practice_id: str
    audience: Audience
    on: datetime
    allowed: Sequence[str]
    installed: Sequence[str]
    fallbacks: Sequence[str]
    required: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """An account that cannot comply. ``reason`` is NO_FACTOR, ONLY_DISALLOWED_FACTORS or PLUGIN_MISSING."""

    account_id: str
    name: str
    sort_key: str
    reason: str
    locked_out: bool


# Who is suspended, or has no access that is not deactivated, can't sign in anyway.
_GAPS = """
SELECT a.id, a.name, LOWER(a.name) AS sort_key,
       CASE WHEN SUM(CASE WHEN e.role = 'PROOF' THEN 1 ELSE 0 END) = 0 THEN 'NO_FACTOR'
            WHEN SUM(CASE WHEN e.role = 'PROOF' AND e.factor IN ({installed}) THEN 1 ELSE 0 END) > 0
            THEN 'ONLY_DISALLOWED_FACTORS' ELSE 'PLUGIN_MISSING' END AS reason,
       SUM(CASE WHEN e.role = 'FALLBACK' AND e.confirmed_at IS NOT NULL AND e.factor IN ({fallbacks})
           THEN 1 ELSE 0 END) AS fallbacks
  FROM account a
  LEFT JOIN staff_member m ON m.account_id = a.id
  LEFT JOIN factor_enrolment e ON e.account_id = a.id
 WHERE a.practice_id = ? AND a.audience = ? AND a.suspended_at IS NULL AND m.suspended_at IS NULL
   AND (NOT EXISTS (SELECT 1 FROM access_grant g WHERE g.account_id = a.id)
        OR EXISTS (SELECT 1 FROM access_grant g WHERE g.account_id = a.id AND g.state <> 'DEACTIVATED'))
 GROUP BY a.id, a.name, a.exempt_until
HAVING SUM(CASE WHEN e.role = 'PROOF' AND e.factor IN ({allowed}) THEN 1 ELSE 0 END) = 0
   AND ({demanded} OR (SUM(CASE WHEN e.role = 'PROOF' THEN 1 ELSE 0 END) > 0
                       AND SUM(CASE WHEN e.role = 'PROOF' AND e.factor IN ({installed}) THEN 1 ELSE 0 END) = 0))
"""


async def gaps(fit: Fit, first: int, after: tuple[str, str] | None) -> list[Gap]:
    """By name, up to ``first`` behind ``after``."""
    sql, params = _gaps(fit)
    beyond, position = ("WHERE (q.sort_key, q.id) > (?, ?)", after) if after else ("", ())
    rows = await fetch(
        f"SELECT q.* FROM ({sql}) q {beyond} ORDER BY q.sort_key, q.id LIMIT ?",  # noqa: S608 - places only
        *params,
        *position,
        first,
    )
    return [_gap(row) for row in rows]


async def count_gaps(fit: Fit) -> dict[tuple[str, bool], int]:
    """How many on all pages, by reason and whether they are locked out."""
    sql, params = _gaps(fit)
    locked = "CASE WHEN q.reason = 'PLUGIN_MISSING' AND q.fallbacks = 0 THEN 1 ELSE 0 END"
    rows = await fetch(
        f"SELECT q.reason, {locked} AS locked, COUNT(*) AS number FROM ({sql}) q GROUP BY 1, 2",  # noqa: S608
        *params,
    )
    return {(row["reason"], bool(row["locked"])): int(row["number"]) for row in rows}


def _gaps(fit: Fit) -> tuple[str, list[Any]]:
    def places(names: Sequence[str]) -> str:
        return ", ".join("?" for _ in names) or "''"

    # Staff's own words never reach the statement: names of factors travel as parameters too.
    demanded = "(a.exempt_until IS NULL OR a.exempt_until <= ?)" if fit.required else "1 = 0"
    sql = _GAPS.format(
        installed=places(fit.installed), fallbacks=places(fit.fallbacks), allowed=places(fit.allowed), demanded=demanded
    )
    ends = [fit.on] if fit.required else []
    own = [*fit.installed, *fit.fallbacks, fit.practice_id, fit.audience.value, *fit.allowed, *ends, *fit.installed]
    return sql, own


def _gap(row: dict[str, Any]) -> Gap:
    return Gap(
        account_id=str(row["id"]),
        name=row["name"],
        sort_key=row["sort_key"],
        reason=row["reason"],
        locked_out=row["reason"] == "PLUGIN_MISSING" and int(row["fallbacks"]) == 0,
    )
