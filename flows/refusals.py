"""Every way in which Sluis says no: a stable code, a text a person can read, and what the text needs.

Raised where nothing was written; returned as a value where what it counted or audited must commit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from plugins import NotSent, Reason


class Refusal(Exception):
    """Base of all refusals. ``code`` is part of the API; ``texts`` holds one sentence or two per language."""

    kind: ClassVar[str]
    texts: ClassVar[Mapping[str, str]]

    @property
    def code(self) -> str:
        return self.kind

    def message(self, locale: str) -> str:
        return self.texts.get(locale, self.texts["en"]).format_map(vars(self))


class NotSignedIn(Refusal):
    """No live login session came with the request."""

    kind = "NOT_SIGNED_IN"
    texts = {"en": "Please sign in first.", "nl": "Log eerst in."}


class NotAllowed(Refusal):
    """Signed in, but this is not theirs to do."""

    kind = "NOT_ALLOWED"
    texts = {"en": "You are not allowed to do this.", "nl": "U mag dit niet doen."}


class AwaitingApproval(Refusal):
    """Signed in, but no grant is approved yet: only the own account page is open."""

    kind = "AWAITING_APPROVAL"
    texts = {
        "en": "Your practice still has to approve your access.",
        "nl": "Uw praktijk moet uw toegang nog goedkeuren.",
    }


class NotFound(Refusal):
    """Nothing of that id within the caller's reach: unknown, foreign and forbidden answer alike."""

    kind = "NOT_FOUND"
    texts = {"en": "This does not exist.", "nl": "Dit bestaat niet."}


@dataclass(eq=False)
class InvalidInput(Refusal):
    """A value that cannot be used; ``field`` names it as in the schema."""

    kind = "INVALID_INPUT"
    texts = {"en": "Please check “{field}”: {problem}", "nl": "Controleer “{field}”: {problem}"}
    field: str
    problem: str


@dataclass(eq=False)
class AlreadyExists(Refusal):
    """Unique in the practice, and taken."""

    kind = "ALREADY_EXISTS"
    texts = {"en": "This is already in use: {field}.", "nl": "Dit is al in gebruik: {field}."}
    field: str


class Conflict(Refusal):
    """Someone else changed it since it was read."""

    kind = "CONFLICT"
    texts = {
        "en": "Someone else changed this in the meantime. Please reload and try again.",
        "nl": "Iemand anders heeft dit intussen gewijzigd. Laad opnieuw en probeer het nog eens.",
    }


class StepUpRequired(Refusal):
    """The act needs a recent proof of who is there: `beginStepUp`, then `stepUp`."""

    kind = "STEP_UP_REQUIRED"
    texts = {
        "en": "Please confirm first that it is you.",
        "nl": "Bevestig eerst dat u het bent.",
    }


class WrongCredentials(Refusal):
    """Unknown, wrong password, deactivated, suspended: one answer for all."""

    kind = "WRONG_CREDENTIALS"
    texts = {
        "en": "This login and password do not belong together.",
        "nl": "Deze inloggegevens kloppen niet.",
    }


@dataclass(eq=False)
class TooManyAttempts(Refusal):
    """Guessing is slowed down. ``retry_at`` is None when only a reset by staff helps."""

    kind = "TOO_MANY_ATTEMPTS"
    texts = {
        "en": "Too many attempts. Please wait a while and try again, or ask your practice for help.",
        "nl": "Te veel pogingen. Wacht even en probeer het opnieuw, of vraag uw praktijk om hulp.",
    }
    retry_at: datetime | None


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


class ChallengeExpired(Refusal):
    """The challenge is used, expired, or of another sign-in, session, purpose or practice."""

    kind = "CHALLENGE_EXPIRED"
    texts = {
        "en": "This question is no longer valid. Please ask for a new one.",
        "nl": "Deze vraag is niet meer geldig. Vraag een nieuwe aan.",
    }


@dataclass(eq=False)
class ProofRefused(Refusal):
    """The factor refused the proof; the code is ``PROOF_`` and the reason."""

    kind = "PROOF"
    texts = {"en": "", "nl": ""}
    reason: Reason

    _TEXTS: ClassVar[Mapping[Reason, Mapping[str, str]]] = {
        Reason.WRONG: {"en": "This code is not right.", "nl": "Deze code klopt niet."},
        Reason.REPLAYED: {
            "en": "This code has been used already. Please use another one.",
            "nl": "Deze code is al gebruikt. Gebruik een andere.",
        },
        Reason.EXPIRED: {"en": "This code has expired.", "nl": "Deze code is verlopen."},
        Reason.MALFORMED: {"en": "This does not look like a code.", "nl": "Dit lijkt niet op een code."},
    }

    @property
    def code(self) -> str:
        return f"PROOF_{self.reason}"

    def message(self, locale: str) -> str:
        texts = self._TEXTS[self.reason]
        return texts.get(locale, texts["en"])


