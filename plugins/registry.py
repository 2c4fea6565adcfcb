"""Finding, checking and ordering the factors that the configuration names."""

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pluggy

from plugins.contract import CONTRACT, AnyFactor, Config, Factor, Role, State
from plugins.loading import (
    PluginProblem,
    check_hooks,
    handed_over,
    load,
    plugin_manager,
    refuse_repeats,
    validated,
)

#: Built-ins come in by the public door: each module implements the hooks like a stranger's.
BUILT_IN: Mapping[str, str] = {
    "totp": "factors.totp",
    "sms": "factors.sms",
    "passkeys": "factors.passkeys",
    "recovery_codes": "factors.recovery_codes",
    "remembered_devices": "factors.remembered_devices",
}

_VERBS = ("begin_enrolment", "confirm_enrolment", "challenge", "verify", "issue", "removed")
_PLAIN = ("handle", "left", "phone", "upgrade")
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")


class Registry:
    """The configured factors, in the configured order. Built once, passed on, never global."""

    def __init__(self, factors: Sequence[AnyFactor], configs: Mapping[str, Config]) -> None:
        self._factors = {factor.name: factor for factor in factors}
        self._configs = dict(configs)

    def __iter__(self) -> Iterator[AnyFactor]:
        return iter(self._factors.values())

    def __contains__(self, name: str) -> bool:
        return name in self._factors

    def get(self, name: str) -> AnyFactor | None:
        """The factor of that name, or None where its plugin is not configured (any more)."""
        return self._factors.get(name)

    def config(self, name: str) -> Config:
        return self._configs[name]

    def of(self, role: Role) -> list[AnyFactor]:
        return [factor for factor in self if factor.role is role]

    def names(self) -> list[str]:
        return list(self._factors)


def build_registry(names: Sequence[str], options: Mapping[str, Mapping[str, Any]]) -> Registry:
    """Load the plugins called ``names`` (built in, or entry points of the group ``sluis``), in that order.

    Raises PluginProblem for an unknown or repeated name, a class that is not a well-formed factor,
    a factor written for another contract, a bad option, or a set without any PROOF.
    """
    refuse_repeats("plugins", names)
    factors, wrong = load_factors(names)
    configs: dict[str, Config] = {}
    for factor in factors:
        try:
            configs[factor.name] = validated(
                f"factor_options.{factor.name}", factor.Config, options.get(factor.name, {})
            )
        except PluginProblem as problem:
            wrong += problem.lines
    if wrong:
        raise PluginProblem(*wrong)
    refuse_repeats("factors", [factor.name for factor in factors])
    if not any(factor.role is Role.PROOF for factor in factors):
        raise PluginProblem('plugins: none is a second factor that can be set up; add one, such as "totp".')
    if unknown := sorted(set(options) - {factor.name for factor in factors}):
        raise PluginProblem(f"factor_options: there is no configured factor called {unknown[0]!r}.")
    return Registry(factors, configs)


def load_factors(names: Sequence[str]) -> tuple[list[AnyFactor], list[str]]:
    """The factors of the plugins called ``names`` that load, and a line for each that does not."""
    manager = plugin_manager()
    factors: list[AnyFactor] = []
    wrong: list[str] = []
    for name in names:
        try:
            factors += [factor() for factor in _factors_of(manager, name)]
        except PluginProblem as problem:
            wrong += problem.lines
    try:
        check_hooks(manager, "plugins")
    except PluginProblem as problem:
        wrong += problem.lines
    return factors, wrong


def _factors_of(manager: pluggy.PluginManager, name: str) -> list[type[AnyFactor]]:
    plugin = load(manager, "plugins", name, BUILT_IN)
    found: list[type[AnyFactor]] = handed_over(plugin, "plugins", name, "portal_factors", "factors")
    for factor in found:
        check_factor(factor, name)
    return found


def check_factor(factor: object, plugin: str) -> None:
    """Refuse what is not a well-formed factor class; raises PluginProblem with the first thing wrong."""
    if not (isinstance(factor, type) and issubclass(factor, Factor)):
        raise PluginProblem(f"plugins: {plugin!r} hands over {factor!r}, which is not a Factor class.")
    wrong = _first_problem(factor)
    if wrong:
        raise PluginProblem(f"plugins: the factor {factor.__name__} of {plugin!r} {wrong}.")


def _first_problem(factor: type[AnyFactor]) -> str | None:
    if getattr(factor, "contract", None) != CONTRACT:
        return f"was written for contract {factor.contract}; this is {CONTRACT}"
    if not NAME.match(str(getattr(factor, "name", ""))) or len(factor.name) > 40:
        return "needs a name in lower-case snake_case of at most 40 characters"
    if not isinstance(getattr(factor, "role", None), Role):
        return "needs a role: Role.PROOF, Role.FALLBACK or Role.WAIVER"
    if wrong := _verbs_problem(factor):
        return wrong
    for model, base in (("State", State), ("Config", Config)):
        kind = getattr(factor, model, None)
        if not (isinstance(kind, type) and issubclass(kind, base)):
            return f"needs a {model} that subclasses plugins.{model}"
    for texts in ("title", "explanation"):
        given = getattr(factor, texts, None)
        if not isinstance(given, Mapping) or not given.get("en"):
            return f"needs its {texts} in en"
    return _graphql_problem(factor)


def _verbs_problem(factor: type[AnyFactor]) -> str | None:
    inherited = {verb for verb in _verbs(factor) if getattr(factor, verb) is getattr(Factor, verb)}
    if missing := sorted(inherited | factor.__abstractmethods__):
        return f"does not implement {', '.join(missing)}"
    if plain := [verb for verb in _VERBS if not inspect.iscoroutinefunction(getattr(factor, verb))]:
        return f"has verbs that are no coroutines (async def): {', '.join(plain)}"
    if waiting := [part for part in _PLAIN if inspect.iscoroutinefunction(getattr(factor, part))]:
        return f"has coroutines where a plain method is asked for (def): {', '.join(waiting)}"
    return None


def _verbs(factor: type[AnyFactor]) -> list[str]:
    """What a factor of this role and these capabilities has to implement itself."""
    made = ["begin_enrolment", "confirm_enrolment"] if factor.role is Role.PROOF else ["issue"]
    return [*made, "verify", "handle"] if factor.names_enrolment else [*made, "verify"]


def _graphql_problem(factor: type[AnyFactor]) -> str | None:
    graphql = getattr(factor, "graphql", None)
    if graphql is None:
        return "needs its GraphQL contribution (graphql = Contribution(...))"
    if factor.role is not Role.WAIVER and graphql.proof is None:
        return "needs a GraphQL input for its proof"
    if factor.role is Role.PROOF and graphql.enrolment is None:
        return "needs a GraphQL type for its enrolment"
    if factor.role is Role.FALLBACK and graphql.issued is None:
        return "needs a GraphQL type for what it issues"
    return None
