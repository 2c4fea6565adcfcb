"""What the audit trail's codes mean, in plain words: for the client whom a dossier is about, and for owners.

A code has a text of its own in the catalogues, ``audit.said.`` and the code; where an owner reads something else,
``audit.owner.`` and the code as well. Other codes are put together of what was done with which thing.
"""

from locales import has, text

#: The things that an event's first part names.
THINGS = (
    "account",
    "answers",
    "appointment",
    "dossier",
    "grant",
    "invitation",
    "receipt",
    "report",
    "respondent",
)
#: What its second part says was done with it, by its end; the first that fits.
DEEDS = (
    "read",
    "listed",
    "searched",
    "downloaded",
    "exported",
    "released",
    "withdrawn",
    "revoked",
    "accepted",
    "linked",
    "renewed",
    "sent",
    "added",
    "created",
    "issued",
    "booked",
    "moved",
    "cancelled",
    "completed",
    "delivered",
    "archived",
    "joined",
    "voided",
    "deleted",
    "closed",
)


def words_of(event: str, locale: str) -> str:
    """``dossier.listed`` as the client reads it; an event that is not known here still says what it is about."""
    if has(f"audit.said.{event}"):
        return text(f"audit.said.{event}", locale)
    topic, _, deed = event.partition(".")
    if topic not in THINGS:
        return text("audit.something", locale)
    done = next((ending for ending in DEEDS if deed.endswith(ending)), "other")
    said = text(f"audit.deed.{done}", locale, it=text(f"audit.thing.{topic}", locale))
    return said[0].upper() + said[1:]


def owner_words_of(event: str, locale: str) -> str:
    """The same as an owner reads it, who looks at the practice as a whole."""
    return text(f"audit.owner.{event}", locale) if has(f"audit.owner.{event}") else words_of(event, locale)
