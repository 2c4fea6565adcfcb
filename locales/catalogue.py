"""Catalogues read with Babel, and texts found in them by their keys."""

import gettext
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from string import Formatter

from babel import Locale
from babel.messages import pofile
from babel.messages.catalog import Catalog
from babel.numbers import format_decimal

HERE = Path(__file__).parent
#: The language of the message ids, and the last resort.
DEFAULT = "en"
#: Every language that has a catalogue.
LANGUAGES: Sequence[str] = tuple(sorted(path.parts[-3] for path in HERE.glob("*/LC_MESSAGES/sluis.po")))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One language. ``forms`` has the forms of each text by its key: one, or one for each of the language's plurals.

    ``locale`` is how dates and numbers are written, from the header ``Language``, which may name a country.
    """

    language: str
    locale: Locale
    forms: Mapping[str, Sequence[str]]
    plural: Callable[[int], int]

    @property
    def name(self) -> str:
        """What the language is called in itself."""
        named = str(self.locale.languages.get(self.language, self.language))
        return named[0].upper() + named[1:]

    @property
    def tag(self) -> str:
        """The language tag for browsers (BCP 47)."""
        return str(self.locale).replace("_", "-")

    def tagged(self, key: str) -> Mapping[str, str]:
        """The forms of a plural text by their tags in CLDR: ``one``, ``few``, ``other``."""
        tags = {self.locale.plural_form(number): self.plural(number) for number in range(200)}
        return {tag: self.forms[key][index] for tag, index in tags.items()}


def path_of(language: str) -> Path:
    return HERE / language / "LC_MESSAGES" / "sluis.po"


def read(language: str) -> Catalog:
    """The file as Babel reads it."""
    with path_of(language).open("rb") as file:
        return pofile.read_po(file, abort_invalid=True)


def forms_of(written: object) -> tuple[str, ...]:
    """What stands in an entry, once or once for each plural."""
    return tuple(map(str, written)) if isinstance(written, list | tuple) else (str(written),)


@cache
def catalogue(language: str) -> Catalogue:
    """A language's catalogue; a text that is not translated is there in English."""
    source = read(language)
    forms = {}
    for entry in source:
        if entry.context:
            translated, english = forms_of(entry.string), forms_of(entry.id)
            forms[entry.context] = translated if all(translated) else english
    return Catalogue(language, source.locale or Locale.parse(language), forms, gettext.c2py(source.plural_expr))


def keys() -> Collection[str]:
    """The keys of all texts."""
    return catalogue(DEFAULT).forms.keys()


def has(key: str) -> bool:
    return key in catalogue(DEFAULT).forms


def language_of(*wanted: str | None) -> str:
    """The first of the wanted languages that there is, ``nl-BE`` as ``nl``; English where there is none."""
    codes = (code.replace("_", "-").partition("-")[0].lower() for code in wanted if code)
    return next((code for code in codes if code in LANGUAGES), DEFAULT)


def message(key: str, language: str) -> str:
    """A text as it stands in the catalogue, of plurals the last form; raises KeyError for an unknown key."""
    return _found(key, language)[1][-1]


def text(key: str, language: str, /, **values: object) -> str:
    """A text with its placeholders filled in; raises KeyError for an unknown key, or a value that is missing.

    Numbers are written as the language does. The number that a plural text names chooses its form.
    """
    found, forms = _found(key, language)
    form = forms[0]
    if len(forms) > 1:
        (number,) = placeholders(forms[-1])
        form = forms[found.plural(int(str(values[number])))]
    return form.format_map({name: _written(value, found.locale) for name, value in values.items()})


def _found(key: str, language: str) -> tuple[Catalogue, Sequence[str]]:
    """The text's forms, and the catalogue that has them."""
    for one in (language_of(language), DEFAULT):
        found = catalogue(one)
        if forms := found.forms.get(key):
            return found, forms
    raise KeyError(key)


def every(key: str) -> Mapping[str, str]:
    """A text in all languages: what the author of a factor writes as a dict."""
    return {language: message(key, language) for language in LANGUAGES}


def in_language(texts: Mapping[str, str], *wanted: str | None) -> str:
    """Of an author's own texts the one in the first of the wanted languages that has one, else the English one."""
    return next((texts[code] for code in wanted if code and texts.get(code)), texts[DEFAULT])


def placeholders(template: str) -> set[str]:
    """The names in braces; raises ValueError for what is no name: ``{}``, ``{0}``, ``{name.attribute}``."""
    found = {(name, form, turned) for _, name, form, turned in Formatter().parse(template) if name is not None}
    for name, form, turned in found:
        if not name.isidentifier() or form or turned:
            raise ValueError(f"no placeholder: {{{name}}}")
    return {name for name, _, _ in found}


def amount_in(amount: Decimal, locale: Locale) -> str:
    """A number with all its decimals."""
    exponent = amount.as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return format_decimal(amount, format="#,##0." + "0" * decimals if decimals else "#,##0", locale=locale)


def _written(value: object, locale: Locale) -> object:
    match value:
        case bool():
            return value
        case int():
            return format_decimal(value, locale=locale)
        case Decimal():
            return amount_in(value, locale)
        case _:
            return value
