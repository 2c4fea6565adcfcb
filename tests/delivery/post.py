"""What the tests of delivery hold in their hands: time that stands still, a real relay, and an outbox."""

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from delivery.mail import Mailer
from delivery.mail_carrier import MailCarrier
from delivery.mailbox import Mailbox
from delivery.resolve import Resolver
from delivery.worker import OutboxWorker
from models import Account, Audience, OutboxMessage, Practice
from models.onboarding.sign_up import SignUpMail
from security.keys import KeyRing

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


async def no_sign_ups(practice: Practice, asked: Mapping[str, str]) -> SignUpMail | None:
    """A flow decides about these (tests/flows/test_sign_up_answers.py); delivery knows none."""
    raise AssertionError(f"{practice.slug} was asked for {sorted(asked)}")


RESOLVER = Resolver("https://portal.example.org", timedelta(minutes=30), no_sign_ups)


class Time:
    """A clock that a test sets forward."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at

    def passes(self, *, seconds: float = 0, hours: float = 0) -> None:
        self.at += timedelta(seconds=seconds, hours=hours)


class Relay(Mailbox):
    """A mailbox that first answers what it is told to, to the next recipients and the next contents."""

    def __init__(self, time: Time) -> None:
        super().__init__(time)
        self.to_recipients: deque[str] = deque()
        self.to_contents: deque[str] = deque()
        self.raw: list[bytes] = []
        #: The envelope's sender of each message taken.
        self.senders: list[str | None] = []
        self.connections = 0
        #: A relay that is not `ready` keeps its clients waiting after the contents.
        self.ready = asyncio.Event()
        self.ready.set()
        self.asked = asyncio.Event()
        #: One item for each message taken.
        self.arrivals = asyncio.Queue[None]()

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.to_recipients:
            return self.to_recipients.popleft()
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.asked.set()
        await self.ready.wait()
        if self.to_contents:
            return self.to_contents.popleft()
        self.raw.append(envelope.original_content or b"")
        self.senders.append(envelope.mail_from)
        self.arrivals.put_nowait(None)
        return await super().handle_DATA(server, session, envelope)


class Post:
    """The outbox of one practice, a worker on it, and the relay that it mails to."""

    def __init__(self, practice: Practice, relay: Relay, port: int, time: Time) -> None:
        self.practice, self.relay, self.port, self.time = practice, relay, port, time
        self.keys = KeyRing([("test", b"0123456789abcdef0123456789abcdef")])

    def worker(self, poll: float = 0.05, bounces: str | None = None) -> OutboxWorker:
        return OutboxWorker(
            MailCarrier(
                keys=self.keys,
                mailer=Mailer(f"smtp://127.0.0.1:{self.port}", timeout=5),
                resolver=RESOLVER,
                mail_from="Portal <no-reply@example.org>",
                bounces=bounces,
            ),
            clock=self.time,
            poll=poll,
        )

    async def put(
        self, template: str, payload: Mapping[str, Any], about: str = "", channel: str = "mail"
    ) -> OutboxMessage:
        row = OutboxMessage(
            practice=self.practice,
            channel=channel,
            template=template,
            about=about,
            due_at=self.time(),
            created_at=self.time(),
        )
        row.payload = self.keys.seal(json.dumps(payload).encode(), "outbox", str(row.id))
        await row.save()
        return row

    async def notice(self, to: str = "ada@example.org", about: str = "") -> OutboxMessage:
        return await self.put("notice_password_changed", {"to": to, "locale": "en", "values": {}}, about=about)

    async def account(self, code: str, email: str | None, **more: Any) -> Account:
        fields: dict[str, Any] = {
            "practice": self.practice,
            "audience": Audience.RESPONDENT,
            "login_code": code,
            "name": "Ada",
            "email": email,
            "locale": "en",
            "created_at": self.time(),
        }
        return await Account.create(**(fields | more))
