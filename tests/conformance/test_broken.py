"""A factor with one thing wrong fails by the check that is meant for it, and by no other of its kind."""

import importlib
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from conformance.check import MARK
from conformance.plugin import _CHECKS
from conformance.subject import subjects
from tests.conformance import broken, broken_alone, stand_ins
from tests.conformance.possessions import BadgeOnACord, CountingThing, EchoingThing
from tests.conformance.running import path_of, run_kit

#: What each must fail by, and by nothing else.
MEANT: Mapping[type[Any], str] = {
    broken.AcceptsAnything: "test_a_wrong_proof_is_refused",
    broken.Replayable: "test_an_accepted_proof_is_spent",
    broken.FirstProofUnspent: "test_the_first_proof_is_spent_by_setting_up",
    broken.LosesNoRace: "test_one_of_many_at_once_wins",
    broken.RemembersOnSelf: "test_any_worker_can_go_on",
    broken.TakesAnybodys: "test_a_proof_is_of_one_account",
    broken.ForgetsWithTheClock: "test_a_clock_that_is_set_back_brings_nothing_back",
    broken.TakesAnyNonce: "test_a_proof_is_of_one_challenge",
    broken.Impatient: "test_a_challenge_has_an_end",
    broken.GivesTheAnswerAway: "test_challenges_show_nothing_secret",
    broken.TakesTheBeginning: "test_a_right_proof_that_was_spoilt_is_refused",
    broken.RaisesOnGarbage: "test_garbage_is_refused",
    broken.HangsOnGarbage: "test_garbage_is_refused",
    broken.RaisesWhenSettingUp: "test_garbage_does_not_set_it_up",
    broken.LeaksInRepr: "test_nothing_secret_is_in_what_python_prints",
    broken.LeaksInLogs: "test_nothing_secret_is_logged",
    broken.LeaksInLabel: "test_nothing_secret_is_stored_in_clear",
    broken.ShowsMoreThanItsType: "test_what_it_shows_fits_its_types",
    broken.LacksEnglish: "test_its_texts_are_there_in_every_language",
    broken.SpeaksEnglishOnly: "test_it_speaks_every_language",
    broken.ForgetsItsOldStates: "test_a_state_of_the_version_before_is_read",
    broken.ComesBackChanged: "test_a_state_is_the_same_after_storage",
    broken.DerivesUnderItsOwnSalt: "test_it_outlives_another_cost_of_hashing",
    broken.TakesAnyOption: "test_wrong_options_stop_the_start_in_one_line",
    broken.OfAnotherContract: "test_the_core_takes_it",
    broken.HasNoVerify: "test_the_core_takes_it",
    broken.NamedAfterSomethingElse: "test_its_types_are_in_the_schema_and_described",
    broken_alone.LooksForItsOwner: "test_it_stands_for_the_whole_sign_in",
    broken_alone.BelievesASerial: "test_a_whole_sign_in_needs_a_right_proof",
    broken_alone.KnowsABadgeWhenItSeesOne: "test_a_whole_sign_in_is_of_who_is_named",
    broken_alone.TakesWhatItTook: "test_a_whole_sign_in_is_spent",
    broken_alone.RaisesWhenRemoved: "test_it_leaves_by_its_own_proof",
    broken_alone.HangsWhenRemoved: "test_it_leaves_by_its_own_proof",
    broken_alone.AnswersWhenRemoved: "test_it_leaves_by_its_own_proof",
}

_POSSESSIONS = [path_of(CountingThing), path_of(EchoingThing), path_of(BadgeOnACord)]
#: A process each takes longer to start than to attack.
_GROUPS = [list(MEANT)[::2], [*list(MEANT)[1::2], *stand_ins.MEANT]]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kinds", _GROUPS, ids=lambda kinds: kinds[0].__name__)
def test_broken_factor_fails_the_check_for_its_fault(kinds: list[type[Any]]) -> None:
    paths = [path_of(kind) for kind in kinds]
    labels = dict(zip(kinds, (subject.label for subject in subjects(paths, _POSSESSIONS)), strict=True))
    attacks = [f"{check}[{labels[kind]}]" for kind in kinds for check in sorted(_told_apart(kind))]
    report = run_kit(paths, _POSSESSIONS, "--garbage=5", "-k", " or ".join(attacks))
    assert report.code == 1, report.output
    found = {kind: report.failed(labels[kind]) for kind in kinds}
    assert found == {kind: _meant(kind) for kind in kinds}, report.output


def _meant(kind: type[Any]) -> set[str]:
    if kind in stand_ins.MEANT:
        return {stand_ins.MEANT[kind], stand_ins.IMPORTS}
    return {MEANT[kind]}


def _told_apart(kind: type[Any]) -> set[str]:
    """The checks that it is attacked by: those in the same file as what it must fail by, and what they come after.

    All checks on all of them would take four times as long. That none fails without a reason, sound factors show.
    """
    told: set[str] = set()
    for checks in _files():
        if checks.keys() & _meant(kind):
            told |= {name for check, after in checks.items() for name in (check, *after)}
    return told


def _files() -> Iterator[dict[str, tuple[str, ...]]]:
    """For each file of checks the name of each, with those that it comes after."""
    for name in _CHECKS:
        module = importlib.import_module(f"conformance.checks.{name}")
        yield {
            check: mark.kwargs["after"]
            for check, function in vars(module).items()
            for mark in getattr(function, "pytestmark", ())
            if mark.name == MARK
        }


def test_every_expected_check_exists() -> None:
    """What a broken factor is attacked by is found by the checks' names; a name that is nowhere would be no attack."""
    there = {check for checks in _files() for check in checks}
    assert set(MEANT.values()) | set(stand_ins.MEANT.values()) | {stand_ins.IMPORTS} <= there
    assert {name for checks in _files() for after in checks.values() for name in after} <= there
