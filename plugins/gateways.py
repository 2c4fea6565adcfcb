"""Finding and checking the one SMS gateway that the settings name."""

from collections.abc import Iterable, Mapping
from typing import Any

from plugins.contract import CONTRACT, AnyFactor, Config
from plugins.loading import PluginProblem, check_hooks, handed_over, load, plugin_manager, validated
from plugins.registry import NAME
from plugins.sms import SmsGateway

#: By the public door, like the factors: each module implements the hook as a stranger's does.
BUILT_IN: Mapping[str, str] = {
    "cm": "delivery.gateways.cm",
    "http": "delivery.gateways.http",
    "mailbox": "delivery.gateways.mailbox",
}


def build_gateway(name: str | None, options: Mapping[str, Any]) -> SmsGateway | None:
    """The gateway called ``name``, from the plugin of that name; None where none is named.

    Raises PluginProblem for an unknown name, a class that is no well-formed gateway, or a bad option.
    """
    if name is None:
        if options:
            raise PluginProblem("sms_gateway_options: there is no sms_gateway; name one, or leave the options out.")
        return None
    manager = plugin_manager()
    plugin = load(manager, "sms_gateway", name, BUILT_IN)
    found = handed_over(plugin, "sms_gateway", name, "portal_sms_gateways", "gateways")
    check_hooks(manager, "sms_gateway")
    kind = next((one for one in found if getattr(one, "name", None) == name), None)
    if kind is None:
        raise PluginProblem(f"sms_gateway: the plugin {name!r} has no gateway of that name.")
    _check(kind, name)
    gateway: SmsGateway = kind(validated("sms_gateway_options", kind.Config, options))
    return gateway


def _check(gateway: object, plugin: str) -> None:
    if not (isinstance(gateway, type) and issubclass(gateway, SmsGateway)):
        raise PluginProblem(f"sms_gateway: {plugin!r} hands over {gateway!r}, which is not an SmsGateway class.")
    wrong = _first_problem(gateway)
    if wrong:
        raise PluginProblem(f"sms_gateway: the gateway {gateway.__name__} of {plugin!r} {wrong}.")


def _first_problem(gateway: type[SmsGateway]) -> str | None:
    if gateway.contract != CONTRACT:
        return f"was written for contract {gateway.contract}; this is {CONTRACT}"
    if not NAME.match(gateway.name) or len(gateway.name) > 40:
        return "needs a name in lower-case snake_case of at most 40 characters"
    if missing := sorted(gateway.__abstractmethods__):
        return f"does not implement {', '.join(missing)}"
    options: object = gateway.Config
    if not (isinstance(options, type) and issubclass(options, Config)):
        return "needs a Config that subclasses plugins.Config"
    return None


def check_channels(factors: Iterable[AnyFactor], gateway: str | None) -> None:
    """Raises PluginProblem for a factor that needs a channel which this installation does not have.

    ``gateway`` is the name of the SMS gateway in the settings, if any.
    """
    have = {"sms"} if gateway else set()
    for factor in factors:
        if lacking := sorted(set(factor.channels) - have):
            advice = "set sms_gateway" if lacking == ["sms"] else "there is no such channel"
            raise PluginProblem(f"plugins: {factor.name!r} sends by {lacking[0]}: {advice}, or take it out of plugins.")
