"""The texts that people read: one gettext catalogue a language, ``<language>/LC_MESSAGES/sluis.po``.

The languages are those that have a folder here. ``docs/languages.md`` tells how to translate and how to add one.
"""

from locales.catalogue import (
    DEFAULT,
    LANGUAGES,
    catalogue,
    every,
    has,
    in_language,
    keys,
    language_of,
    message,
    placeholders,
    text,
)
from locales.written import shown_amount, shown_date, shown_day_of, shown_moment, shown_time_in

__all__ = [
    "DEFAULT",
    "LANGUAGES",
    "catalogue",
    "every",
    "has",
    "in_language",
    "keys",
    "language_of",
    "message",
    "placeholders",
    "shown_amount",
    "shown_date",
    "shown_day_of",
    "shown_moment",
    "shown_time_in",
    "text",
]
