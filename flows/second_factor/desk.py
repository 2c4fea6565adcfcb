"""The implementation of plugins.Desk: made for one call to a factor, for one account."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from flows.core.context import AppContext
from flows.core.sms_metering import NO_GATEWAY, TextMessage, Use, send_sms
from models import Account, Practice
from models.core.practice import day_in
from normalise.codes import shown_login_code
from plugins import AnyFactor, NotSent


@dataclass(frozen=True, slots=True)
class WorkingDesk:
    """Implements plugins.Desk. All values are fixed when it is made, so a call sees one moment.

    ``account`` is None before a proof has named it.
    """

    app: AppContext
    account: Account | None
    practice: Practice
    now: datetime
    config: Any
    address: str
    use: Use

    @property
    def today(self) -> date:
        return day_in(self.practice.time_zone, self.now)

    @property
    def locale(self) -> str:
        return self.account.locale if self.account else self.practice.locale

    @property
    def practice_name(self) -> str:
        return self.practice.name

    @property
    def account_name(self) -> str:
        return shown_login_code(self.account.login_code) if self.account else ""

    @property
    def account_handle(self) -> bytes:
        return self.account.id.bytes if self.account else b""

    @property
    def origins(self) -> tuple[str, ...]:
        return (self.app.rules.public_url, *self.practice.allowed_origins)

    @property
    def rp_id(self) -> str:
        return urlsplit(self.app.rules.public_url).hostname or ""

    @property
    def country(self) -> str:
        return self.practice.country

    def random(self, size: int) -> bytes:
        return secrets.token_bytes(size)

    def choose(self, alphabet: str, length: int) -> str:
        return "".join(secrets.choice(alphabet) for _ in range(length))

    def salt(self) -> bytes:
        return self.app.passwords.salt()

    async def derive(self, secret: str, salt: bytes) -> bytes:
        return await self.app.passwords.derive(secret, salt)

    async def send(self, channel: str, to: str, template: str, values: Mapping[str, str]) -> None:
        if channel != "sms" or self.account is None:
            raise NotSent(NO_GATEWAY)
        text = TextMessage(to, template, dict(values))
        await send_sms(self.app, self.account, self.practice, self.address, text, self.use)


def desk_for(
    app: AppContext,
    account: Account | None,
    practice: Practice,
    factor: AnyFactor,
    *,
    address: str = "",
    use: Use = Use.CODE,
) -> WorkingDesk:
    """``address`` is the client's network address, where the call may send something; ``use`` is its purpose."""
    return WorkingDesk(app, account, practice, app.now, app.factors.config(factor.name), address, use)
