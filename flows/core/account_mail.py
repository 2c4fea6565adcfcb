"""Telling people what happened to their account: by mail, or by text message where that is all there is."""

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
    """Queue a message to the person behind an account, in their language; nothing where there is no way.

    Without a mail address it goes to a phone that the person proved to have. A phone among the factors that are
    just ``gone`` is told in any case: had somebody else taken it away, its owner might read of it nowhere else.
    It tells the person's name, without which a family on one address can't tell whose account it is, and when it
    happened besides ``values``.
    """
    told = {"at": app.now.isoformat(), **await named(account), **values}
    if account.email:
        payload = {"to": account.email, "locale": account.locale, "values": told}
        await post(app, str(account.practice_id), template, payload, To(account_id=account.id))
    if app.rules.sms is not None and (number := await _number(app, account, gone)):
        await _text(app, account, TextMessage(number, template, told))


async def named(account: Account) -> dict[str, str]:
    """How a mail calls the person; nothing for who signed up with an address that nobody has proven yet.

    Else a stranger could have us write any words to anybody.
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
        # What happened has happened: a cap on messages must not undo it.
        log.warning("sms.notice_not_sent", template=text.template, reason=unsent.reason)
        to = To(account_id=account.id)
        await note_unsent(app, account.practice_id, text.template, to, unsent_because(unsent), channel="sms")
