"""Notices about an account: by mail, or by text message where the account has no mail address."""

from collections.abc import Sequence

import structlog

from flows.core.context import AppContext
from flows.core.outbox import To, note_unsent, post
from flows.core.sealing import phone_of
from flows.core.sms_metering import TextMessage, Use, send_sms, unsent_because
from models import Account, FactorEnrolment, Practice
from models.onboarding.prospect import is_unproven
from models.second_factor.factor import enrolments_of
from plugins import NotSent

__all__ = ["To", "named", "post", "tell"]

log = structlog.get_logger(__name__)


async def tell(
    app: AppContext, account: Account, template: str, gone: Sequence[FactorEnrolment] = (), /, **values: str
) -> None:
    """Queue a notice to the account's owner, in their language; nothing without a mail address and a phone.

    Without a mail address it goes to a phone that the person proved to have. A phone among the factors that were just
    deleted (``gone``) gets it in any case: if somebody else removed it, its owner may get no other notice. Besides
    ``values`` the notice has the time and the person's name; a family on one address needs the name.
    """
    values = {"at": app.now.isoformat(), **await named(account), **values}
    if account.email:
        payload = {"to": account.email, "locale": account.locale, "values": values}
        await post(app, str(account.practice_id), template, payload, To(account_id=account.id))
    if app.rules.sms is not None and (number := await _number(app, account, gone)):
        await _text(app, account, TextMessage(number, template, values))


async def named(account: Account) -> dict[str, str]:
    """The person's name as a value for a mail; nothing while the address of a sign-up is unverified.

    Otherwise anybody could have Sluis mail any words to anybody.
    """
    unproven = account.email_verified_at is None and await is_unproven(account.id)
    return {"name": account.name} if account.name and not unproven else {}


async def _number(app: AppContext, account: Account, gone: Sequence[FactorEnrolment]) -> str | None:
    enrolments = list(gone)
    if not account.email:
        enrolments += await enrolments_of(account.id)
    numbers = [*(phone_of(app, enrolment) for enrolment in enrolments), None if account.email else account.phone]
    return next(filter(None, numbers), None)


async def _text(app: AppContext, account: Account, text: TextMessage) -> None:
    practice = await Practice.get(id=account.practice_id)
    try:
        await send_sms(app, account, practice, "", text, Use.NOTICE)
    except NotSent as unsent:
        # A cap on messages must not undo the act that the notice is about.
        log.warning("sms.notice_not_sent", template=text.template, reason=unsent.reason)
        to = To(account_id=account.id)
        await note_unsent(app, account.practice_id, text.template, to, unsent_because(unsent), channel="sms")
