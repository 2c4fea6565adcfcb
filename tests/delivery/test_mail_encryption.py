"""With ``starttls=1`` and ``smtps`` nothing is said in the clear, and only to the relay that is meant."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from delivery.mail import Mailer, TransientFailure
from tests.delivery.post import Relay, Time


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1 with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "relay")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "relay.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + signed.public_bytes(Encoding.PEM))
    return path


@pytest.fixture(params=["starttls", "smtps"])
async def encrypted(request: pytest.FixtureRequest, certificate: Path, time: Time) -> AsyncIterator[tuple[str, Relay]]:
    """The URL of a relay that takes mail over TLS only, and what it took."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
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
    encrypted: tuple[str, Relay], certificate: Path, message: EmailMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, relay = encrypted
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    mailer = Mailer(url, timeout=5)
    await mailer.send(message)
    await mailer.close()
    assert [taken["to"] for taken in relay.messages()] == ["b@example.org"]


async def test_an_impostor_gets_nothing(encrypted: tuple[str, Relay], message: EmailMessage) -> None:
    url, relay = encrypted
    with pytest.raises(TransientFailure):
        await Mailer(url, timeout=5).send(message)
    assert relay.raw == []
