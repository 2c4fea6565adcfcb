"""Loading one plugin by its name, with problems that are one line: for factors and for SMS gateways."""

import importlib
from collections.abc import Mapping, Sequence
from typing import Any

import pluggy
from pydantic import ValidationError

from plugins.contract import Config
from plugins.hookspecs import PROJECT, Hooks


class PluginProblem(Exception):
    """A configuration that must not start; the text is one line that says what to do, `lines` are all there are."""

    def __init__(self, *lines: str) -> None:
        super().__init__(lines[0])
        self.lines = lines


def plugin_manager() -> pluggy.PluginManager:
    """A manager of our hooks, without any plugin."""
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)
    return manager


def load(manager: pluggy.PluginManager, setting: str, name: str, built_in: Mapping[str, str]) -> object:
    """The plugin ``name``: a module of ours, or an entry point of the group ``sluis``."""
    if name in built_in:
        plugin: object = importlib.import_module(built_in[name])
        manager.register(plugin, name)
        return plugin
    try:
        manager.load_setuptools_entrypoints(PROJECT, name=name)
    except Exception as error:
        raise PluginProblem(f"{setting}: {name!r} could not be loaded: {short(error)}") from error
    loaded = manager.get_plugin(name)
    if loaded is None:
        known = ", ".join(built_in)
        raise PluginProblem(f"{setting}: there is no plugin {name!r}; install it, or use one of: {known}.")
    return loaded


def handed_over(plugin: object, setting: str, name: str, hook: str, what: str) -> list[Any]:
    """What the plugin's hook answers."""
    implementation = getattr(plugin, hook, None)
    if implementation is None:
        raise PluginProblem(f"{setting}: {name!r} has no {hook}(); is it a Sluis plugin?")
    try:
        return list(implementation())
    except Exception as error:
        raise PluginProblem(f"{setting}: {name!r} hands over no {what}: {short(error)}") from error


def check_hooks(manager: pluggy.PluginManager, setting: str) -> None:
    """Refuse a plugin that implements a hook which does not exist."""
    try:
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise PluginProblem(f"{setting}: {short(error)}") from error


def validated(setting: str, kind: type[Config], options: Mapping[str, Any]) -> Config:
    """``options`` as the plugin's ``Config``; a problem names the option and never shows its value."""
    try:
        return kind.model_validate(dict(options))
    except ValidationError as error:
        wrong = [(detail["loc"], detail["msg"]) for detail in error.errors(include_input=False)]
        lines = [(".".join([setting, *map(str, loc)]), text.removeprefix("Value error, ")) for loc, text in wrong]
        raise PluginProblem(*(f"{where}: {text}." for where, text in lines)) from error


def refuse_repeats(what: str, names: Sequence[str]) -> None:
    """No name may be there twice."""
    for name in names:
        if names.count(name) > 1:
            raise PluginProblem(f"{what}: {name!r} is there more than once; keep one.")


def short(error: Exception) -> str:
    """An error on one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())
