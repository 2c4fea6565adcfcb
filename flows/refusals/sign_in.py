"""On the way in: login, password, and the steps of a sign-in."""

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
    """Guessing is slowed down. `retryAt` is null where only a reset by staff helps."""

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
    """What is wrong with the password, as codes: TOO_SHORT, TOO_LONG, COMMON, GUESSABLE, SAME (as was given)."""

    kind = "WEAK_PASSWORD"
    texts = {
        "en": "This password is too easy to guess or too short. Three or four unrelated words make a good one.",
        "nl": "Dit wachtwoord is te kort of te makkelijk te raden. Drie of vier losse woorden zijn een goede keuze.",
    }
    weaknesses: list[str]

    same = {
        "en": "Choose another password than the one you were given.",
        "nl": "Kies een ander wachtwoord dan het wachtwoord dat u kreeg.",
    }

    def message(self, locale: str) -> str:
        texts = self.same if self.weaknesses == ["SAME"] else self.texts
        return texts.get(locale, texts["en"])
