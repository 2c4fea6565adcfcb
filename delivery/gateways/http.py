"""Any provider with an HTTP API, described in the settings: what to send where, and what a yes looks like."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal, Self

import httpx
from pydantic import AfterValidator, Field, SecretStr, model_validator

from delivery.calling import client
from plugins import Config, SecureUrl, SmsGateway, SmsRefused, SmsSent, hookimpl

_PLACE = re.compile(r"\{(\w*)\}")
_PLACES = ("to", "digits", "text", "key")


def _template(body: Mapping[str, Any]) -> Mapping[str, Any]:
    strange = sorted(set(_PLACE.findall(json.dumps(body))) - set(_PLACES))
    if strange:
        raise ValueError(f"has no value for {{{strange[0]}}}; there are {{to}}, {{digits}}, {{text}} and {{key}}")
    return body


class HttpConfig(Config):
    """How the provider is spoken to.

    In ``body`` ``{to}`` is the number in E.164, ``{digits}`` the same without its plus, ``{text}`` the message
    and ``{key}`` the idempotency key. A field of the answer is named by its path: ``messages.0.status``.
    """

    url: SecureUrl
    headers: Mapping[str, SecretStr] = {}
    body: Annotated[Mapping[str, Any], AfterValidator(_template)] = {"to": "{to}", "text": "{text}", "key": "{key}"}
    encoding: Literal["json", "form"] = "json"
    success_field: str = ""
    """A field that tells of success; empty: any answer of 200 to 299 is one."""
    success_values: tuple[str, ...] = ()
    """The values of that field, as text, that mean success."""
    refused_statuses: tuple[int, ...] = (400, 422)
    """Statuses about the message rather than about us or the hour: it is given up."""
    id_field: str = ""
    cost_field: str = ""
    timeout: float = Field(default=10, gt=0, le=30)

    @model_validator(mode="after")
    def _says_what_success_is(self) -> Self:
        if bool(self.success_field) != bool(self.success_values):
            raise ValueError("success_field needs success_values, and they need it")
        return self


class Http(SmsGateway):
    """Posts one message as JSON or as a form."""

    name = "http"
    Config = HttpConfig

    async def send(self, to: str, text: str, key: str) -> SmsSent:
        values = {"to": to, "digits": to.removeprefix("+"), "text": text, "key": key}
        answer = await self._answer(_filled(self.config.body, values))
        if self.config.success_field and _text(answer, self.config.success_field) not in self.config.success_values:
            # It was taken and turned down, so sending the same again would be turned down as well.
            raise SmsRefused("the answer is no success", permanent=True)
        return SmsSent(_text(answer, self.config.id_field) or key, _cost(_text(answer, self.config.cost_field)))

    async def _answer(self, body: Any) -> Any:
        """The body of a successful answer, None where it is no JSON; raises SmsRefused."""
        headers = {name: value.get_secret_value() for name, value in self.config.headers.items()}
        encoded = {"json": body} if self.config.encoding == "json" else {"data": body}
        async with client(self.config.timeout) as http:
            try:
                reply = await http.post(self.config.url, headers=headers, **encoded)
            except httpx.HTTPError as error:
                raise SmsRefused(type(error).__name__, permanent=False) from None
        if not reply.is_success:
            permanent = reply.status_code in self.config.refused_statuses
            raise SmsRefused(str(reply.status_code), permanent=permanent)
        try:
            return reply.json()
        except ValueError:
            return None


def _filled(template: Any, values: Mapping[str, str]) -> Any:
    """The template with its places filled; what a value contains is not looked at again."""
    if isinstance(template, str):
        return _PLACE.sub(lambda place: values[place[1]], template)
    if isinstance(template, Mapping):
        return {name: _filled(part, values) for name, part in template.items()}
    if isinstance(template, list | tuple):
        return [_filled(part, values) for part in template]
    return template


def _text(answer: Any, path: str) -> str:
    """The field at a dotted path as text; empty where there is none."""
    found = answer
    for part in path.split("."):
        if isinstance(found, Mapping):
            found = found.get(part)
        elif isinstance(found, list) and part.isdecimal() and int(part) < len(found):
            found = found[int(part)]
        else:
            return ""
    return "" if found is None or isinstance(found, Mapping | list) else str(found)


def _cost(text: str) -> Decimal | None:
    try:
        cost = Decimal(text)
    except InvalidOperation:
        return None
    return cost if cost.is_finite() else None


@hookimpl
def portal_sms_gateways() -> list[type[SmsGateway]]:
    return [Http]
