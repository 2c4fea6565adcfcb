"""What any field may answer: who is asking, and whether it is possible right now."""

from dataclasses import dataclass

from flows.refusals.base import Refusal


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

    #: The dossier that is there and out of the caller's reach: for the audit, never for the caller.
    denied: object = None

    kind = "NOT_FOUND"
    texts = {"en": "This does not exist.", "nl": "Dit bestaat niet."}

    @classmethod
    def out_of_reach(cls, dossier_id: object) -> "NotFound":
        refusal = cls()
        refusal.denied = dossier_id
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


class Unavailable(Refusal):
    """The database is busy or away; nothing was changed."""

    kind = "UNAVAILABLE"
    texts = {
        "en": "This is not possible right now. Nothing was changed; please try again in a moment.",
        "nl": "Dit lukt nu even niet. Er is niets gewijzigd; probeer het zo opnieuw.",
    }
