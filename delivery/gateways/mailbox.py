"""The demo's: a message shows up in the demo's mailbox, and on nobody's phone."""

from decimal import Decimal
from typing import Annotated
from urllib.parse import urlsplit

import httpx
from pydantic import AfterValidator

from delivery.calling import client
from plugins import Config, SmsGateway, SmsRefused, SmsSent, hookimpl

_TIMEOUT = 5.0


def _local(url: str) -> str:
    if urlsplit(url).hostname not in ("localhost", "127.0.0.1", "::1"):
        raise ValueError("must be the mailbox of a demo on this machine")
    return url


class MailboxConfig(Config):
    """``url``: where the demo takes text messages as JSON."""

    url: Annotated[str, AfterValidator(_local)]


class Mailbox(SmsGateway):
    """Hands the text over, to be kept as a message from "SMS"."""

    name = "mailbox"
    Config = MailboxConfig

    async def send(self, to: str, text: str, key: str) -> SmsSent:
        async with client(_TIMEOUT) as http:
            try:
                reply = await http.post(self.config.url, json={"to": to, "text": text})
            except httpx.HTTPError as error:
                raise SmsRefused(type(error).__name__, permanent=False) from None
        if not reply.is_success:
            raise SmsRefused(str(reply.status_code), permanent=False)
        return SmsSent(provider_id=key, cost=Decimal(0))


@hookimpl
def portal_sms_gateways() -> list[type[SmsGateway]]:
    return [Mailbox]
