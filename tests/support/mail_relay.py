"""The relay that the product mails to: a real SMTP server; its readers can wait for a mail."""

import asyncio
from datetime import datetime
from typing import Protocol

from aiosmtpd.smtp import SMTP, Envelope, Session

from delivery.mailbox import Mailbox, Received


class Time(Protocol):
    def __call__(self) -> datetime: ...


class Post(Mailbox):
    """Keeps mail as the demo's mailbox does, and wakes who waits for it."""

    def __init__(self, clock: Time) -> None:
        super().__init__(clock)
        self._arrived = asyncio.Condition()
        #: What the relay answers to RCPT for an address, in place of taking it.
        self.refusals: dict[str, str] = {}
        #: The envelope's sender of each message that was taken, by the recipient.
        self.senders: dict[str, str] = {}

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        self.senders[address] = envelope.mail_from or ""
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        reply = await super().handle_DATA(server, session, envelope)
        async with self._arrived:
            self._arrived.notify_all()
        return reply

    def sent_to(self, address: str) -> list[Received]:
        """What came for an address so far, oldest first."""
        return self.messages(address)

    async def wait_for(self, address: str, *, beyond: int, patience: float = 10) -> Received:
        """The first mail to an address after its first ``beyond`` ones; fails the test where none comes."""
        try:
            async with asyncio.timeout(patience), self._arrived:
                await self._arrived.wait_for(lambda: len(self.sent_to(address)) > beyond)
        except TimeoutError:
            raise AssertionError(f"no mail to {address} after its first {beyond}") from None
        return self.sent_to(address)[beyond]
