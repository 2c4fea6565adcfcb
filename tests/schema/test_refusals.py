"""What a person reads when something typed cannot be used: a field by its human name, and a sentence."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.practice.practice_settings import PAGES, SETTINGS
from flows.refusals import InvalidInput, Problem, WeakPassword
from flows.refusals.sign_in import PASSWORD_PROBLEMS
from flows.refusals.typed import called
from locales import LANGUAGES, has, text
from schema.kit.refusals import refused
from security.strength import Weakness

FLOWS = Path(__file__).parents[2] / "flows"
#: What a sentence about a password names.
BOUNDS = {"TOO_SHORT": {"minimum": 15}, "TOO_LONG": {"maximum": 256}}
#: What is called with the name of a field first.
CHECKS = {"InvalidInput", "AlreadyExists", "clean", "usable_email", "usable_phone", "past_date", "known_language"}


def named() -> Iterator[tuple[str, str]]:
    """Where a flow checks a field, and which."""
    for file in sorted(FLOWS.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CHECKS:
                match node.args:
                    case [ast.Constant(value=str(field)), *_]:
                        yield f"{file.name}:{node.lineno}", field


@pytest.mark.parametrize(("where", "field"), list(named()))
def test_every_field_that_is_checked_has_a_name_for_people(where: str, field: str) -> None:
    assert has(f"field.{field}"), f"{where}: give {field!r} its name in the catalogues"


def test_every_setting_that_is_checked_has_a_name_for_people() -> None:
    free = {"email_sign_in", "sign_up_open", "links", "reminder_sms"}
    for name in {*SETTINGS, *PAGES} - free:
        first, *others = name.split("_")
        assert has("field." + first + "".join(map(str.capitalize, others)))


def test_a_field_without_a_name_is_called_what_it_is() -> None:
    assert called("shoeSize", "nl") == "Shoe size"


def test_the_problem_is_a_sentence_in_the_readers_language() -> None:
    refusal = InvalidInput("birthDate", Problem.PAST_DATE)
    dutch, english = refused(refusal, "nl"), refused(refusal, "en")
    assert dutch.problem == "Geef een datum vanaf 1900 tot en met vandaag."
    assert dutch.message == f"Controleer “Geboortedatum”. {dutch.problem}"
    assert english.message == f"Please check “Birth date”. {english.problem}"
    assert (dutch.field, dutch.problem_code) == (english.field, english.problem_code) == ("birthDate", "PAST_DATE")


@pytest.mark.parametrize("weakness", Weakness)
@pytest.mark.parametrize("locale", LANGUAGES)
def test_every_weakness_of_a_password_is_told_in_a_sentence(weakness: Weakness, locale: str) -> None:
    assert weakness.value in PASSWORD_PROBLEMS
    told = refused(WeakPassword([weakness.value], 15, 256), locale)
    sentence = text(f"password.{weakness.value}", locale, **BOUNDS.get(weakness.value, {}))
    assert sentence in told.message
    assert (told.weaknesses, told.minimum, told.maximum) == ([weakness.value], 15, 256)


def test_password_too_long_is_not_called_too_short() -> None:
    assert WeakPassword(["TOO_LONG"], 8, 256).message("en") == (
        "This password cannot be used. It is too long: it can have at most 256 characters."
    )
    assert WeakPassword(["TOO_SHORT", "GUESSABLE"], 15, 256).message("nl") == (
        "Dit wachtwoord kan niet gebruikt worden. Het is te kort: er zijn minstens 15 tekens nodig. "
        "Het is makkelijk te raden. Drie of vier losse woorden zijn een goede keuze."
    )
