"""``sslmode`` and ``sslrootcert`` of ``database_url``: whom PostgreSQL's client speaks to, and whom it does not."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped]
import pytest

from models.db.tls import tls_of
from tests.support.certificates import Authority
from tests.support.command import ran
from tests.support.databases import Database

# PostgreSQL's protocol 3.0, "SSL Session Encryption" and "Message Formats".
ASKS_FOR_TLS = bytes.fromhex("0000000804d2162f")
WRONG_PASSWORD = b"SFATAL\0VFATAL\0C28P01\0Mno\0\0"
PATIENCE = 20

Dial = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


@dataclass
class Server:
    """Says PostgreSQL's first words, then passes on the rest where somebody is ``behind``; else refuses a password.

    ``said`` has, for each client that came as far as to say who it is, whether it was over TLS.
    """

    context: ssl.SSLContext | None
    behind: Dial | None = None
    port: int = 0
    said: list[bool] = field(default_factory=list)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            first = await reader.readexactly(8)
            secret = False
            if first == ASKS_FOR_TLS:
                writer.write(b"S" if self.context else b"N")
                if self.context:
                    await writer.start_tls(self.context)
                    secret = True
                first = await reader.readexactly(8)
            first += await reader.readexactly(int.from_bytes(first[:4]) - 8)
            self.said.append(secret)
            if self.behind is None:
                writer.write(b"E" + (len(WRONG_PASSWORD) + 4).to_bytes(4) + WRONG_PASSWORD)
            else:
                theirs, to_them = await self.behind()
                to_them.write(first)
                await asyncio.gather(passed_on(reader, to_them), passed_on(theirs, writer))
        writer.close()


async def passed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def listening(context: ssl.SSLContext | None, behind: Dial | None = None) -> AsyncIterator[Server]:
    server = Server(context, behind)
    listener = await asyncio.start_server(server.answer, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        await listener.wait_closed()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Of the same name, and nobody's."""
    return Authority(tmp_path_factory.mktemp("stranger"))


async def goes_on(server: Server, query: str, host: str = "127.0.0.1") -> None:
    """The handshake is done: what is refused is only the password."""
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(host=host, port=server.port, user="sluis", ssl=tls_of(query), timeout=PATIENCE)


async def is_refused(server: Server, query: str, because: str, host: str = "127.0.0.1") -> None:
    with pytest.raises((OSError, asyncpg.InvalidPasswordError)) as caught:
        await asyncpg.connect(host=host, port=server.port, user="sluis", ssl=tls_of(query), timeout=PATIENCE)
    assert because in str(caught.value)
    assert server.said == [], "it said who it is"


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
async def test_the_right_authority_and_name_are_gone_on_with(authority: Authority, mode: str) -> None:
    async with listening(authority.server("127.0.0.1")) as server:
        await goes_on(server, f"sslmode={mode}&sslrootcert={authority.file}")
        assert server.said == [True]


async def test_a_name_is_looked_at_as_an_address_is(authority: Authority) -> None:
    async with listening(authority.server("localhost")) as server:
        await goes_on(server, f"sslmode=verify-full&sslrootcert={authority.file}", host="localhost")
        assert server.said == [True]


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
async def test_an_unknown_authority_is_refused(authority: Authority, stranger: Authority, mode: str) -> None:
    async with listening(stranger.server("127.0.0.1")) as server:
        await is_refused(server, f"sslmode={mode}&sslrootcert={authority.file}", "certificate verify failed")


async def test_without_a_file_those_are_trusted_that_the_machine_trusts(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with listening(authority.server("127.0.0.1")) as server:
        await is_refused(server, "sslmode=verify-full", "certificate verify failed")
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        await goes_on(server, "sslmode=verify-full")


async def test_another_name_is_refused_by_verify_full_alone(authority: Authority) -> None:
    async with listening(authority.server("db.example.org")) as server:
        await is_refused(server, f"sslmode=verify-full&sslrootcert={authority.file}", "IP address mismatch")
        await is_refused(server, f"sslmode=verify-full&sslrootcert={authority.file}", "Hostname mismatch", "localhost")
        await goes_on(server, f"sslmode=verify-ca&sslrootcert={authority.file}")
        await goes_on(server, f"sslmode=require&sslrootcert={authority.file}")
        assert server.said == [True, True]


async def test_require_alone_encrypts_to_whoever_answers(stranger: Authority) -> None:
    async with listening(stranger.server("db.example.org")) as server:
        await goes_on(server, "sslmode=require")
        assert server.said == [True]


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
async def test_a_server_without_tls_is_refused(authority: Authority, mode: str) -> None:
    async with listening(None) as server:
        await is_refused(server, f"sslmode={mode}&sslrootcert={authority.file}", "rejected SSL upgrade")


@pytest.mark.parametrize("query", ["", "sslmode=prefer", "sslmode=disable"])
async def test_in_the_clear_only_where_nothing_else_is_asked_for(query: str, authority: Authority) -> None:
    async with listening(None) as server:
        await goes_on(server, query)
        assert server.said == [False]
    async with listening(authority.server("127.0.0.1")) as server:
        await goes_on(server, query)
        assert server.said[0] is ("disable" not in query)


@pytest.mark.parametrize("command", ["check", "migrate", "serve"])
async def test_commands_obey_the_url(authority: Authority, stranger: Authority, command: str) -> None:
    """What is in the query arrives at the driver, for whatever opens the database."""
    reached = "The database cannot be reached ({}): check SLUIS_DATABASE_URL and that it is running."
    async with listening(authority.server("127.0.0.1")) as server:
        url = f"postgresql://sluis:hunter2@127.0.0.1:{server.port}/sluis?sslmode=verify-full&sslrootcert="
        ended = await ran(command, database_url=f"{url}{stranger.file}")
        assert ended.problems[-1] == reached.format("SSLCertVerificationError")
        assert server.said == []
        ended = await ran(command, database_url=f"{url}{authority.file}")
        assert ended.problems[-1] == reached.format("InvalidPasswordError")
        assert set(server.said) == {True}


async def test_a_file_without_certificates_is_named_in_one_line(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.touch()
    for file in (empty, tmp_path / "nowhere.pem"):
        url = f"postgresql://sluis:hunter2@127.0.0.1/sluis?sslmode=verify-full&sslrootcert={file}"
        for command in ("check", "migrate", "serve"):
            assert (await ran(command, database_url=url)).problems == [
                f"database_url: sslrootcert names {file}, which is no file of certificates"
            ]


@pytest.mark.database
async def test_postgresql_is_worked_with_over_tls(database: Database, authority: Authority) -> None:
    if database.url.startswith("sqlite:"):
        pytest.skip("SQLite is no server")
    parts = urlsplit(database.url)
    assert parts.hostname is not None
    host, port = parts.hostname, parts.port or 5432
    async with listening(authority.server("127.0.0.1"), lambda: asyncio.open_connection(host, port)) as server:
        there = parts._replace(netloc=parts.netloc.rpartition("@")[0] + f"@127.0.0.1:{server.port}").geturl()
        url = f"{there}?sslmode=verify-full&sslrootcert={authority.file}"
        assert (await ran("migrate", database_url=url)).output == "The database is up to date.\n"
        assert (await ran("check", database_url=url)).output == "All is well.\n"
        assert (await ran("create-practice", "linden", "De Linde", database_url=url)).code == 0
        assert await database.count("practice") == 1
        assert set(server.said) == {True}
