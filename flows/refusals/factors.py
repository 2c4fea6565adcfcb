"""About second factors, and the policy that asks for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flows.refusals.base import ReasonedRefusal, Refusal
from locales import in_language, text
from plugins import NotSent, Reason


class ChallengeExpired(Refusal):
    """The challenge is used, expired, or of another sign-in, session, purpose or practice."""

    kind = "CHALLENGE_EXPIRED"


@dataclass(eq=False)
class ProofRefused(ReasonedRefusal):
    """The factor refused the proof; the code is ``PROOF_`` and the reason."""

    kind = "PROOF"
    reason: Reason

    reasons = (
        Reason.WRONG,
        Reason.REPLAYED,
        Reason.EXPIRED,
        Reason.MALFORMED,
        Reason.CLOCK,
        Reason.CHANGED,
    )


#: The titles of factors, each by language.
Titles = tuple[Mapping[str, str], ...]


def _with_others(message: str, others: Titles, locale: str) -> str:
    """The message, and the other ways that there are."""
    if not others:
        return message
    titles = ", ".join(in_language(titles, locale) for titles in others)
    return f"{message} {text('refusal.others', locale, titles=titles)}"


@dataclass(eq=False)
class NotSentYet(ReasonedRefusal):
    """A message with a code was not sent; the code is ``NOT_SENT_`` and the reason.

    TOO_SOON: the person asked a moment ago; NUMBER_BUSY: the number has to wait; CAP_REACHED; COUNTRY.
    """

    kind = "NOT_SENT"
    reason: str
    retry_at: datetime | None

    reasons = (
        "TOO_SOON",
        "NUMBER_BUSY",
        "CAP_REACHED",
        "COUNTRY",
    )

    others: Titles = ()

    def message(self, locale: str) -> str:
        return _with_others(super().message(locale), self.others, locale)

    @classmethod
    def of(cls, unsent: NotSent, factor: str, others: Titles = ()) -> Refusal:
        """What a person is told when a factor's message was not sent; a reason that is not ours says nothing."""
        if unsent.reason not in cls.reasons:
            return FactorUnavailable(factor, others)
        return cls(unsent.reason, unsent.retry_at, others)


@dataclass(eq=False)
class FactorUnavailable(Refusal):
    """A factor that is not installed, not allowed here, or not set up, or that failed. The message names the other
    ways that this person has at this moment, where there are any."""

    kind = "FACTOR_UNAVAILABLE"
    factor: str
    others: Titles = ()

    def message(self, locale: str) -> str:
        return _with_others(super().message(locale), self.others, locale)


class FactorMissing(Refusal):
    """Approving needs a second factor that is set up."""

    kind = "FACTOR_MISSING"


class LastFactor(Refusal):
    """The policy requires a factor, and no other is left that could be proven."""

    kind = "LAST_FACTOR"


@dataclass(eq=False)
class PolicyRefused(ReasonedRefusal):
    """A policy that nobody could comply with, or that would not hold; the code is ``POLICY_`` and the reason."""

    kind = "POLICY"
    reason: str
    field: str

    reasons = (
        "UNKNOWN_FACTOR",
        "NO_FACTOR",
        "PREFERRED",
        "DATES",
        "DURATION",
        "DEFAULT",
        "NOT_PRIMARY",
    )


class NotExempt(Refusal):
    """There is no exemption to end."""

    kind = "NOT_EXEMPT"


class FallbackReplaced(Refusal):
    """Newer recovery codes, or the like, were made since these were shown; only those that were shown last work."""

    kind = "FALLBACK_REPLACED"
