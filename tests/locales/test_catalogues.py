"""The catalogues are whole, and the check that says so finds what is not."""

import io

import pytest
from babel.messages import pofile
from babel.messages.catalog import Catalog, Message

from locales import LANGUAGES, has, in_language, keys, language_of, placeholders, text
from locales.catalogue import path_of, read
from tests.locales.catalogues import families, of_entry, of_language, problems, used


def test_the_catalogues_are_whole() -> None:
    assert [*problems()] == []


def test_what_is_used_is_read_from_the_source() -> None:
    """One key of each way in which it is looked up."""
    written, chosen, composed = "receipt.title", "told.reset_waits", "refusal.NOT_FOUND"
    assert {written, chosen, composed, "page.landing.title", "page.root", "mail.body.invitation"} <= used()
    assert "refusal." in families()


ENGLISH = Message("At most {bound} days.", context="problem.X")
STALE = "has another English text than the English catalogue: translate it anew"
FUZZY = "is fuzzy: look at it, and take the mark away"
PLURAL = Message(("{count} day", "{count} days"), context="unit.X")


@pytest.mark.parametrize(
    ("entry", "english", "wrong"),
    [
        (Message(ENGLISH.id, "Hoogstens {bound} dagen."), ENGLISH, []),
        (Message(ENGLISH.id, ""), ENGLISH, ["is not translated"]),
        (Message(ENGLISH.id, "Hoogstens {limiet} dagen."), ENGLISH, ["has other placeholders than bound"]),
        (Message(ENGLISH.id, "Hoogstens dagen."), ENGLISH, ["has other placeholders than bound"]),
        (Message(ENGLISH.id, "Hoogstens {bound.x} dagen."), ENGLISH, ["has no placeholder: {bound.x}"]),
        (
            Message(ENGLISH.id, "Hoogstens {bound} dagen.", flags=["fuzzy"]),
            ENGLISH,
            [FUZZY],
        ),
        (
            Message("At most {bound} weeks.", "Hoogstens {bound} weken."),
            ENGLISH,
            [STALE],
        ),
        (Message(PLURAL.id, ("{count} dag", "{count} dagen")), PLURAL, []),
        (Message(PLURAL.id, ("{count} dag", "")), PLURAL, ["lacks a plural form"]),
        (Message(PLURAL.id, ("{count} dag",)), PLURAL, ["has 1 plural forms instead of 2"]),
        (Message(PLURAL.id, ("een dag", "{count} dagen")), PLURAL, ["has other placeholders than count"]),
    ],
)
def test_what_is_wrong_with_a_text_is_found(entry: Message, english: Message, wrong: list[str]) -> None:
    assert [*of_entry(entry, english, 2, translated=True)] == wrong


def test_what_is_wrong_with_a_catalogue_is_found() -> None:
    english = {"problem.X": ENGLISH, "unit.X": PLURAL}
    dutch = Catalog(locale="nl")
    dutch.add(ENGLISH.id, "Hoogstens {bound} dagen.", context="problem.X")
    dutch.add("Poem", "Gedicht", context="poem")
    twice = 'msgctxt "problem.X"\nmsgctxt "problem.X"\n'
    assert [*of_language("nl", dutch, twice, english)] == [
        "nl: problem.X is there twice",
        "nl: unit.X is missing",
        "nl: poem is not in English",
    ]
    header = ("Language: pl\\n", "Plural-Forms: nplurals=2; plural=(n != 1);\\n")
    file = "\n".join(['msgid ""', 'msgstr ""', *(f'"{line}"' for line in header)])
    polish = pofile.read_po(io.BytesIO(file.encode()))
    assert "Plural-Forms are nplurals=3" in next(of_language("pl", polish, "", {}))


def test_a_plural_is_chosen_by_its_number() -> None:
    assert text("mail.minutes", "nl", count=1) == "1 minuut"
    assert text("mail.minutes", "nl", count=1500) == "1.500 minuten"
    assert text("problem.TOO_LONG", "en", bound="1") == "At most 1 character fits here."


def test_a_language_that_there_is_not_is_english() -> None:
    assert (language_of("tlh", "nl-BE"), language_of("nl_BE", "en"), language_of(None, "", "tlh")) == ("nl", "nl", "en")
    assert text("refusal.NOT_FOUND", "tlh") == text("refusal.NOT_FOUND", "en") == "This does not exist."


def test_a_text_that_an_author_has_not_in_a_language_is_the_practices_or_english() -> None:
    title = {"en": "Word", "nl": "Woord"}
    assert [in_language(title, *wanted) for wanted in (("nl",), ("de", "nl"), ("de", "fr"))] == [
        "Woord",
        "Woord",
        "Word",
    ]


def test_what_is_not_there_is_told() -> None:
    assert not has("poem")
    with pytest.raises(KeyError, match="poem"):
        text("poem", "en")
    with pytest.raises(KeyError, match="bound"):
        text("problem.CHOICE", "en")


def test_a_placeholder_is_a_name() -> None:
    assert placeholders("{one} {{two}} {three}") == {"one", "three"}
    for wrong in ("{}", "{0}", "{one.two}", "{one[0]}", "{one!r}", "{one:>9}"):
        with pytest.raises(ValueError, match="no placeholder"):
            placeholders(wrong)


def test_each_language_is_a_file_alone() -> None:
    assert {"en", "nl"} <= {*LANGUAGES}
    for language in LANGUAGES:
        assert path_of(language).is_file()
        assert len([entry for entry in read(language) if entry.context]) == len(keys())
