"""The SMTP client against a real server on a real port."""

import asyncio
from email.message import EmailMessage

import pytest

from delivery.mail import Mailer, MailFailure, PermanentFailure, TransientFailure
from tests.delivery.post import Relay, Time


@pytest.fixture
def message() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "Hello"
    message.set_content("Hello")
    return message


@pytest.mark.parametrize(
    ("url", "port", "tls", "start_tls"),
    [
        ("smtp://relay.example.org", 25, False, False),
        ("smtp://relay.example.org?starttls=1", 587, False, True),
        ("smtp://relay.example.org:2525/?starttls=0", 2525, False, False),
        ("smtps://us%40er:p%2Fw@relay.example.org", 465, True, False),
    ],
)
def test_urls(url: str, port: int, tls: bool, start_tls: bool) -> None:
    options = Mailer(url)._options
    assert (options["port"], options["use_tls"], options["start_tls"]) == (port, tls, start_tls)
    if tls:
        assert (options["username"], options["password"]) == ("us@er", "p/w")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://relay.example.org",
        "smtp://",
        "smtp://relay:seven",
        "smtp://secret@relay/path",
        "smtp://relay?starttls=yes",
        "smtp://relay?timeout=3",
        "smtps://relay?starttls=1",
        "smtp://[relay",
    ],
)
def test_a_url_that_is_none_is_refused_in_one_line_without_it(url: str) -> None:
    with pytest.raises(ValueError, match="mail_url: use smtp://") as refused:
        Mailer(url)
    assert "\n" not in str(refused.value)
    assert "secret" not in str(refused.value)


async def test_a_connection_serves_many_messages(message: EmailMessage, time: Time) -> None:
    relay = Relay(time)
    mailer = Mailer(f"smtp://127.0.0.1:{await relay.start()}", timeout=5)
    try:
        await mailer.send(message)
        relay.to_contents.append("451 4.3.0 Later")
        with pytest.raises(TransientFailure):
            await mailer.send(message)
        await mailer.send(message)
        assert relay.connections == 1
        await mailer.close()
        await mailer.send(message)
        assert relay.connections == 2
        assert len(relay.messages()) == 3
    finally:
        await mailer.close()
        await relay.stop()


@pytest.mark.parametrize(
    ("reply", "kind", "reason"),
    [
        ("550 5.1.1 <b@example.org> unknown", PermanentFailure, "550 5.1.1"),
        ("554 no <b@example.org> here", PermanentFailure, "554"),
        ("450 4.2.1 b@example.org is busy", TransientFailure, "450 4.2.1"),
        ("421 4.3.2 b@example.org: closing", TransientFailure, "421 4.3.2"),
    ],
)
async def test_refusals_are_classified_and_name_nobody(
    message: EmailMessage, time: Time, reply: str, kind: type[MailFailure], reason: str
) -> None:
    relay = Relay(time)
    mailer = Mailer(f"smtp://127.0.0.1:{await relay.start()}", timeout=5)
    try:
        for replies in (relay.to_recipients, relay.to_contents):
            replies.append(reply)
            with pytest.raises(kind) as failed:
                await mailer.send(message)
            assert failed.value.reason == str(failed.value) == reason
        await mailer.send(message)
    finally:
        await mailer.close()
        await relay.stop()


async def test_a_relay_that_lacks_what_we_need_is_no_fault_of_the_message(message: EmailMessage, time: Time) -> None:
    relay = Relay(time)
    port = await relay.start()
    try:
        for url in (f"smtp://127.0.0.1:{port}?starttls=1", f"smtp://user:word@127.0.0.1:{port}"):
            with pytest.raises(TransientFailure):
                await Mailer(url, timeout=5).send(message)
    finally:
        await relay.stop()
    with pytest.raises(TransientFailure, match="SMTPConnectError"):
        await Mailer(f"smtp://127.0.0.1:{port}", timeout=5).send(message)


async def test_a_relay_that_says_nothing_is_not_waited_for(message: EmailMessage) -> None:
    silence = asyncio.Event()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await silence.wait()
        writer.close()

    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    try:
        mailer = Mailer(f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}", timeout=0.1)
        with pytest.raises(TransientFailure):
            await mailer.send(message)
    finally:
        silence.set()
        server.close()
        await server.wait_closed()


async def test_an_address_outside_ascii_needs_a_relay_that_takes_it(message: EmailMessage, time: Time) -> None:
    relay = Relay(time)
    mailer = Mailer(f"smtp://127.0.0.1:{await relay.start()}", timeout=5)
    del message["To"]
    message["To"] = "žofie@example.org"
    try:
        await mailer.send(message)
        assert relay.messages()[0]["to"] == "žofie@example.org"
    finally:
        await mailer.close()
        await relay.stop()
