"""What an SMS gateway is. It is found like a factor, by a hook, and the settings name the one in use.

A whole gateway::

    import httpx

    from plugins import Config, SecureUrl, SmsGateway, SmsRefused, SmsSent, hookimpl


    class PigeonConfig(Config):
        loft: SecureUrl


    class Pigeon(SmsGateway):
        name = "pigeon"
        Config = PigeonConfig

        async def send(self, to: str, text: str, key: str) -> SmsSent:
            async with httpx.AsyncClient() as http:
                try:
                    reply = await http.post(self.config.loft, json={"to": to, "text": text, "id": key})
                except httpx.HTTPError as error:
                    raise SmsRefused(type(error).__name__, permanent=False) from None
            if not reply.is_success:
                raise SmsRefused(str(reply.status_code), permanent=reply.status_code == 422)
            return SmsSent(provider_id=reply.json()["id"], cost=None)


    @hookimpl
    def portal_sms_gateways() -> list[type[SmsGateway]]:
        return [Pigeon]
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator

from plugins.contract import CONTRACT, Config


def _secure(url: str) -> str:
    parts = urlsplit(url)
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        raise ValueError("must begin with https://; http:// works for localhost only")
    return url


SecureUrl = Annotated[str, AfterValidator(_secure)]
"""For a ``Config``: where a gateway's requests go, encrypted unless they stay on this machine."""


@dataclass(frozen=True, slots=True)
class SmsSent:
    """The provider took a message over; ``cost`` is None where it does not say."""

    provider_id: str
    cost: Decimal | None = None


class SmsRefused(Exception):
    """The provider did not take a message. ``reason`` goes into logs: no number, no text, no secret.

    ``permanent``: it is about this message, so that trying again is pointless.
    """

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent


class SmsGateway(ABC):
    """One provider of SMS, made once per process with its validated ``Config``."""

    contract: ClassVar[int] = CONTRACT
    name: ClassVar[str]
    """Lower-case snake_case; ``sms_gateway`` in the settings names it."""
    Config: ClassVar[type[Config]] = Config

    def __init__(self, config: Any) -> None:
        """Connects to nothing: the server makes one to see whether it could start."""
        self.config = config

    @abstractmethod
    async def send(self, to: str, text: str, key: str) -> SmsSent:
        """Hand over one message; raises SmsRefused. Anything else it raises counts as a passing fault.

        ``to`` is E.164, as ``+31612345678``. ``key`` (32 hexadecimal digits) is the same when a message whose
        answer got lost is sent again, so that a provider that can may send it once. Cancelled after 30 s.
        """

    async def close(self) -> None:
        """Let go of connections; a later ``send`` may make new ones."""
        return
