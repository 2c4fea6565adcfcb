"""What any field may answer: who is asking, and whether it is possible right now."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from flows.refusals.base import Refusal


class NotSignedIn(Refusal):
    """No live login session came with the request."""

    kind = "NOT_SIGNED_IN"


class InvalidToken(Refusal):
    """The token that was sent is of no live session: it has ended, or never was one.

    Told beside the answer: ``extensions.session`` for every token, and an error for a bearer token.
    """

    kind = "INVALID_TOKEN"


class ViewerMismatch(Refusal):
    """The request is meant for another account (``Sluis-Viewer``) than the one that is signed in now."""

    kind = "VIEWER_MISMATCH"


class NotAllowed(Refusal):
    """Signed in, but this is not theirs to do."""

    kind = "NOT_ALLOWED"


@dataclass(eq=False)
class AwaitingApproval(Refusal):
    """Signed in, but no grant is approved yet, or not even the address verified: only the own account page is open."""

    kind = "AWAITING_APPROVAL"
    unverified_kind: ClassVar[str] = "EMAIL_UNVERIFIED"
    unverified: bool = False

    @property
    def code(self) -> str:
        return self.unverified_kind if self.unverified else self.kind

    @classmethod
    def codes(cls) -> Sequence[str]:
        return (cls.kind, cls.unverified_kind)


class NotFound(Refusal):
    """Nothing of that id within the caller's reach: unknown, foreign and forbidden answer alike."""

    kind = "NOT_FOUND"

    @classmethod
    def out_of_reach(cls, *dossier_ids: object) -> "NotFound":
        refusal = cls()
        refusal.denied = dossier_ids
        return refusal


class Conflict(Refusal):
    """Someone else changed it since it was read."""

    kind = "CONFLICT"


class StepUpRequired(Refusal):
    """The act needs a recent proof of who is there: `beginStepUp`, then `stepUp`."""

    kind = "STEP_UP_REQUIRED"


class BadCursor(Refusal):
    """`after` is not a cursor that this list gave out."""

    kind = "BAD_CURSOR"


@dataclass(eq=False)
class PageTooLarge(Refusal):
    """`first` is beyond the limit."""

    kind = "PAGE_TOO_LARGE"
    limit: int


class AnswerTooLarge(Refusal):
    """The fields of one request together ask for more documents than may be opened at once."""

    kind = "ANSWER_TOO_LARGE"


class Unavailable(Refusal):
    """The database is busy or away; nothing was changed."""

    kind = "UNAVAILABLE"
