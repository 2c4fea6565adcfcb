"""`docs/audit.md` lists every event code that the product records, and no other; each has words of its own."""

import re

import pytest

from flows.audit_trail.audit_lines import FORMS
from flows.audit_trail.audit_words import owner_words_of, words_of
from locales import LANGUAGES, keys, message
from tests.support.command import ROOT
from tests.support.event_codes import event_codes, recorders

TEXT = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([a-z_]+\.[a-z_]+)` \| (.+) \|$", re.MULTILINE)
CODES = sorted(event_codes())


def test_the_codes_are_read_from_the_source() -> None:
    """One of each form in which they are written there."""
    put_together = {"change.rejected", "account.reset_requested"}
    assert {"dossier.read", "dossier.searched", "appointment.moved", "dossier.denied", "policy.set"} <= {*CODES}
    assert put_together <= {*CODES}
    assert len(CODES) > 110


def test_rows_are_stored_by_one_function() -> None:
    """`flows.core.audit.record`, which knows who acts, and refuses the act where the row can't be written."""
    assert recorders() == ["flows/core/audit.py"]


def test_the_page_lists_every_code_with_its_meaning() -> None:
    assert ROW.findall(TEXT) == [(code, owner_words_of(code, "en")) for code in CODES]


@pytest.mark.parametrize("locale", LANGUAGES)
def test_every_code_has_words_of_its_own(locale: str) -> None:
    unknown = words_of("nothing.known", locale)
    for code in CODES:
        assert words_of(code, locale) != unknown, code
        said = owner_words_of(code, locale)
        assert said != unknown, code
        other = re.escape(message("audit.deed.other", locale)).replace(r"\{it\}", ".+")
        assert not re.fullmatch(other, said), code
    every = [owner_words_of(code, locale) for code in CODES]
    assert len(set(every)) == len(every), "no two say the same"


def test_an_unknown_code_still_says_something() -> None:
    assert words_of("nothing.known", "nl") == owner_words_of("nothing.known", "nl") == "Iets anders gedaan"
    assert words_of("dossier.known", "en") == "Changed something about the dossier"


def test_no_words_are_for_what_is_never_recorded() -> None:
    said = {key.split(".", 2)[2] for key in keys() if key.startswith(("audit.said.", "audit.owner."))}
    assert said <= {*CODES}


def test_the_page_names_the_forms_of_an_export() -> None:
    assert all(f"`{name}`" in TEXT for name in FORMS)
