"""The demo's mailbox takes real mail and shows it without doing what it says."""

import asyncio
import base64
import hashlib
import json
import re
import socket
from contextlib import suppress
from email.message import EmailMessage

import pytest

from delivery.mail import Mailer
from delivery.mailbox import KEPT, Mailbox, Received
from delivery.mailbox_page import CONTENT_SECURITY_POLICY, mailbox_json, mailbox_page
from tests.delivery.post import NOON, Time


def message(subject: str = "Uw account", text: str = "Dag\nhttps://a.example.org/x#token=1&b\n") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "p@example.org", "ada@example.org", subject
    made.set_content(text)
    made.add_alternative("<p>Dag</p>", subtype="html")
    return made


async def test_it_keeps_what_it_receives(time: Time) -> None:
    mailbox = Mailbox(time)
    mailer = Mailer(f"smtp://127.0.0.1:{await mailbox.start()}", timeout=5)
    try:
        await mailer.send(message("Één account"))
        assert mailbox.messages() == [
            {
                "to": "ada@example.org",
                "from": "p@example.org",
                "subject": "Één account",
                "text": "Dag\nhttps://a.example.org/x#token=1&b\n",
                "html": "<p>Dag</p>\n",
                "links": ["https://a.example.org/x#token=1&b"],
                "received_at": NOON.isoformat(),
            }
        ]
        assert json.loads(mailbox_json(mailbox.messages())) == mailbox.messages()
        for n in range(KEPT):
            await mailer.send(message(str(n)))
        kept = [received["subject"] for received in mailbox.messages()]
        assert kept == [str(n) for n in range(KEPT)]
    finally:
        await mailer.close()
        await mailbox.stop()


async def test_it_stops_with_a_dialogue_open_and_starts_on_the_same_port(time: Time) -> None:
    mailbox = Mailbox(time)
    port = await mailbox.start()
    mailer = Mailer(f"smtp://127.0.0.1:{port}", timeout=5)
    await mailer.send(message())
    await mailbox.stop()
    await mailbox.stop()
    assert await mailbox.start(port) == port
    await mailer.send(message())
    await mailer.close()
    await mailbox.stop()
    assert len(mailbox.messages()) == 2


@pytest.mark.parametrize("turns", range(4))
async def test_it_stops_for_those_who_are_just_being_let_in(turns: int, time: Time) -> None:
    mailbox = Mailbox(time)
    with socket.create_connection(("127.0.0.1", await mailbox.start())) as caller:
        for _ in range(turns):
            await asyncio.sleep(0)
        await mailbox.stop()
        caller.settimeout(5)
        with suppress(ConnectionError):
            while await asyncio.to_thread(caller.recv, 1000):
                pass


def test_the_page_shows_text_as_text_and_newest_first() -> None:
    hostile = "</pre><script>alert(1)</script>"
    received: list[Received] = [
        {
            "to": hostile,
            "from": hostile,
            "subject": subject,
            "text": hostile,
            "html": hostile,
            "links": ['https://a.example.org/"><script>', "javascript:alert(1)", "https://a.example.org/x?a=1&b#t"],
            "received_at": NOON.isoformat(),
        }
        for subject in ("older", f"newer {hostile}")
    ]
    page = mailbox_page(received)
    assert "<script" not in page
    assert 'href="javascript' not in page
    assert 'href="https://a.example.org/x?a=1&amp;b#t"' in page
    assert page.index("newer") < page.index("older")


def test_the_page_keeps_to_its_policy() -> None:
    page = mailbox_page([])
    assert "No mail yet" in page
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in CONTENT_SECURITY_POLICY
    assert "style=" not in page