@dataclass(eq=False)
class NotSentYet(Refusal):
    """A message with a code was not sent; the code is ``NOT_SENT_`` and the reason: TOO_SOON, CAP_REACHED, COUNTRY."""

    kind = "NOT_SENT"
    texts = {"en": "", "nl": ""}
    reason: str
    retry_at: datetime | None

    _TEXTS: ClassVar[Mapping[str, Mapping[str, str]]] = {
        "TOO_SOON": {
            "en": "A code was sent a moment ago. Please wait a little before you ask for another.",
            "nl": "Er is net een code verstuurd. Wacht even voordat u een nieuwe aanvraagt.",
        },
        "CAP_REACHED": {
            "en": "No more codes can be sent for now. Please try again later, or use another way to sign in.",
            "nl": "Er kunnen nu geen codes meer verstuurd worden. Probeer het later, of log op een andere manier in.",
        },
        "COUNTRY": {
            "en": "Codes cannot be sent to a number of this country.",
            "nl": "Naar een nummer van dit land kunnen geen codes verstuurd worden.",
        },
    }

    @property
    def code(self) -> str:
        return f"NOT_SENT_{self.reason}"

    def message(self, locale: str) -> str:
        texts = self._TEXTS[self.reason]
        return texts.get(locale, texts["en"])

    @classmethod
    def of(cls, unsent: NotSent, factor: str) -> Refusal:
        """What a person is told when a factor's message was not sent; a reason that is not ours says nothing."""
        if unsent.reason not in cls._TEXTS:
            return FactorUnavailable(factor)
        return cls(unsent.reason, unsent.retry_at)


@dataclass(eq=False)
class FactorUnavailable(Refusal):
    """A factor that is not installed, not allowed here, or not set up."""

    kind = "FACTOR_UNAVAILABLE"
    texts = {
        "en": "This way of signing in is not available. Use a recovery code, or ask your practice for help.",
        "nl": "Deze manier van inloggen is niet beschikbaar. Gebruik een herstelcode of vraag uw praktijk om hulp.",
    }
    factor: str


@dataclass(eq=False)
class WeakPassword(Refusal):
    """What is wrong with the password, as codes: TOO_SHORT, TOO_LONG, COMMON, GUESSABLE."""

    kind = "WEAK_PASSWORD"
    texts = {
        "en": "This password is too easy to guess or too short. Three or four unrelated words make a good one.",
        "nl": "Dit wachtwoord is te kort of te makkelijk te raden. Drie of vier losse woorden zijn een goede keuze.",
    }
    weaknesses: list[str]


@dataclass(eq=False)
class LinkRefused(Refusal):
    """A mailed link that does nothing (any more); the code is ``LINK_`` and the reason."""

    kind = "LINK"
    texts = {"en": "", "nl": ""}
    reason: str

    _TEXTS: ClassVar[Mapping[str, Mapping[str, str]]] = {
        "UNKNOWN": {"en": "This link is not valid.", "nl": "Deze link is niet geldig."},
        "EXPIRED": {"en": "This link has expired.", "nl": "Deze link is verlopen."},
        "USED": {"en": "This link has been used already.", "nl": "Deze link is al gebruikt."},
        "SUPERSEDED": {
            "en": "A newer link was sent after this one. Please use that.",
            "nl": "Er is een nieuwere link verstuurd. Gebruik die.",
        },
        "REVOKED": {"en": "This link was withdrawn.", "nl": "Deze link is ingetrokken."},
    }

    @property
    def code(self) -> str:
        return f"LINK_{self.reason}"

    def message(self, locale: str) -> str:
        texts = self._TEXTS[self.reason]
        return texts.get(locale, texts["en"])


class AccountExists(Refusal):
    """The invited address already signs in here: sign in and link, or say that it is another person."""

    kind = "ACCOUNT_EXISTS"
    texts = {
        "en": "There is already an account with this e-mail address. Sign in to it to accept the invitation.",
        "nl": "Er is al een account met dit e-mailadres. Log daarmee in om de uitnodiging aan te nemen.",
    }


