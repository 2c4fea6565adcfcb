"""What an export tells of the account itself: no secrets, no hashes, nobody else's data."""

from datetime import datetime
from typing import Any

from flows.access.scopes import scopes_of
from flows.account.biography import biography_of
from flows.account.dossier_log import own_dossiers, shown
from flows.core.accounts import shown_code
from flows.core.context import Access, Caller
from flows.documents.export_bundle import Bundle
from flows.refusals import NotSignedIn
from flows.signin.device_names import device_name
from models import GrantState, LoginSession
from models.access.access import live_grants_of
from models.account.change_request import requests_of
from models.core.account import account_with_practice
from models.core.audit import AuditRow, told_about
from models.second_factor.factor import enrolments_of

_LOG_PAGE, _LOG_PAGES = 1000, 20


async def account_part(caller: Caller, bundle: Bundle) -> None:
    """The account, what is known of the person, and the factors and devices by name."""
    account = await account_with_practice(caller.account_id)
    if account is None:
        raise NotSignedIn
    known = await biography_of(account)
    bundle.tell("practice", {"name": account.practice.name, "slug": account.practice.slug})
    bundle.tell(
        "account",
        {
            "name": known.name,
            "birthDate": known.birth_date,
            "email": account.email,
            "emailVerifiedAt": account.email_verified_at,
            "phone": known.phone,
            "language": account.locale,
            "loginCode": shown_code(account),
            "role": caller.acting_role,
            "createdAt": account.created_at,
            "passwordSetAt": account.password_set_at,
            "lastSignInAt": account.last_sign_in_at,
        },
    )
    bundle.tell(
        "factors",
        [
            {
                "factor": one.factor,
                "kind": one.role,
                "label": one.label,
                "since": one.created_at,
                "lastUsed": one.last_used_at,
                "expiresAt": one.expires_at,
                "userAgent": one.user_agent,
                "device": await device_name(bundle.app, one.user_agent, caller.locale),
            }
            for one in await enrolments_of(account.id)
        ],
    )


async def grants_part(caller: Caller, bundle: Bundle) -> None:
    """One's grants with their respondents; for a grant that waits for approval only its state."""
    bundle.tell(
        "access",
        [
            {
                "state": grant.state,
                "since": grant.created_at,
                **(
                    {
                        "respondent": grant.respondent.name,
                        "relation": grant.respondent.relation,
                        "client": grant.respondent.dossier.name,
                        "approvedAt": grant.approved_at,
                        "scopes": sorted(scopes_of(grant, grant.respondent.relation)),
                    }
                    if grant.state is GrantState.APPROVED
                    else {}
                ),
            }
            for grant in await live_grants_of(caller.account_id)
        ],
    )


async def requests_part(caller: Caller, bundle: Bundle) -> None:
    """What one asked to have changed."""
    bundle.tell(
        "changeRequests",
        [
            {"field": one.field, "wanted": one.value, "state": one.state, "reason": one.reason, "at": one.created_at}
            for one in await requests_of(caller.account_id)
        ],
    )


async def sessions_part(caller: Caller, bundle: Bundle) -> None:
    """Where one was signed in, as long as that is kept."""
    sessions = LoginSession.filter(account_id=caller.account_id).order_by("-created_at").limit(_LOG_PAGE)
    bundle.tell(
        "sessions",
        [
            {
                "createdAt": one.created_at,
                "lastSeenAt": one.last_seen_at,
                "endedAt": one.ended_at,
                "userAgent": one.user_agent,
                "device": await device_name(bundle.app, one.user_agent, caller.locale),
                "address": one.address,
            }
            for one in await sessions
        ],
    )


async def log_part(caller: Caller, bundle: Bundle) -> None:
    """What was done with the account, and with the dossier that is about oneself: the newest 20 000 acts."""
    subjects = [caller.account_id]
    if caller.access is Access.APPROVED:
        subjects += await own_dossiers(caller)
    entries: list[dict[str, Any]] = []
    after: tuple[datetime, str] | None = None
    for _ in range(_LOG_PAGES):
        rows = await told_about(caller.practice_id, subjects, _LOG_PAGE, after)
        entries += [_entry(row, caller) for row in rows]
        if len(rows) < _LOG_PAGE:
            break
        after = rows[-1].at, rows[-1].id
    bundle.tell("log", entries)


def _entry(row: AuditRow, caller: Caller) -> dict[str, Any]:
    entry = shown(row, caller)
    own = {"address": row.address} if row.actor_account == caller.account_id else {}
    return {
        "at": entry.at,
        "who": entry.actor,
        "name": entry.name,
        "role": entry.role,
        "event": entry.event,
        "what": entry.what,
        "refused": entry.refused,
        **own,
    }
