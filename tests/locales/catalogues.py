"""Looks through the catalogues, for `make lint`: what is used and not there, or there and not used, or not whole.

    python -m tests.locales.catalogues

prints each problem on a line, and ends with 1 where there is one.
"""

import ast
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.plurals import get_plural

from delivery.sms_texts import NEWS, PLAIN
from delivery.templates import TEMPLATES, keys_of
from flows.access.undelivered import TITLED, Delivery
from flows.audit_trail.audit_words import DEEDS, THINGS
from flows.refusals import LinkRefused, Problem, Refusal
from flows.refusals.sign_in import PASSWORD_PROBLEMS
from locales import DEFAULT, LANGUAGES, placeholders
from locales.catalogue import forms_of, path_of, read
from models.core.message_failure import MessageFailure
from models.receipts.receipt import PaymentMethod
from tests.support.event_codes import event_codes

ROOT = Path(__file__).parents[2]
ROOMS = ("commands", "conformance", "delivery", "factors", "flows", "locales", "models", "plugins", "schema", "web")
#: What takes a key as its first argument.
TAKERS = {"text", "message", "every", "has"}


def problems() -> Iterator[str]:
    """One line each."""
    english = {entry.context: entry for entry in read(DEFAULT) if entry.context}
    yield from _of_keys(english.keys(), used())
    for prefix in sorted(composed() - families().keys()):
        yield f"{DEFAULT}: tests/locales/catalogues.py knows of no keys that begin with {prefix}"
    for language in LANGUAGES:
        yield from of_language(language, read(language), path_of(language).read_text(encoding="utf-8"), english)


def _of_keys(known: Collection[str], wanted: Collection[str]) -> Iterator[str]:
    for key in sorted(set(wanted) - set(known)):
        yield f"{DEFAULT}: {key} is used and missing"
    for key in sorted(set(known) - set(wanted)):
        yield f"{DEFAULT}: {key} is used nowhere"


def of_language(language: str, source: Catalog, written: str, english: Mapping[str, Message]) -> Iterator[str]:
    """What is wrong with one catalogue; ``written`` is the file."""
    plural = get_plural(source.locale or language)
    if (source.num_plurals, source.plural_expr) != (plural.num_plurals, plural.plural_expr):
        yield f"{language}: Plural-Forms are nplurals={plural.num_plurals}; plural={plural.plural_expr}"
    named = re.findall(r'^msgctxt "(.*)"$', written, re.MULTILINE)
    for key in sorted({key for key in named if named.count(key) > 1}):
        yield f"{language}: {key} is there twice"
    found = {entry.context: entry for entry in source if entry.context}
    for key in english.keys() - found.keys():
        yield f"{language}: {key} is missing"
    for key in found.keys() - english.keys():
        yield f"{language}: {key} is not in English"
    if source.obsolete:
        yield f"{language}: there are {len(source.obsolete)} obsolete entries"
    for key in sorted(english.keys() & found.keys()):
        for wrong in of_entry(found[key], english[key], source.num_plurals, translated=language != DEFAULT):
            yield f"{language}: {key} {wrong}"


def of_entry(entry: Message, english: Message, plurals: int, *, translated: bool) -> Iterator[str]:
    """What is wrong with one text."""
    if entry.id != english.id:
        yield "has another English text than the English catalogue: translate it anew"
    if entry.fuzzy:
        yield "is fuzzy: look at it, and take the mark away"
    forms = forms_of(entry.string)
    if translated and not all(form.strip() for form in forms):
        yield "lacks a plural form" if len(forms) > 1 else "is not translated"
        return
    if isinstance(entry.id, list | tuple) and len(forms) != plurals:
        yield f"has {len(forms)} plural forms instead of {plurals}"
    try:
        wanted = placeholders(forms_of(english.id)[-1])
        differing = [form for form in (*forms_of(entry.id), *forms) if form and placeholders(form) != wanted]
    except ValueError as wrong:
        yield f"has {wrong}"
        return
    if differing:
        yield f"has other placeholders than {', '.join(sorted(wanted)) or 'none'}"
    if isinstance(entry.id, list | tuple) and len(wanted) != 1:
        yield "has plurals, so it needs exactly one placeholder: its number"


def used() -> set[str]:
    """Every key that the product can look up."""
    composed = {f"{prefix}{name}" for prefix, names in families().items() for name in names}
    mailed = {key for template in TEMPLATES for key in keys_of(template)}
    return {*literal_keys(), *page_keys(), *composed, *mailed}


