"""Handing messages to the mail relay over SMTP (RFC 5321)."""

import asyncio
import contextlib
import re
from email.message import EmailMessage
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import aiosmtplib

from delivery.reasons import of_reply
from models.core.message_failure import MessageFailure

_FORM = "mail_url: use smtp://USER:PASSWORD@HOST:PORT?starttls=1 or smtps://USER:PASSWORD@HOST:PORT"
# RFC 3463: what a reply may begin with, and all of it that names nobody.
_ENHANCED_CODE = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")
_GOODBYE_SECONDS = 5.0


class MailFailure(Exception):
    """A message did not leave. ``reason`` names no person and holds no secret; ``cause`` is what staff read."""

    def __init__(self, reason: str, cause: MessageFailure = MessageFailure.SERVICE_UNAVAILABLE) -> None:
        super().__init__(reason)
        self.reason = reason
        self.cause = cause


class TransientFailure(MailFailure):
    """Another attempt may succeed: the relay is away, busy, or refuses us rather than this message."""


class PermanentFailure(MailFailure):
    """The relay refuses this message or its recipient for good."""


class Mailer:
    """A client of one relay, which keeps its connection from one message to the next until ``close``.

    The URL's ``starttls=1`` demands encryption on a connection that begins in the clear. ``timeout`` is in
    seconds for each reply of the relay; a whole message takes at most three times that.
    """

    def __init__(self, url: str, *, timeout: float = 30.0) -> None:
        """Raises ValueError with one line that names the accepted forms, never the URL itself."""
        self._options = _options(url)
        self._timeout = timeout
        self._client: aiosmtplib.SMTP | None = None
        self._turn = asyncio.Lock()

    async def send(self, message: EmailMessage, sender: str | None = None) -> None:
        """Return once the relay has taken over responsibility; raises a MailFailure otherwise.

        ``sender`` is the envelope's (RFC 5321, MAIL FROM), to which delivery reports go; None: the one in From.
        """
        async with self._turn:
            client = await self._connected()
            try:
                async with asyncio.timeout(2 * self._timeout):
                    await client.send_message(message, sender=sender)
            except aiosmtplib.SMTPDataError as error:
                raise _refusal(error, to_recipient=False) from None
            except aiosmtplib.SMTPRecipientsRefused as error:
                raise _refusal(error.recipients[0], to_recipient=True) from None
            except aiosmtplib.SMTPResponseException as error:
                raise _not_now(error) from None
            except (aiosmtplib.SMTPNotSupported, ValueError) as error:
                raise PermanentFailure(type(error).__name__, MessageFailure.ADDRESS_REFUSED) from None
            except (aiosmtplib.SMTPException, OSError) as error:
                client.close()
                raise TransientFailure(type(error).__name__) from None
            except BaseException:
                # Mid-dialogue: the next message must not read the replies to this one.
                client.close()
                raise

    async def close(self) -> None:
        """Take leave of the relay; a later ``send`` connects again."""
        async with self._turn:
            client, self._client = self._client, None
            if client is None or not client.is_connected:
                return
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                async with asyncio.timeout(_GOODBYE_SECONDS):
                    await client.quit()
            client.close()

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._client is not None and self._client.is_connected:
            return self._client
        client = aiosmtplib.SMTP(timeout=self._timeout, **self._options)
        try:
            async with asyncio.timeout(self._timeout):
                await client.connect()
        except aiosmtplib.SMTPResponseException as error:
            # A greeting or a log-in refused says nothing about the message that waits.
            raise _not_now(error) from None
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise TransientFailure(type(error).__name__) from None
        self._client = client
        return client


def _refusal(error: aiosmtplib.SMTPResponseException, *, to_recipient: bool) -> MailFailure:
    """A reply about this message: with 500 and up trying again is pointless."""
    reason, status = _told(error)
    kind = PermanentFailure if error.code >= 500 else TransientFailure
    return kind(reason, of_reply(error.code, status, to_recipient=to_recipient))


def _not_now(error: aiosmtplib.SMTPResponseException) -> MailFailure:
    return TransientFailure(_told(error)[0])


def _told(error: aiosmtplib.SMTPResponseException) -> tuple[str, str]:
    """The reply's codes, and the enhanced one alone: the rest of a reply may name a person."""
    enhanced = _ENHANCED_CODE.match(error.message)
    return (f"{error.code} {enhanced[0]}", enhanced[0]) if enhanced else (str(error.code), "")


def _options(url: str) -> dict[str, Any]:
    try:
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
        port = parts.port
    except ValueError:
        raise ValueError(_FORM) from None
    starttls = query.pop("starttls", "0")
    encrypted = parts.scheme == "smtps"
    if (
        parts.scheme not in {"smtp", "smtps"}
        or not parts.hostname
        or parts.path not in {"", "/"}
        or parts.fragment
        or query
        or starttls not in {"0", "1"}
        or (encrypted and starttls == "1")
    ):
        raise ValueError(_FORM)
    return {
        "hostname": parts.hostname,
        "port": port or (465 if encrypted else 587 if starttls == "1" else 25),
        "username": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
        "use_tls": encrypted,
        "start_tls": starttls == "1",
    }
