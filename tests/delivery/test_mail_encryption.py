"""With ``starttls=1`` and ``smtps`` nothing is said in the clear, and only to the relay that is meant."""

import asyncio
from collections.abc import AsyncIterator
from email.message import EmailMessage

import pytest
from aiosmtpd.smtp import SMTP

from delivery.mail import Mailer, TransientFailure
from tests.delivery.post import Relay, Time
from tests.support.certificates import Authority


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture(params=["starttls", "smtps"])
async def encrypted(
    request: pytest.FixtureRequest, authority: Authority, time: Time
) -> AsyncIterator[tuple[str, Relay]]:
    """The URL of a relay that takes mail over TLS only, and what it took."""
    context = authority.server("127.0.0.1")
    relay, loop = Relay(time), asyncio.get_running_loop()
    starttls = request.param == "starttls"

    def dialogue() -> SMTP:
        upgrade = context if starttls else None
        return SMTP(relay, hostname="relay.localhost", loop=loop, tls_context=upgrade, require_starttls=starttls)

    server = await loop.create_server(dialogue, "127.0.0.1", 0, ssl=None if starttls else context)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"smtp://127.0.0.1:{port}?starttls=1" if starttls else f"smtps://127.0.0.1:{port}", relay
    finally:
        server.close()
        await server.wait_closed()


@pytest.fixture
def message() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "Hello"
    message.set_content("Hello")
    return message


async def test_a_trusted_relay_gets_the_message(
    encrypted: tuple[str, Relay], authority: Authority, message: EmailMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, relay = encrypted
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    mailer = Mailer(url, timeout=5)
    await mailer.send(message)
    await mailer.close()
    assert [taken["to"] for taken in relay.messages()] == ["b@example.org"]


async def test_an_impostor_gets_nothing(encrypted: tuple[str, Relay], message: EmailMessage) -> None:
    url, relay = encrypted
    with pytest.raises(TransientFailure):
        await Mailer(url, timeout=5).send(message)
    assert relay.raw == []
