"""What the pages say, out of the catalogues: a module around JSON for the scripts, and HTML where none runs."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from locales import LANGUAGES, catalogue, keys, message

_PREFIX = "page."
_HERE = Path(__file__).parent
_PAGES = Environment(loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
#: What stands in texts of the pages without a script.
_LINKS = {
    "address": Markup("<code>/p/…</code>"),
    "link": Markup('<a href="/graphql">GraphQL</a>'),
}


def script() -> bytes:
    """``texts.js``: the languages with their names and tags, and each text by language.

    A text with plurals is an object of its forms, by the names that ``Intl.PluralRules`` has for them.
    """
    known = {code: catalogue(code) for code in LANGUAGES}
    content = {
        "languages": {code: {"name": one.name, "tag": one.tag} for code, one in known.items()},
        "texts": {
            key.removeprefix(_PREFIX): {code: _forms(key, code) for code in known}
            for key in keys()
            if key.startswith(_PREFIX)
        },
    }
    # JSON is JavaScript (ES2019), but for two line ends in older browsers.
    written = (
        json.dumps(content, ensure_ascii=False, indent=1).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    )
    return f"export default {written};\n".encode()


def page(name: str) -> bytes:
    """A page of this folder with its texts in every language."""
    return _PAGES.get_template(name).render(languages=LANGUAGES, said=_said).encode()


def _forms(key: str, code: str) -> str | Mapping[str, str]:
    found = catalogue(code)
    return found.forms[key][0] if len(found.forms[key]) == 1 else found.tagged(key)


def _said(key: str, language: str) -> Markup:
    """The text as HTML, with a hyphen in ``e-mail`` at which no line ends."""
    unbroken = re.sub(r"\b(e)-(mail)", "\\1\u2011\\2", message(_PREFIX + key, language), flags=re.IGNORECASE)
    return escape(unbroken).format(**_LINKS)
