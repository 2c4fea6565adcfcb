"""A factor with one thing wrong fails by the check that is meant for it, and by no other."""

from collections.abc import Mapping
from typing import Any

import pytest

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
    broken.LacksDutch: "test_its_texts_are_there_in_every_language",
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
_KINDS = list(MEANT)
#: A process each takes longer to start than to attack.
_GROUPS = [_KINDS[::3], _KINDS[1::3], [*_KINDS[2::3], *stand_ins.MEANT]]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kinds", _GROUPS, ids=lambda kinds: kinds[0].__name__)
def test_it_fails_by_the_check_that_is_meant_for_it(kinds: list[type[Any]]) -> None:
    paths = [path_of(kind) for kind in kinds]
    report = run_kit(paths, _POSSESSIONS, "--garbage=5")
    assert report.code == 1, report.output
    labels = [subject.label for subject in subjects(paths, _POSSESSIONS)]
    found = {kind: report.failed(label) for kind, label in zip(kinds, labels, strict=True)}
    assert found == {kind: _meant(kind) for kind in kinds}, report.output


def _meant(kind: type[Any]) -> set[str]:
    if kind in stand_ins.MEANT:
        return {stand_ins.MEANT[kind], stand_ins.IMPORTS}
    return {MEANT[kind]}
