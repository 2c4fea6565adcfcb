"""Which SMS gateway the settings may name, and the one line that anything else gets."""

import inspect
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

import pytest

import plugins.sms
from plugins import CONTRACT, PluginProblem, build_gateway, build_registry, check_channels

Install = Callable[[str, str], None]

URL = "https://sms.example.org/send"

#: A well-formed gateway; the tests below change one line of it.
STRANGER = """
from plugins import Config, SmsGateway, SmsSent, hookimpl

class PigeonConfig(Config):
    loft: str

class Pigeon(SmsGateway):
    name = "pigeon"
    Config = PigeonConfig
    async def send(self, to, text, key):
        return SmsSent(self.config.loft)

@hookimpl
def portal_sms_gateways():
    return [Pigeon]
"""


def problem(name: str | None, options: Mapping[str, Any] | None = None) -> str:
    """The text with which the start is refused: one line, for any configuration."""
    with pytest.raises(PluginProblem) as caught:
        build_gateway(name, options or {})
    text = str(caught.value)
    assert text.splitlines() == [text]
    return text


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("http", {"url": URL}),
        ("cm", {"product_token": "00000000-0000-0000-0000-000000000000", "sender": "Portal"}),
        ("mailbox", {"url": "http://localhost:8000/dev/mailbox/sms"}),
    ],
)
def test_the_built_in_ones_come_in_by_the_same_door(name: str, options: dict[str, Any]) -> None:
    gateway = build_gateway(name, options)
    assert gateway is not None
    assert gateway.name == name


def test_none_is_none() -> None:
    assert build_gateway(None, {}) is None


async def test_a_strangers_gateway_is_found_and_given_its_options(install: Install) -> None:
    install("pigeon", STRANGER)
    gateway = build_gateway("pigeon", {"loft": "Dam 1"})
    assert gateway is not None
    sent = await gateway.send("+31612345678", "hello", "0" * 32)
    assert (sent.provider_id, sent.cost) == ("Dam 1", None)
    await gateway.close()


def test_the_gateway_in_the_docstring_is_whole(install: Install) -> None:
    text = inspect.getdoc(plugins.sms) or ""
    lines = [line for line in text.partition("::\n")[2].splitlines() if not line or line.startswith("    ")]
    install("pigeon", textwrap.dedent("\n".join(lines)))
    gateway = build_gateway("pigeon", {"loft": "https://dam.example"})
    assert gateway is not None
    assert "must begin with https://" in problem("pigeon", {"loft": "http://dam.example"})


def test_a_plugin_may_have_factors_and_a_gateway(install: Install) -> None:
    install("totp_sms", STRANGER.replace('"pigeon"', '"totp_sms"') + "\ndef portal_factors(): return []\n")
    assert build_gateway("totp_sms", {"loft": "Dam 1"}) is not None


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        ("carrier_pigeon", {}, "sms_gateway: there is no plugin 'carrier_pigeon'; install it, or use one of: cm, http"),
        (None, {"url": URL}, "sms_gateway_options: there is no sms_gateway"),
        ("http", {}, "sms_gateway_options.url: "),
        ("http", {"url": "ftp://sms.example.org"}, "sms_gateway_options.url: "),
        ("http", {"url": "http://sms.example.org"}, "must begin with https://"),
        ("http", {"url": URL, "token": "hush"}, "sms_gateway_options.token: "),
        ("http", {"url": URL, "encoding": "xml"}, "sms_gateway_options.encoding: "),
        ("http", {"url": URL, "timeout": 31}, "sms_gateway_options.timeout: "),
        ("http", {"url": URL, "body": {"a": ["{phone}"]}}, "sms_gateway_options.body: "),
        ("http", {"url": URL, "success_field": "ok"}, "needs success_values"),
        ("cm", {"sender": "Portal"}, "sms_gateway_options.product_token: "),
        ("cm", {"product_token": "hush", "sender": "A practice with a name"}, "sms_gateway_options.sender: "),
        ("mailbox", {"url": "https://sms.example.org/send"}, "must be the mailbox of a demo on this machine"),
    ],
)
def test_a_bad_choice_or_option_is_one_line_and_shows_no_secret(
    name: str | None, options: dict[str, Any], says: str
) -> None:
    text = problem(name, options)
    assert says in text
    assert "hush" not in text


@pytest.mark.parametrize(
    ("line", "instead", "says"),
    [
        ("return [Pigeon]", "return [Pigeon({})]", "which is not an SmsGateway class"),
        ("class Pigeon(SmsGateway)", "class Pigeon", "which is not an SmsGateway class"),
        ("return [Pigeon]", "return None", "hands over no gateways: TypeError"),
        ("return [Pigeon]", "return []", "has no gateway of that name"),
        ('name = "pigeon"', 'name = "dove"', "has no gateway of that name"),
        ("def portal_sms_gateways", "def other", "has no portal_sms_gateways(); is it a Sluis plugin?"),
        ("import Config", "import Convict", "could not be loaded: ImportError"),
        ("@hookimpl", "@hookimpl\ndef portal_doors(): ...\n@hookimpl", "unknown hook 'portal_doors'"),
        ('"pigeon"', '"pigeon"; contract = 2', f"was written for contract 2; this is {CONTRACT}"),
        ("async def send", "async def fly", "does not implement send"),
        ("Config = PigeonConfig", "Config = dict", "needs a Config that subclasses plugins.Config"),
    ],
)
def test_a_gateway_that_is_not_well_formed(install: Install, line: str, instead: str, says: str) -> None:
    assert line in STRANGER
    install("pigeon", STRANGER.replace(line, instead))
    text = problem("pigeon", {"loft": "Dam 1"})
    assert text.startswith("sms_gateway: ")
    assert says in text


def test_a_name_must_be_a_name(install: Install) -> None:
    install("Pigeon", STRANGER.replace('"pigeon"', '"Pigeon"'))
    assert "needs a name in lower-case snake_case" in problem("Pigeon", {"loft": "Dam 1"})


def test_a_factor_that_sends_needs_its_channel() -> None:
    registry = build_registry(["totp", "sms"], {})
    check_channels(registry, "http")
    check_channels(build_registry(["totp"], {}), None)
    with pytest.raises(PluginProblem) as caught:
        check_channels(registry, None)
    assert str(caught.value) == "plugins: 'sms' sends by sms: set sms_gateway, or take it out of plugins."
