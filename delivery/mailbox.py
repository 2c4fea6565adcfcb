"""The demo's mailbox: a real SMTP server on the loopback interface that keeps what it is given in memory."""

import asyncio
import re
from collections import deque
from collections.abc import Callable
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cache, partial
from typing import TypedDict
from weakref import WeakSet

from aiosmtpd.smtp import SMTP, Envelope, Session

KEPT = 200
_LARGEST_BYTES = 1_000_000
_HOST = "127.0.0.1"
_LINK = re.compile(r"https?://[^\s<>\"]+")

# "from" is a keyword, hence this form.
Received = TypedDict(
    "Received",
    {
        "to": str,
        "from": str,
        "subject": str,
        "text": str,
        "html": str,
        "links": list[str],
        "received_at": str,
    },
)


class Mailbox:
    """Takes mail for everybody and shows it to everybody: for the demo and for tests, never for people.

    Runs in the current event loop. ``received_at`` is ISO 8601 by the given clock; ``to`` is as the
    envelope says, several recipients joined by commas.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        #: To whom, and what reads it: most mail is never looked at, and reading it takes longer than taking it.
        self._kept: deque[tuple[str, Callable[[], Received]]] = deque(maxlen=KEPT)
        self._server: asyncio.Server | None = None
        self._dialogues: WeakSet[SMTP] = WeakSet()

    async def start(self, port: int = 0) -> int:
        """Listen on a loopback port, a free one by default, and return it."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._dialogue, _HOST, port)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def stop(self) -> None:
        """Stop listening and end the dialogues under way; what was received stays."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        # A connection that was being accepted has a transport from the loop's next turn on.
        await asyncio.sleep(0)
        for dialogue in list(self._dialogues):
            if dialogue.transport is not None:
                dialogue.transport.close()
        await server.wait_closed()

    def messages(self, to: str | None = None) -> list[Received]:
        """The last messages, or those of them to one address, oldest first."""
        return [read() for whom, read in self._kept if to in (None, whom)]

    def keep_sms(self, to: str, text: str) -> None:
        """Keep a text message among the mail, as one from "SMS"."""
        sms: Received = {
            "to": to,
            "from": "SMS",
            "subject": "SMS",
            "text": text,
            "html": "",
            "links": _LINK.findall(text),
            "received_at": self._clock().isoformat(),
        }
        self._kept.append((to, lambda: sms))

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """aiosmtpd's hook for a whole message; returns the reply."""
        to = ", ".join(envelope.rcpt_tos)
        self._kept.append((to, cache(partial(_read, to, envelope, self._clock().isoformat()))))
        return "250 2.0.0 Kept"

    def _dialogue(self) -> SMTP:
        # A host name of its own, because looking up the machine's may take seconds.
        dialogue = SMTP(
            self,
            hostname="mailbox.localhost",
            enable_SMTPUTF8=True,
            data_size_limit=_LARGEST_BYTES,
            loop=asyncio.get_running_loop(),
        )
        self._dialogues.add(dialogue)
        return dialogue


def _read(to: str, envelope: Envelope, received_at: str) -> Received:
    message = message_from_bytes(envelope.original_content or b"", _class=EmailMessage, policy=default)
    text = _part(message, "plain")
    return {
        "to": to,
        "from": str(message["From"] or envelope.mail_from or ""),
        "subject": str(message["Subject"] or ""),
        "text": text,
        "html": _part(message, "html"),
        "links": _LINK.findall(text),
        "received_at": received_at,
    }


def _part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    # Unlike RFC 5322, people's tools expect a bare line feed.
    return str(body.get_content()).replace("\r\n", "\n") if body is not None else ""
