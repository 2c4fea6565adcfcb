"""What the configuration may name, and the one line that anything else gets."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from plugins import CONTRACT, PluginProblem, Role, build_registry

Install = Callable[[str, str], None]

BUILT_IN = ["totp", "recovery_codes", "remembered_devices"]

#: A well-formed factor; the tests below change one line of it.
STRANGER = """
import strawberry
from plugins import Contribution, EnrolmentStart, Factor, Role, State, hookimpl

@strawberry.type
class WordEnrolment(EnrolmentStart):
    word: str

@strawberry.input
class WordProof:
    word: str

class WordState(State):
    word: str

class Word(Factor):
    name = "word"
    role = Role.PROOF
    title = {"en": "Word", "nl": "Woord"}
    explanation = {"en": "A word.", "nl": "Een woord."}
    State = WordState
    graphql = Contribution(proof=WordProof, enrolment=WordEnrolment)
    async def begin_enrolment(self, desk, states, request): ...
    async def confirm_enrolment(self, desk, pending, challenge, proof): ...
    async def verify(self, desk, state, challenge, proof): ...

@hookimpl
def portal_factors():
    return [Word]
"""


def problem(names: Sequence[str], options: Mapping[str, Mapping[str, Any]] | None = None) -> str:
    """The text with which the start is refused: one line, for any configuration."""
    with pytest.raises(PluginProblem) as caught:
        build_registry(names, options or {})
    text = str(caught.value)
    assert text.splitlines() == [text]
    return text


@pytest.mark.parametrize("names", [BUILT_IN, BUILT_IN[::-1]])
def test_the_configured_order_is_kept(names: list[str]) -> None:
    registry = build_registry(names, {})
    assert registry.names() == names == [factor.name for factor in registry]


def test_strangers_and_built_ins_stand_in_one_order(install: Install) -> None:
    install("word", STRANGER)
    assert build_registry(["recovery_codes", "word", "totp"], {}).names() == [
        "recovery_codes",
        "word",
        "totp",
    ]


def test_only_what_is_configured_is_loaded(install: Install) -> None:
    install("word", "raise RuntimeError('imported')")
    registry = build_registry(["totp"], {})
    assert registry.names() == ["totp"]
    assert "word" not in registry
    assert registry.get("recovery_codes") is None


def test_factors_are_found_by_role_and_never_by_name() -> None:
    registry = build_registry(BUILT_IN, {})
    roles = {role: [factor.name for factor in registry.of(role)] for role in Role}
    assert roles == {
        Role.PROOF: ["totp"],
        Role.FALLBACK: ["recovery_codes"],
        Role.WAIVER: ["remembered_devices"],
    }


def test_options_reach_their_factor_and_the_others_keep_their_defaults() -> None:
    registry = build_registry(BUILT_IN, {"totp": {"drift": 2}})
    assert registry.config("totp").model_dump() == {"drift": 2}
    assert registry.config("recovery_codes").model_dump() == {"count": 6}


def test_an_unknown_plugin() -> None:
    assert problem(["totp", "carrier_pigeon"]).startswith("plugins: there is no plugin 'carrier_pigeon'; install it")


def test_a_plugin_named_twice() -> None:
    assert problem(["totp", "totp"]) == "plugins: 'totp' is there more than once; keep one."


def test_two_plugins_with_one_factor(install: Install) -> None:
    install("mine", STRANGER.replace('"word"', '"totp"'))
    assert problem(["totp", "mine"]) == "factors: 'totp' is there more than once; keep one."


@pytest.mark.parametrize("names", [[], ["recovery_codes"], ["remembered_devices", "recovery_codes"]])
def test_a_set_without_a_factor_to_set_up(names: list[str]) -> None:
    assert problem(names).startswith("plugins: none is a second factor that can be set up")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"totp": {"drift": 3}}, "factor_options.totp.drift: "),
        ({"totp": {"drift": -1}}, "factor_options.totp.drift: "),
        ({"totp": {"drift": "wide"}}, "factor_options.totp.drift: "),
        ({"totp": {"digits": 8}}, "factor_options.totp.digits: "),
        ({"recovery_codes": {"count": 3}}, "factor_options.recovery_codes.count: "),
        ({"recovery_codes": {"count": 21}}, "factor_options.recovery_codes.count: "),
        ({"remembered_devices": {"days": 7}}, "factor_options.remembered_devices.days: "),
        ({"sms": {}}, "factor_options: there is no configured factor called 'sms'."),
    ],
)
def test_a_bad_option(options: dict[str, dict[str, Any]], says: str) -> None:
    assert problem(BUILT_IN, options).startswith(says)


@pytest.mark.parametrize(
    ("line", "instead", "says"),
    [
        ("return [Word]", "return [Word()]", "which is not a Factor class"),
        ("return [Word]", "return ['word']", "which is not a Factor class"),
        ("return [Word]", "return [WordState]", "which is not a Factor class"),
        ("return [Word]", "return None", "hands over no factors: TypeError"),
        (
            "return [Word]",
            "raise RuntimeError('no\\nnetwork')",
            "hands over no factors: RuntimeError: no network",
        ),
        ("def portal_factors", "def other", "has no portal_factors(); is it a Sluis plugin?"),
        ("@hookimpl", "@hookimpl\ndef portal_doors(): ...\n@hookimpl", "unknown hook 'portal_doors'"),
        ("def portal_factors()", "def portal_factors(app)", "could not be loaded: PluginValidationError"),
        ("import strawberry", "import no_such_module", "could not be loaded: ModuleNotFoundError"),
        ('name = "word"', 'name = "word"; contract = 2', f"was written for contract 2; this is {CONTRACT}"),
        ('name = "word"', "", "needs a name in lower-case snake_case"),
        ('name = "word"', "name = 7", "needs a name in lower-case snake_case"),
        ('name = "word"', 'name = "Word"', "needs a name in lower-case snake_case"),
        ('name = "word"', f'name = "{"w" * 41}"', "of at most 40 characters"),
        ("role = Role.PROOF", 'role = "PROOF"', "needs a role"),
        ("role = Role.PROOF", "role = Role.FALLBACK", "does not implement issue"),
        ("role = Role.PROOF", "role = Role.PROOF; names_enrolment = True", "does not implement handle"),
        ("async def verify", "async def prove", "does not implement verify"),
        ("async def begin_enrolment", "async def begin", "does not implement begin_enrolment"),
        ("async def verify", "def verify", "has verbs that are no coroutines (async def): verify"),
        ("async def begin_enrolment", "def begin_enrolment", "no coroutines (async def): begin_enrolment"),
        ("async def confirm_enrolment", "def confirm_enrolment", "no coroutines (async def): confirm_enrolment"),
        ('name = "word"', 'name = "word"; challenge = print', "no coroutines (async def): challenge"),
        ('name = "word"', 'name = "word"; issue = removed = None', "no coroutines (async def): issue, removed"),
        ('name = "word"', 'name = "word"\n    async def left(self, state): ...', "is asked for (def): left"),
        ('"en": "Word", ', "", "needs its title in en"),
        ('"en": "A word."', '"en": ""', "needs its explanation in en"),
        ('{"en": "A word.", "nl": "Een woord."}', '"A word."', "needs its explanation in en"),
        ("State = WordState", "State = dict", "needs a State that subclasses plugins.State"),
        ("State = WordState", "", "needs a State that subclasses plugins.State"),
        (
            "State = WordState",
            "State = WordState; Config = dict",
            "needs a Config that subclasses plugins.Config",
        ),
        ("(proof=WordProof, ", "(", "needs a GraphQL input for its proof"),
        (", enrolment=WordEnrolment)", ")", "needs a GraphQL type for its enrolment"),
        ("graphql = Contribution(", "other = Contribution(", "needs its GraphQL contribution"),
    ],
)
def test_a_plugin_that_is_not_well_formed(install: Install, line: str, instead: str, says: str) -> None:
    assert line in STRANGER
    install("word", STRANGER.replace(line, instead))
    text = problem(["totp", "word"])
    assert text.startswith("plugins: ")
    assert says in text


def test_a_factor_s_own_abstract_methods_count_too(install: Install) -> None:
    dial = "    @abc.abstractmethod\n    def dial(self): ...\n"
    line = "class Word(Factor):\n"
    install("word", "import abc\n" + STRANGER.replace(line, line + dial))
    assert "does not implement dial" in problem(["totp", "word"])


def test_a_fallback_says_what_it_issues(install: Install) -> None:
    fallback = STRANGER.replace("Role.PROOF", "Role.FALLBACK").replace("begin_enrolment", "issue")
    install("word", fallback)
    assert "needs a GraphQL type for what it issues" in problem(["totp", "word"])
