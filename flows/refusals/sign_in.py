"""On the way in: login, password, and the steps of a sign-in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flows.refusals.base import Refusal


class WrongCredentials(Refusal):
    """Unknown, wrong password, deactivated, suspended: one answer for all."""

    kind = "WRONG_CREDENTIALS"
    texts = {
        "en": "This login and password do not belong together.",
        "nl": "Deze inloggegevens kloppen niet.",
    }


class Cause(StrEnum):
    """What was used up. Clients are not told: a budget of one login must look like a window."""

    BUDGET = "BUDGET"
    """Of one account and one kind of proof: about that account, so the trail has it."""
    WINDOW = "WINDOW"
    """A minute's failures of an address, a practice or the installation: about nobody."""
    REQUESTS = "REQUESTS"
    """Something else that may be asked so often."""


@dataclass(eq=False)
class TooManyAttempts(Refusal):
    """Too many guesses, or too many requests of one kind. `retryAt` is null only for an account that too many guesses
    locked: no wait ends that, only a new password or a reset by staff."""

    kind = "TOO_MANY_ATTEMPTS"
    texts = {
        "en": "Too many attempts. Please wait a while and try again, or ask your practice for help.",
        "nl": "Te veel pogingen. Wacht even en probeer het opnieuw, of vraag uw praktijk om hulp.",
    }
    retry_at: datetime | None
    cause: Cause = Cause.REQUESTS


class SignInExpired(Refusal):
    """The sign-in took too long, was finished, or something about the account changed meanwhile."""

    kind = "SIGN_IN_EXPIRED"
    texts = {
        "en": "This sign-in is no longer valid. Please start again.",
        "nl": "Deze inlogpoging is niet meer geldig. Begin opnieuw.",
    }


class StepNotOpen(Refusal):
    """The sign-in is at another step; ask `signInStep`."""

    kind = "STEP_NOT_OPEN"
    texts = {
        "en": "This cannot be done at this point.",
        "nl": "Dit kan op dit moment niet.",
    }


class PasswordNeeded(Refusal):
    """Setting up a factor begins with the password once more: `confirmPassword`."""

    kind = "PASSWORD_NEEDED"
    texts = {"en": "Please enter your password again first.", "nl": "Vul eerst nogmaals uw wachtwoord in."}


@dataclass(eq=False)
class WeakPassword(Refusal):
    """The password cannot be used. `weaknesses` are codes: TOO_SHORT, TOO_LONG, COMMON, GUESSABLE, SAME (as was given);
    `message` tells each, with the `minimum` and `maximum` of characters that hold for this person."""

    kind = "WEAK_PASSWORD"
    texts = {
        "en": "This password cannot be used. {problems}",
        "nl": "Dit wachtwoord kan niet gebruikt worden. {problems}",
    }
    weaknesses: list[str]
    minimum: int
    maximum: int

    def message(self, locale: str) -> str:
        told = [PASSWORD_PROBLEMS[weakness] for weakness in self.weaknesses]
        if _ADVISED & set(self.weaknesses):
            told.append(_ADVICE)
        problems = " ".join(texts.get(locale, texts["en"]) for texts in told)
        bounds = {"minimum": self.minimum, "maximum": self.maximum}
        return self.texts.get(locale, self.texts["en"]).format(problems=problems.format_map(bounds))


#: What is wrong with a password, by the codes of `WeakPassword.weaknesses`.
PASSWORD_PROBLEMS: Mapping[str, Mapping[str, str]] = {
    "TOO_SHORT": {
        "en": "It is too short: it needs at least {minimum} characters.",
        "nl": "Het is te kort: er zijn minstens {minimum} tekens nodig.",
    },
    "TOO_LONG": {
        "en": "It is too long: it can have at most {maximum} characters.",
        "nl": "Het is te lang: er passen hoogstens {maximum} tekens in.",
    },
    "COMMON": {
        "en": "It is mostly made of words that belong to you or the practice, such as a name.",
        "nl": "Het bestaat vooral uit woorden die bij u of de praktijk horen, zoals een naam.",
    },
    "GUESSABLE": {"en": "It is easy to guess.", "nl": "Het is makkelijk te raden."},
    "SAME": {
        "en": "Choose another password than the one you were given.",
        "nl": "Kies een ander wachtwoord dan het wachtwoord dat u kreeg.",
    },
}
_ADVISED = {"TOO_SHORT", "COMMON", "GUESSABLE"}
_ADVICE = {
    "en": "Three or four unrelated words make a good one.",
    "nl": "Drie of vier losse woorden zijn een goede keuze.",
}
