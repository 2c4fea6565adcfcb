"""Taking the audit trail along: for owners, after a step-up, told to the trail before the first byte leaves."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from flows.access.reach import owner
from flows.audit_trail.audit_lines import FORMS, Form, Lines, PublicId
from flows.core import audit
from flows.core.context import AppContext, Caller
from flows.core.limits import hour_is_full, within_request_limit
from flows.core.texts import instant
from flows.documents.documents import Stream
from flows.refusals import InvalidInput, NotAllowed, NotSignedIn, Problem, Refusal, StepUpRequired
from flows.signin.sessions import still_live
from flows.signin.step_up import fresh_for_own
from locales import text
from models.core.audit_search import AuditQuery, audit_rows

#: Rows in memory at once.
PAGE = 500


@dataclass(frozen=True, slots=True)
class ExportQuery:
    """From ``since`` on and before ``until``, which is now where it is None; ``form`` is one of ``FORMS``."""

    since: datetime | None = None
    until: datetime | None = None
    form: str = "csv"


async def export(app: AppContext, caller: Caller | None, asked: ExportQuery, public_id: PublicId) -> Stream:
    """The practice's audit rows of a time, oldest first, with ids as ``public_id`` writes them.

    Raises NotSignedIn, NotAllowed (told to the trail), StepUpRequired, TooManyAttempts and InvalidInput. The stream
    breaks off with NotAllowed when its reader stops being a signed-in owner.
    """
    member = await _admitted(app, caller)
    query, form = _query(app, member, asked), _form(asked.form)
    if not fresh_for_own(app, member):
        raise StepUpRequired
    if not await within_request_limit(app, "audit_export", f"account:{member.account_id}"):
        raise hour_is_full(app)
    details = {"from": _written(query.since), "until": _written(query.until), "format": asked.form}
    await audit.record(app, member, "audit.exported", ("Practice", member.practice_id), details=details)
    name = text("file.audit_trail", member.locale) + form.ending
    return Stream(name, form.media_type, _pages(app, member, query, Lines(form, member.locale, public_id)))


async def _admitted(app: AppContext, caller: Caller | None) -> Caller:
    if caller is None:
        raise NotSignedIn
    try:
        return owner(caller)
    except Refusal:
        about, per = ("Practice", caller.practice_id), f"account:{caller.account_id}"
        await audit.record_once(app, caller, "audit.exported", about, per=per, outcome="REFUSED")
        raise


def _query(app: AppContext, member: Caller, asked: ExportQuery) -> AuditQuery:
    since = instant("from", asked.since) if asked.since else None
    until = instant("until", asked.until) if asked.until else app.now
    # Later rows could come in without end, this export's own among them.
    return AuditQuery(member.practice_id, since=since, until=min(until, app.now))


def _form(name: str) -> Form:
    form = FORMS.get(name)
    if form is None:
        raise InvalidInput("format", Problem.CHOICE, ", ".join(FORMS))
    return form


async def _pages(app: AppContext, member: Caller, query: AuditQuery, lines: Lines) -> AsyncIterator[bytes]:
    after = None
    yield lines.form.head()
    while rows := await audit_rows(query, PAGE, after, oldest_first=True):
        yield lines.of(rows)
        after = rows[-1].at, rows[-1].id
        if len(rows) < PAGE:
            return
        # It may take long, and a right that ends holds from the next page on.
        now = await still_live(app, member)
        if now is None or now.role is not member.role:
            raise NotAllowed


def _written(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
