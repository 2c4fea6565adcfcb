"""What the settings say about text messages, and when the start is refused."""

from typing import Any

import pytest

from flows.core.context import SmsRules
from plugins import PluginProblem
from server import compose
from settings import Settings, SettingsProblem, load_settings
from settings.safety import problems

GATEWAY = {"sms_gateway": "http", "sms_gateway_options": {"url": "https://sms.example.org/send"}}
WITH_SMS = ("totp", "sms")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that lies in the working folder has a say."""
    monkeypatch.chdir(tmp_path)


def refusal(**given: Any) -> str:
    with pytest.raises(PluginProblem) as caught:
        compose(load_settings(**given))
    text = str(caught.value)
    assert text.splitlines() == [text]
    return text


def test_sms_without_a_gateway_does_not_start() -> None:
    text = "plugins: 'sms' sends by sms: set sms_gateway, or take it out of plugins."
    assert refusal(plugins=WITH_SMS) == text
    assert refusal(**GATEWAY | {"sms_gateway": "carrier_pigeon"}).startswith("sms_gateway: there is no plugin")


def test_with_a_gateway_the_defaults_are_those_of_the_flows() -> None:
    app = compose(load_settings(plugins=WITH_SMS, **GATEWAY))
    app.passwords.close()
    assert app.rules.sms == SmsRules()
    without = compose(load_settings())
    without.passwords.close()
    assert without.rules.sms is None


def test_every_limit_reaches_the_flows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUIS_SMS_COUNTRIES", '["BE", "DE"]')
    monkeypatch.setenv("SLUIS_SMS_PRICE", "0.0725")
    given = {
        "sms_currency": "USD",
        "sms_cost_per_month": "99.50",
        "sms_first_wait": "1m",
        "sms_per_hour": 3,
        "sms_per_day": 4,
        "sms_address_per_hour": 6,
        "sms_practice_per_day": 7,
        "sms_installation_per_day": 8,
    }
    settings = load_settings(**GATEWAY, **given)
    app = compose(settings)
    app.passwords.close()
    assert app.rules.sms == SmsRules(
        countries=frozenset({"BE", "DE"}),
        first_wait=settings.sms_first_wait,
        per_hour=3,
        per_day=4,
        address_per_hour=6,
        practice_per_day=7,
        installation_per_day=8,
        practice_cost_per_month=settings.sms_cost_per_month,
        price=settings.sms_price,
        currency="USD",
    )
    assert (str(settings.sms_price), settings.sms_first_wait.total_seconds()) == ("0.0725", 60)


@pytest.mark.parametrize(
    "given",
    [
        {"sms_countries": ["nl"]},
        {"sms_countries": ["NLD"]},
        {"sms_price": "-1"},
        {"sms_currency": "eur"},
        {"sms_currency": "€"},
        {"sms_price": "NaN"},
        {"sms_price": "0.00001"},
        {"sms_per_hour": 0},
        {"sms_per_hour": 51, "sms_per_day": 60},
        {"sms_per_hour": 5, "sms_per_day": 4},
        {"sms_practice_per_day": 0},
        {"sms_first_wait": "0s"},
    ],
)
def test_a_limit_that_limits_nothing_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(SettingsProblem):
        load_settings(**given)


def test_the_gateways_options_are_not_shown() -> None:
    settings = load_settings(sms_gateway="cm", sms_gateway_options={"product_token": "hush"})
    assert "hush" not in f"{settings!r} {settings}"


def test_production_refuses_the_demos_mailbox() -> None:
    def named(settings: Settings) -> list[str]:
        return [line for line in problems(settings) if line.startswith("SLUIS_SMS_GATEWAY")]

    mailbox = load_settings(environment="production", sms_gateway="mailbox")
    assert named(mailbox) == ["SLUIS_SMS_GATEWAY: names the demo's mailbox; name your provider's"]
    assert named(load_settings(environment="production", **GATEWAY)) == []
