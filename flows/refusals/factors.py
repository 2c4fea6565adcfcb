"""About second factors, and the policy that asks for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flows.refusals.base import ReasonedRefusal, Refusal
from plugins import NotSent, Reason


class ChallengeExpired(Refusal):
    """The challenge is used, expired, or of another sign-in, session, purpose or practice."""

    kind = "CHALLENGE_EXPIRED"
    texts = {
        "en": "This question is no longer valid. Please ask for a new one.",
        "nl": "Deze vraag is niet meer geldig. Vraag een nieuwe aan.",
    }


@dataclass(eq=False)
class ProofRefused(ReasonedRefusal):
    """The factor refused the proof; the code is ``PROOF_`` and the reason."""

    kind = "PROOF"
    reason: Reason

    by_reason = {
        Reason.WRONG: {"en": "This is not right. Please try again.", "nl": "Dit klopt niet. Probeer het opnieuw."},
        Reason.REPLAYED: {
            "en": "This has been used already. Please use a new one.",
            "nl": "Dit is al gebruikt. Gebruik een nieuwe.",
        },
        Reason.EXPIRED: {
            "en": "This is no longer valid. Please ask for a new one.",
            "nl": "Dit is niet meer geldig. Vraag een nieuwe aan.",
        },
        Reason.MALFORMED: {
            "en": "This does not have the right form. Please check what you gave.",
            "nl": "Dit heeft niet de juiste vorm. Controleer wat u heeft ingevuld.",
        },
        Reason.CLOCK: {
            "en": (
                "This code belongs to a little earlier or a little later. Please type the newest one. "
                "If that is refused as well, set the clock of your phone to automatic."
            ),
            "nl": (
                "Deze code hoort bij iets eerder of iets later. Vul de nieuwste code in. "
                "Lukt dat ook niet, zet dan de klok van uw telefoon op automatisch."
            ),
        },
        Reason.CHANGED: {
            "en": (
                "This key has changed since you set it up, so it cannot be accepted. Sign in another way, "
                "remove the key and set it up again."
            ),
            "nl": (
                "Deze sleutel is veranderd sinds u hem instelde en wordt daarom niet geaccepteerd. Log op een andere "
                "manier in, verwijder de sleutel en stel hem opnieuw in."
            ),
        },
    }


#: The titles of factors, each by language.
Titles = tuple[Mapping[str, str], ...]

_OTHERS = {"en": "What you can use instead: {titles}.", "nl": "Dit kunt u in plaats daarvan gebruiken: {titles}."}


def _with_others(message: str, others: Titles, locale: str) -> str:
    """The message, and the other ways that there are."""
    if not others:
        return message
    titles = ", ".join(titles.get(locale, titles["en"]) for titles in others)
    return f"{message} {_OTHERS.get(locale, _OTHERS['en']).format(titles=titles)}"


@dataclass(eq=False)
class NotSentYet(ReasonedRefusal):
    """A message with a code was not sent; the code is ``NOT_SENT_`` and the reason.

    TOO_SOON: the person asked a moment ago; NUMBER_BUSY: the number has to wait; CAP_REACHED; COUNTRY.
    """

    kind = "NOT_SENT"
    reason: str
    retry_at: datetime | None

    by_reason = {
        "TOO_SOON": {
            "en": "A code was sent a moment ago. Please wait a little before you ask for another.",
            "nl": "Er is net een code verstuurd. Wacht even voordat u een nieuwe aanvraagt.",
        },
        "NUMBER_BUSY": {
            "en": "No code can be sent to this number just now. Please wait a little and try again.",
            "nl": "Naar dit nummer kan nu even geen code worden verstuurd. Wacht even en probeer het opnieuw.",
        },
        "CAP_REACHED": {
            "en": "No more codes can be sent for now. Please try again later.",
            "nl": "Er kunnen nu geen codes meer verstuurd worden. Probeer het later opnieuw.",
        },
        "COUNTRY": {
            "en": "Codes cannot be sent to a number of this country.",
            "nl": "Naar een nummer van dit land kunnen geen codes verstuurd worden.",
        },
    }

    others: Titles = ()

    def message(self, locale: str) -> str:
        return _with_others(super().message(locale), self.others, locale)

    @classmethod
    def of(cls, unsent: NotSent, factor: str, others: Titles = ()) -> Refusal:
        """What a person is told when a factor's message was not sent; a reason that is not ours says nothing."""
        if unsent.reason not in cls.by_reason:
            return FactorUnavailable(factor, others)
        return cls(unsent.reason, unsent.retry_at, others)


