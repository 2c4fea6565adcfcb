"""All that is stored about the person behind an account, in one file to take along (GDPR, articles 15 and 20).

Each topic adds its part with what this person may see of it, and no more; secrets are no data about a person.
"""

from collections.abc import Awaitable, Callable

from flows.account.export_care import appointments_part
from flows.account.export_papers import answers_part, reports_part
from flows.account.export_parts import account_part, grants_part, log_part, requests_part, sessions_part
from flows.core import audit
from flows.core.context import AppContext, Caller
from flows.core.limits import hour_is_full, within_request_limit
from flows.documents.documents import Document
from flows.documents.export_bundle import Bundle
from flows.receipts.receipts import receipts_part
from flows.refusals import NotFound, NotSignedIn, StepUpRequired
from flows.signin.step_up import fresh_for_own
from locales import text
from models.access.access import approved_grants_of

Part = Callable[[Caller, Bundle], Awaitable[None]]

#: One a topic, in the order of the file.
PARTS: tuple[Part, ...] = (
    account_part,
    grants_part,
    requests_part,
    appointments_part,
    answers_part,
    reports_part,
    sessions_part,
    log_part,
    receipts_part,
)


async def download(app: AppContext, caller: Caller | None, account_id: str) -> Document:
    """The caller's own file, after a step-up, and told to the audit before it leaves.

    Raises NotSignedIn, NotFound for another's, StepUpRequired and TooManyAttempts.
    """
    if caller is None:
        raise NotSignedIn
    if account_id != caller.account_id:
        raise NotFound
    if not fresh_for_own(app, caller):
        raise StepUpRequired
    if not await within_request_limit(app, "export", f"account:{account_id}"):
        raise hour_is_full(app)
    bundle = Bundle(app, app.rules.export_bytes)
    for part in PARTS:
        await part(caller, bundle)
    grants = await approved_grants_of(account_id)
    dossiers = dict.fromkeys(grant.respondent.dossier_id for grant in grants)
    await audit.record(
        app, caller, "account.exported", ("Account", account_id), *(("Dossier", dossier) for dossier in dossiers)
    )
    content = await app.worker_pool.run(bundle.zipped)
    return Document(f"{text('file.my_data', caller.locale)}.zip", "application/zip", content)
