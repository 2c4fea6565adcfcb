"""About files, reports and the answers to questionnaires."""

from dataclasses import dataclass

from flows.refusals.base import ReasonedRefusal, Refusal


@dataclass(eq=False)
class FileTooLarge(Refusal):
    """More than ``limit`` bytes; nothing was kept."""

    kind = "FILE_TOO_LARGE"
    texts = {
        "en": "This file is too large: {limit} bytes at the most.",
        "nl": "Dit bestand is te groot: hoogstens {limit} bytes.",
    }
    limit: int


@dataclass(eq=False)
class FileRefused(ReasonedRefusal):
    """What was sent is not what it says it is; the code is ``FILE_`` and the reason."""

    kind = "FILE"
    reason: str

    by_reason = {
        "EMPTY": {"en": "This file is empty.", "nl": "Dit bestand is leeg."},
        "TYPE": {
            "en": "Files of this type are not taken: send a PDF, plain text, or a PNG or JPEG.",
            "nl": "Dit soort bestand kan niet: stuur een pdf, platte tekst, of een PNG of JPEG.",
        },
        "NOT_PDF": {"en": "This is not a whole PDF.", "nl": "Dit is geen volledige pdf."},
        "NOT_TEXT": {"en": "This is not plain text in UTF-8.", "nl": "Dit is geen platte tekst in UTF-8."},
        "NOT_IMAGE": {
            "en": "This is not a whole picture of the type it says, or it has too many pixels.",
            "nl": "Dit is geen volledige afbeelding van het genoemde soort, of er zijn te veel pixels.",
        },
    }


@dataclass(eq=False)
class ScopeMissing(Refusal):
    """The access of this person does not open what is to be released: `setAccessScopes`."""

    kind = "SCOPE_MISSING"
    texts = {
        "en": "The access of {person} does not open this.",
        "nl": "De toegang van {person} geeft hier geen recht op.",
    }
    person: str


class InArchive(Refusal):
    """The report was put away; it is released to nobody."""

    kind = "IN_ARCHIVE"
    texts = {"en": "This report is in the archive.", "nl": "Dit verslag staat in het archief."}


class ReferenceTaken(Refusal):
    """Something else was delivered under this reference before; a correction has a reference of its own."""

    kind = "REFERENCE_TAKEN"
    texts = {
        "en": "Something else was delivered under this reference before.",
        "nl": "Onder dit kenmerk is eerder iets anders aangeleverd.",
    }