@dataclass(eq=False)
class FactorUnavailable(Refusal):
    """A factor that is not installed, not allowed here, or not set up, or that failed. The message names the other
    ways that this person has at this moment, where there are any."""

    kind = "FACTOR_UNAVAILABLE"
    texts = {
        "en": "This way of signing in is not available. Ask your practice for help.",
        "nl": "Deze manier van inloggen is niet beschikbaar. Vraag uw praktijk om hulp.",
    }
    factor: str
    others: Titles = ()

    def message(self, locale: str) -> str:
        return _with_others(super().message(locale), self.others, locale)


class FactorMissing(Refusal):
    """Approving needs a second factor that is set up."""

    kind = "FACTOR_MISSING"
    texts = {
        "en": "This person has not set up two-step sign-in yet.",
        "nl": "Deze persoon heeft twee-staps-authenticatie nog niet ingesteld.",
    }


class LastFactor(Refusal):
    """The policy requires a factor, and no other is left that could be proven."""

    kind = "LAST_FACTOR"
    texts = {
        "en": "You need at least one way of two-step sign-in. Set up another one first.",
        "nl": "U heeft minstens één manier van twee-staps-authenticatie nodig. Stel eerst een andere in.",
    }


@dataclass(eq=False)
class PolicyRefused(ReasonedRefusal):
    """A policy that nobody could comply with, or that would not hold; the code is ``POLICY_`` and the reason."""

    kind = "POLICY"
    reason: str
    field: str

    by_reason = {
        "UNKNOWN_FACTOR": {
            "en": "Only factors that are installed here and that people set up themselves can be allowed.",
            "nl": "Alleen factoren die hier geïnstalleerd zijn en die mensen zelf instellen kunnen toegestaan worden.",
        },
        "NO_FACTOR": {
            "en": "Allow at least one factor: nobody could set one up otherwise.",
            "nl": "Sta minstens één factor toe: anders kan niemand er een instellen.",
        },
        "PREFERRED": {
            "en": "The preferred factor must be one of the allowed factors.",
            "nl": "De factor die voorkeur heeft moet een van de toegestane factoren zijn.",
        },
        "DATES": {
            "en": "A factor can only be offered before the date from which it is required.",
            "nl": "Een factor kan alleen aangeboden worden vóór de datum waarop die verplicht wordt.",
        },
        "DURATION": {
            "en": "A device can be remembered for 1 hour to 30 days, with at most ten different choices.",
            "nl": "Een apparaat kan 1 uur tot 30 dagen onthouden worden, met hoogstens tien verschillende keuzes.",
        },
        "DEFAULT": {
            "en": "The preselected duration must be one of the durations.",
            "nl": "De vooraf gekozen duur moet een van de duren zijn.",
        },
        "NOT_PRIMARY": {
            "en": "None of the allowed factors can stand for the whole sign-in.",
            "nl": "Geen van de toegestane factoren kan het hele inloggen vervangen.",
        },
    }


class NotExempt(Refusal):
    """There is no exemption to end."""

    kind = "NOT_EXEMPT"
    texts = {"en": "This person is not exempted.", "nl": "Deze persoon heeft geen vrijstelling."}


class FallbackReplaced(Refusal):
    """Newer recovery codes, or the like, were made since these were shown; only those that were shown last work."""

    kind = "FALLBACK_REPLACED"
    texts = {
        "en": "These codes were replaced by newer ones. Keep the codes that were shown last, and throw these away.",
        "nl": "Deze codes zijn vervangen door nieuwe. Bewaar de codes die het laatst zijn getoond en gooi deze weg.",
    }
