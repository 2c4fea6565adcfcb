"""What any field may answer: who is asking, and whether it is possible right now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from flows.refusals.base import Refusal


class NotSignedIn(Refusal):
    """No live login session came with the request."""

    kind = "NOT_SIGNED_IN"
    texts = {"en": "Please sign in first.", "nl": "Log eerst in."}


class InvalidToken(Refusal):
    """The token that was sent is of no live session: it has ended, or never was one.

    Told beside the answer: ``extensions.session`` for every token, and an error for a bearer token.
    """

    kind = "INVALID_TOKEN"
    texts = {
        "en": "You are no longer signed in. Please sign in again.",
        "nl": "U bent niet meer ingelogd. Log opnieuw in.",
    }


class ViewerMismatch(Refusal):
    """The request is meant for another account (``Sluis-Viewer``) than the one that is signed in now."""

    kind = "VIEWER_MISMATCH"
    texts = {
        "en": "Somebody else is signed in here now. Reload the page.",
        "nl": "Hier is nu iemand anders ingelogd. Laad de pagina opnieuw.",
    }


class NotAllowed(Refusal):
    """Signed in, but this is not theirs to do."""

    kind = "NOT_ALLOWED"
    texts = {"en": "You are not allowed to do this.", "nl": "U mag dit niet doen."}


@dataclass(eq=False)
class AwaitingApproval(Refusal):
    """Signed in, but no grant is approved yet, or not even the address verified: only the own account page is open."""

    kind = "AWAITING_APPROVAL"
    texts = {
        "en": "Your practice still has to approve your access.",
        "nl": "Uw praktijk moet uw toegang nog goedkeuren.",
    }
    unverified_kind: ClassVar[str] = "EMAIL_UNVERIFIED"
    unverified_texts: ClassVar[Mapping[str, str]] = {
        "en": "Please confirm your e-mail address first, by the link that was mailed to it.",
        "nl": "Bevestig eerst uw e-mailadres, met de link die daarheen is gemaild.",
    }
    unverified: bool = False

    @property
    def code(self) -> str:
        return self.unverified_kind if self.unverified else self.kind

    @classmethod
    def told(cls) -> Mapping[str, Mapping[str, str]]:
        return {cls.kind: cls.texts, cls.unverified_kind: cls.unverified_texts}

    def message(self, locale: str) -> str:
        texts = self.told()[self.code]
        return texts.get(locale, texts["en"])


class NotFound(Refusal):
    """Nothing of that id within the caller's reach: unknown, foreign and forbidden answer alike."""

    kind = "NOT_FOUND"
    texts = {"en": "This does not exist.", "nl": "Dit bestaat niet."}

    @classmethod
    def out_of_reach(cls, *dossier_ids: object) -> "NotFound":
        refusal = cls()
        refusal.denied = dossier_ids
        return refusal


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


class AnswerTooLarge(Refusal):
    """The fields of one request together ask for more documents than may be opened at once."""

    kind = "ANSWER_TOO_LARGE"
    texts = {
        "en": "This asks for too much at once. Please ask for less.",
        "nl": "Dit vraagt te veel tegelijk. Vraag minder.",
    }


class Unavailable(Refusal):
    """The database is busy or away; nothing was changed."""

    kind = "UNAVAILABLE"
    texts = {
        "en": "This is not possible right now. Nothing was changed; please try again in a moment.",
        "nl": "Dit lukt nu even niet. Er is niets gewijzigd; probeer het zo opnieuw.",
    }
