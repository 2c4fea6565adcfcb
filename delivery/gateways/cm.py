"""CM.com's Business Messaging API, for SMS alone.

Written after https://developers.cm.com/messaging/docs/integration (address, authentication, request),
https://developers.cm.com/messaging/docs/shared-features (numbers, channels) and
https://developers.cm.com/messaging/docs/responses-errors-json (answers).
"""

from decimal import Decimal
from typing import Any

import httpx
from pydantic import Field, SecretStr

from delivery.calling import client
from plugins import Config, SecureUrl, SmsGateway, SmsRefused, SmsSent, hookimpl

#: Codes (as CM's SDKs list them) about the message: number, text, filter, block list; others are about the account.
_ABOUT_THE_MESSAGE = frozenset({302, 303, 304, 305, 401, 402, 403})


class CmConfig(Config):
    """``sender``: at most 11 letters and digits, or 16 digits. ``price``: of one part of a message, by contract;
    the answer tells the parts and not the price. ``url``: by default the one that goes past no other processor.
    """

    product_token: SecretStr
    sender: str = Field(pattern=r"^([A-Za-z0-9 ]{1,11}|[0-9]{1,16})$")
    url: SecureUrl = "https://gw.cmtelecom.com/v1.0/message"
    price: Decimal | None = Field(default=None, ge=0)
    timeout: float = Field(default=10, gt=0, le=30)


class Cm(SmsGateway):
    """One request a message. The API knows no idempotency; the key is the reference by which CM finds a message."""

    name = "cm"
    Config = CmConfig

    async def send(self, to: str, text: str, key: str) -> SmsSent:
        answer = await self._answer(_request(self.config.sender, to, text, key))
        message = _first(answer.get("messages"))
        if message.get("status") != "Accepted":
            raise _refusal(message.get("messageErrorCode") or answer.get("errorCode"))
        parts = message.get("parts")
        cost = self.config.price * parts if self.config.price is not None and isinstance(parts, int) else None
        return SmsSent(provider_id=key, cost=cost)

    async def _answer(self, request: Any) -> dict[str, Any]:
        """The answer's body, which says more than its status does; raises SmsRefused where there is none."""
        headers = {"X-CM-PRODUCTTOKEN": self.config.product_token.get_secret_value()}
        async with client(self.config.timeout) as http:
            try:
                reply = await http.post(self.config.url, json=request, headers=headers)
                body = reply.json()
            except (httpx.HTTPError, ValueError) as error:
                raise SmsRefused(type(error).__name__, permanent=False) from None
        if reply.status_code not in (200, 400) or not isinstance(body, dict):
            raise SmsRefused(str(reply.status_code), permanent=False)
        return body


def _request(sender: str, to: str, text: str, key: str) -> dict[str, Any]:
    message = {
        "from": sender,
        "to": [{"number": to.replace("+", "00", 1)}],
        "body": {"type": "auto", "content": text},
        "reference": key,
        "allowedChannels": ["SMS"],
    }
    return {"messages": {"msg": [message]}}


def _first(messages: Any) -> dict[str, Any]:
    found = messages[0] if isinstance(messages, list) and messages else {}
    return found if isinstance(found, dict) else {}


def _refusal(code: Any) -> SmsRefused:
    return SmsRefused(f"code {code if isinstance(code, int) else '?'}", permanent=code in _ABOUT_THE_MESSAGE)


@hookimpl
def portal_sms_gateways() -> list[type[SmsGateway]]:
    return [Cm]
