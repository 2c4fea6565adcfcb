"""About people who sign up by themselves, and the practice's answer to them."""

from dataclasses import dataclass
from datetime import datetime

from flows.refusals.base import Refusal


class SignUpClosed(Refusal):
    """The practice does not let people make an account without an invitation."""

    kind = "SIGN_UP_CLOSED"


class AlreadyVerified(Refusal):
    """The e-mail address needs no verification any more."""

    kind = "ALREADY_VERIFIED"


@dataclass(eq=False)
class MailedJustNow(Refusal):
    """The same mail went out less than a minute ago; `retryAt` tells when another can be asked for."""

    kind = "MAILED_JUST_NOW"
    retry_at: datetime


class NotVerified(Refusal):
    """The prospect's e-mail address is not verified yet: by the mailed link, or by staff with a reason."""

    kind = "NOT_VERIFIED"