@cache
def trees() -> Iterable[ast.Module]:
    files = (path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")) if "tests" not in path.parts)
    return [ast.parse(path.read_text(encoding="utf-8")) for path in files]


def literal_keys() -> Iterator[str]:
    """Keys that are written out where a text is asked for; each choice of two."""
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in TAKERS and node.args:
                yield from _literals(node.args[0])
            # A key that was chosen before it is looked up.
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.IfExp):
                yield from (key for key in _literals(node.value) if re.fullmatch(r"told\.\w+", key))


def _literals(given: ast.expr) -> Iterator[str]:
    if isinstance(given, ast.IfExp):
        yield from _literals(given.body)
        yield from _literals(given.orelse)
    elif isinstance(given, ast.Constant) and isinstance(given.value, str):
        yield given.value


def composed() -> set[str]:
    """What stands before the braces of keys that are put together, as in ``refusal.{code}``."""
    calls = (node for tree in trees() for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args)
    keys = (call.args[0] for call in calls if getattr(call.func, "id", "") in TAKERS)
    begins = (key.values[0] for key in keys if isinstance(key, ast.JoinedStr))
    return {str(begin.value) for begin in begins if isinstance(begin, ast.Constant)}


@cache
def families() -> Mapping[str, Iterable[str]]:
    """What can stand behind each beginning of a key."""
    constants = set(_constants())
    english = {entry.context for entry in read(DEFAULT) if entry.context}
    named = {key for key in english if key.startswith(("field.", "item.", "blocker."))}
    spoken = {key.partition(".")[2] for key in named} & constants
    codes = event_codes()
    return {
        "refusal.": {"others", *(code for refusal in _refusals(Refusal) for code in refusal.codes())},
        "problem.": [problem.value for problem in Problem],
        "password.": [*PASSWORD_PROBLEMS, "advice"],
        # The tests see to it that each field has a name; here, that each name is of a field.
        **{f"{kind}.": _of_kind(kind, english) & spoken for kind in ("field", "item", "blocker")},
        "undelivered.reason.": [failure.value for failure in MessageFailure],
        "undelivered.state.": [delivery.value for delivery in Delivery],
        "undelivered.title.": [*TITLED, "other"],
        "audit.said.": _of_kind("audit.said", english) & codes,
        "audit.owner.": _of_kind("audit.owner", english) & codes,
        "audit.thing.": THINGS,
        "audit.deed.": [*DEEDS, "other"],
        "receipt.paid.": [way.value for way in PaymentMethod],
        "sms.": [*PLAIN, *NEWS],
        "device.": ["browser", "system", "unknown"],
        "error.": ["INTERNAL", "TIMEOUT"],
        "mail.subject.": (),
        "mail.body.": (),
        "mail.each.": (),
        "mail.detail.": (),
        "mail.button.": (),
        "mail.closing.": (),
    }


def _of_kind(kind: str, keys: Iterable[str]) -> set[str]:
    return {key.removeprefix(f"{kind}.") for key in keys if key.startswith(f"{kind}.")}


def _refusals(base: type[Refusal]) -> Iterator[type[Refusal]]:
    for refusal in base.__subclasses__():
        if hasattr(refusal, "kind"):
            yield refusal
        yield from _refusals(refusal)


def _constants() -> Iterator[str]:
    """Every text in the source, and names in snake_case as the schema writes them."""
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                first, *others = node.value.split("_")
                yield from (node.value, first + "".join(map(str.capitalize, others)))


def page_keys() -> Iterator[str]:
    """What the scripts and the pages say, and what they say of a link that is refused."""
    web = ROOT / "web"
    scripts = "".join(path.read_text(encoding="utf-8") for path in sorted((web / "static").glob("*.js")))
    files = {path.name for path in (web / "static").iterdir()} | {"texts.js"}
    known = {entry.context.removeprefix("page.") for entry in read(DEFAULT) if entry.context}
    quoted = {key for key in re.findall(r'"([a-z_]+(?:\.\w+)*)"', scripts) if key in known or "." in key} - files
    pages = "".join(path.read_text(encoding="utf-8") for path in web.glob("*.html"))
    quoted |= set(re.findall(r'said\("([\w.]+)"', pages))
    for reason in ("MISSING", *LinkRefused.reasons):
        quoted |= {f"link.{reason}", f"link.{reason}.title"}
        # Where a page has more to say than the others.
        quoted |= {key for page in ("accept", "reset", "verify") if (key := f"link.{reason}.{page}") in known}
    yield from (f"page.{key}" for key in quoted)


if __name__ == "__main__":
    found = list(problems())
    print(*found, sep="\n", end="\n" if found else "")  # noqa: T201
    sys.exit(bool(found))