class NoEmailAddress(Refusal):
    """An invitation needs an address to go to."""

    kind = "NO_EMAIL_ADDRESS"
    texts = {
        "en": "This person needs an e-mail address before an invitation can be sent.",
        "nl": "Deze persoon moet een e-mailadres hebben voordat een uitnodiging verstuurd kan worden.",
    }


class AlreadyHasLogin(Refusal):
    """The respondent already has a login; approve, or deactivate it first."""

    kind = "ALREADY_HAS_LOGIN"
    texts = {"en": "This person already has a login.", "nl": "Deze persoon heeft al een login."}


class NoLogin(Refusal):
    """There is no login (yet) to do this to."""

    kind = "NO_LOGIN"
    texts = {"en": "This person has no login yet.", "nl": "Deze persoon heeft nog geen login."}


class NothingOpen(Refusal):
    """There is no open invitation to revoke."""

    kind = "NOTHING_OPEN"
    texts = {"en": "There is no open invitation.", "nl": "Er is geen open uitnodiging."}


class FactorMissing(Refusal):
    """Approving needs a second factor that is set up."""

    kind = "FACTOR_MISSING"
    texts = {
        "en": "This person has not set up two-step sign-in yet.",
        "nl": "Deze persoon heeft tweestapsverificatie nog niet ingesteld.",
    }


@dataclass(eq=False)
class PolicyRefused(Refusal):
    """A policy that nobody could comply with, or that would not hold; the code is ``POLICY_`` and the reason."""

    kind = "POLICY"
    texts = {"en": "", "nl": ""}
    reason: str
    field: str

    _TEXTS: ClassVar[Mapping[str, Mapping[str, str]]] = {
        "UNKNOWN_FACTOR": {
            "en": "Only factors that are installed here and that people set up themselves can be allowed.",
            "nl": "Alleen factoren die hier geïnstalleerd zijn en die mensen zelf instellen kunnen toegestaan worden.",
        },
        "NO_FACTOR": {
            "en": "Allow at least one factor: nobody could set one up otherwise.",
            "nl": "Sta minstens één factor toe: anders kan niemand er een instellen.",
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

    @property
    def code(self) -> str:
        return f"POLICY_{self.reason}"

    def message(self, locale: str) -> str:
        texts = self._TEXTS[self.reason]
        return texts.get(locale, texts["en"])


class NotExempt(Refusal):
    """There is no exemption to end."""

    kind = "NOT_EXEMPT"
    texts = {"en": "This person is not exempted.", "nl": "Deze persoon heeft geen vrijstelling."}


class LastFactor(Refusal):
    """The policy requires a factor, and no other is left that could be proven."""

    kind = "LAST_FACTOR"
    texts = {
        "en": "You need at least one way of two-step sign-in. Set up another one first.",
        "nl": "U heeft minstens één manier van inloggen in twee stappen nodig. Stel eerst een andere in.",
    }


class LastOwner(Refusal):
    """A practice keeps at least one owner who can sign in."""

    kind = "LAST_OWNER"
    texts = {
        "en": "A practice needs at least one owner.",
        "nl": "Een praktijk heeft minstens één eigenaar nodig.",
    }


class DossierClosed(Refusal):
    """The dossier is closed; nothing new is opened on it."""

    kind = "DOSSIER_CLOSED"
    texts = {"en": "This dossier is closed.", "nl": "Dit dossier is gesloten."}


class BadCursor(Refusal):
    """`after` is not a cursor that this list gave out."""

    kind = "BAD_CURSOR"
    texts = {"en": "This page marker is not valid.", "nl": "Deze paginamarkering is niet geldig."}


@dataclass(eq=False)
class PageTooLarge(Refusal):
    """`first` is beyond the limit."""

    kind = "PAGE_TOO_LARGE"
    texts = {"en": "Ask for 1 to {limit} rows at once.", "nl": "Vraag 1 tot {limit} regels tegelijk."}
    limit: int


class Unavailable(Refusal):
    """The database is busy or away; nothing was changed."""

    kind = "UNAVAILABLE"
    texts = {
        "en": "This is not possible right now. Nothing was changed; please try again in a moment.",
        "nl": "Dit lukt nu even niet. Er is niets gewijzigd; probeer het zo opnieuw.",
    }
