"""About people who sign up by themselves, and the practice's answer to them."""

from dataclasses import dataclass
from datetime import datetime

from flows.refusals.base import Refusal


class SignUpClosed(Refusal):
    """The practice does not let people make an account without an invitation."""

    kind = "SIGN_UP_CLOSED"
    texts = {
        "en": "You cannot sign up here by yourself. Please ask the practice for an invitation.",
        "nl": "U kunt zich hier niet zelf aanmelden. Vraag de praktijk om een uitnodiging.",
    }


class AlreadyVerified(Refusal):
    """The e-mail address needs no verification any more."""

    kind = "ALREADY_VERIFIED"
    texts = {
        "en": "This e-mail address has been confirmed already.",
        "nl": "Dit e-mailadres is al bevestigd.",
    }


@dataclass(eq=False)
class MailedJustNow(Refusal):
    """The same mail went out less than a minute ago; `retryAt` tells when another can be asked for."""

    kind = "MAILED_JUST_NOW"
    texts = {
        "en": "A mail was sent a moment ago. Please wait a minute before you ask for another.",
        "nl": "Er is net een mail verstuurd. Wacht een minuut voordat u een nieuwe aanvraagt.",
    }
    retry_at: datetime


class NotVerified(Refusal):
    """The prospect's e-mail address is not verified yet: by the mailed link, or by staff with a reason."""

    kind = "NOT_VERIFIED"
    texts = {
        "en": "This person’s e-mail address has not been confirmed yet.",
        "nl": "Het e-mailadres van deze persoon is nog niet bevestigd.",
    }
