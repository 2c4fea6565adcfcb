"""On the way in: login, password, and the steps of a sign-in."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flows.refusals.base import Refusal
from locales import text


class WrongCredentials(Refusal):
    """Unknown, wrong password, deactivated, suspended: one answer for all."""

    kind = "WRONG_CREDENTIALS"


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
    retry_at: datetime | None
    cause: Cause = Cause.REQUESTS


class SignInExpired(Refusal):
    """The sign-in took too long, was finished, or something about the account changed meanwhile."""

    kind = "SIGN_IN_EXPIRED"


class StepNotOpen(Refusal):
    """The sign-in is at another step; ask `signInStep`."""

    kind = "STEP_NOT_OPEN"


class PasswordNeeded(Refusal):
    """Setting up a factor begins with the password once more: `confirmPassword`."""

    kind = "PASSWORD_NEEDED"


@dataclass(eq=False)
class WeakPassword(Refusal):
    """The password cannot be used. `weaknesses` are codes: TOO_SHORT, TOO_LONG, COMMON, GUESSABLE, SAME (as was given);
    `message` tells each, with the `minimum` and `maximum` of characters that hold for this person."""

    kind = "WEAK_PASSWORD"
    weaknesses: list[str]
    minimum: int
    maximum: int

    def message(self, locale: str) -> str:
        problems = [text(f"password.{one}", locale, **self._bound(one)) for one in self.weaknesses]
        if _ADVISED & set(self.weaknesses):
            problems.append(text("password.advice", locale))
        return text(f"refusal.{self.code}", locale, problems=" ".join(problems))

    def _bound(self, weakness: str) -> dict[str, int]:
        return {"TOO_SHORT": {"minimum": self.minimum}, "TOO_LONG": {"maximum": self.maximum}}.get(weakness, {})


#: What can be wrong with a password: the codes of `WeakPassword.weaknesses`.
PASSWORD_PROBLEMS = ("TOO_SHORT", "TOO_LONG", "COMMON", "GUESSABLE", "SAME")
_ADVISED = {"TOO_SHORT", "COMMON", "GUESSABLE"}
