"""About files, reports and the answers to questionnaires."""

from dataclasses import dataclass

from flows.refusals.base import ReasonedRefusal, Refusal


@dataclass(eq=False)
class FileTooLarge(Refusal):
    """More than ``limit`` bytes; nothing was kept."""

    kind = "FILE_TOO_LARGE"
    limit: int


@dataclass(eq=False)
class FileRefused(ReasonedRefusal):
    """What was sent is not what it says it is; the code is ``FILE_`` and the reason."""

    kind = "FILE"
    reason: str

    reasons = (
        "EMPTY",
        "TYPE",
        "NOT_PDF",
        "NOT_TEXT",
        "NOT_IMAGE",
    )


@dataclass(eq=False)
class ScopeMissing(Refusal):
    """The access of this person does not open what is to be released: `setAccessScopes`."""

    kind = "SCOPE_MISSING"
    person: str


class InArchive(Refusal):
    """The report was put away; it is released to nobody."""

    kind = "IN_ARCHIVE"


class ReferenceTaken(Refusal):
    """Something else was delivered under this reference before; a correction has a reference of its own."""

    kind = "REFERENCE_TAKEN"
