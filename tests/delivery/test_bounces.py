"""Delivery reports: whatever server wrote them, they are told by their machine-readable part, and proven by a token."""

import mailbox
from datetime import timedelta
from pathlib import Path
from unittest.mock import Mock
from uuid import UUID, uuid4

import httpx
import pytest
from starlette.applications import Starlette

from commands.bounce_route import MOST_EVENTS, PATH, BounceDoor
from commands.bounces import read_bounces
from delivery.bounces import LARGEST, BounceReader, Outcome, ReturnPath
from delivery.reasons import of_reply, of_status
from models import OutboxMessage, OutboxState
from models.core.message_failure import MessageFailure
from security.keys import KeyRing
from tests.delivery.post import NOON, Post
from tests.support.returned import SHAPES, automatic_reply, report

BOUNCES = "bounces@mail.example.org"
SECRET = "a secret of the relay that nobody else knows"
OLD, NEW = ("old", bytes(range(32))), ("new", bytes(range(1, 33)))


def path_with(*keys: tuple[str, bytes]) -> ReturnPath:
    return ReturnPath(KeyRing(keys), BOUNCES)


def test_an_envelope_sender_names_its_message_whatever_its_case_and_after_a_rotation() -> None:
    message, before = uuid4(), path_with(OLD)
    sender = before.sender_of(message)
    local, _, domain = sender.partition("@")
    assert (local[:8], domain) == ("bounces+", "mail.example.org")
    assert len(local) <= 64, "RFC 5321, 4.5.3.1.1"
    rotated = path_with(NEW, OLD)
    assert [rotated.message_of(text) for text in (sender, sender.upper(), f"<{sender}>")] == [message] * 3
    assert path_with(NEW).message_of(sender) is None


@pytest.mark.security
def test_no_other_address_names_a_message() -> None:
    here, message = path_with(OLD), uuid4()
    token = here.sender_of(message).partition("+")[2].partition("@")[0]
    swapped = ("b" if token[0] != "b" else "c") + token[1:]
    forged = path_with(NEW).sender_of(message)
    for text in (BOUNCES, f"bounces+{swapped}@x", f"other+{token}@x", f"bounces+{token[:-1]}@x", forged, "", "+@", "ë"):
        assert here.message_of(text) is None, text


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("5.1.1", MessageFailure.ADDRESS_REFUSED),
        ("5.1.2", MessageFailure.ADDRESS_REFUSED),
        ("5.1.10", MessageFailure.ADDRESS_REFUSED),
        ("5.2.1", MessageFailure.ADDRESS_REFUSED),
        ("5.4.4", MessageFailure.ADDRESS_REFUSED),
        ("5.2.2", MessageFailure.MAILBOX_FULL),
        ("4.2.2", MessageFailure.MAILBOX_FULL),
        ("5.7.1", MessageFailure.MESSAGE_REFUSED),
        ("5.3.4", MessageFailure.MESSAGE_REFUSED),
        ("4.4.7", MessageFailure.UNREACHABLE),
        ("4.7.1", MessageFailure.UNREACHABLE),
        ("5.0.0", None),
        ("none", None),
    ],
)
def test_a_status_code_is_a_reason(status: str, reason: MessageFailure | None) -> None:
    assert of_status(status) is reason


@pytest.mark.parametrize(
    ("code", "to_recipient", "reason"),
    [
        (550, True, MessageFailure.ADDRESS_REFUSED),
        (552, True, MessageFailure.MAILBOX_FULL),
        (554, False, MessageFailure.MESSAGE_REFUSED),
        (451, True, MessageFailure.UNREACHABLE),
    ],
)
def test_a_reply_without_one_is_read_by_its_code(code: int, to_recipient: bool, reason: MessageFailure) -> None:
    assert of_reply(code, "", to_recipient=to_recipient) is reason


@pytest.fixture
def path(post: Post) -> ReturnPath:
    return ReturnPath(post.keys, BOUNCES)


@pytest.fixture
def reader(post: Post, path: ReturnPath) -> BounceReader:
    return BounceReader(path, post.time)


@pytest.fixture
async def sent(post: Post) -> OutboxMessage:
    row = await post.notice()
    await post.worker().deliver_due()
    return row


async def stored(row: OutboxMessage) -> OutboxMessage:
    return await OutboxMessage.get(id=row.id)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.database
async def test_every_servers_report_is_read(
    shape: str, post: Post, path: ReturnPath, reader: BounceReader, sent: OutboxMessage
) -> None:
    post.time.passes(hours=1)
    content = report(path.sender_of(sent.id), shape)
    assert await reader.read(content) is Outcome.RECORDED
    after = await stored(sent)
    assert (after.state, after.failure, after.last_error) == (OutboxState.BOUNCED, "ADDRESS_REFUSED", "5.1.1")
    assert after.done_at == NOON + timedelta(hours=1)
    assert await reader.read(content) is Outcome.KNOWN, "the same report again"


@pytest.mark.parametrize(
    ("told", "state", "failure"),
    [
        ({"status": "5.2.2", "diagnostic": "smtp; 552 5.2.2 over quota"}, "BOUNCED", "MAILBOX_FULL"),
        ({"status": "4.4.7", "diagnostic": "smtp; 450 4.4.7 expired"}, "BOUNCED", "UNREACHABLE"),
        ({"status": "5.0.0", "diagnostic": "smtp; 550-5.1.1 no such account"}, "BOUNCED", "ADDRESS_REFUSED"),
        ({"status": "5.0.0", "diagnostic": "smtp; 550 Unknown user"}, "BOUNCED", "ADDRESS_REFUSED"),
        ({"status": "5.7.1", "diagnostic": ""}, "BOUNCED", "MESSAGE_REFUSED"),
        ({"action": "Delayed", "status": "4.4.1", "diagnostic": ""}, "SENT", "UNREACHABLE"),
    ],
)
@pytest.mark.database
async def test_hard_and_soft_are_told_apart(
    told: dict[str, str],
    state: str,
    failure: str,
    path: ReturnPath,
    reader: BounceReader,
    sent: OutboxMessage,
) -> None:
    assert await reader.read(report(path.sender_of(sent.id), **told)) is Outcome.RECORDED
    after = await stored(sent)
    assert (after.state, after.failure) == (state, failure)


@pytest.mark.database
async def test_a_delay_is_followed_by_the_end(path: ReturnPath, reader: BounceReader, sent: OutboxMessage) -> None:
    sender = path.sender_of(sent.id)
    delayed = report(sender, action="delayed", status="4.4.1", diagnostic="")
    assert [await reader.read(delayed), await reader.read(delayed)] == [Outcome.RECORDED, Outcome.KNOWN]
    assert await reader.read(report(sender)) is Outcome.RECORDED
    assert (await stored(sent)).state == OutboxState.BOUNCED


@pytest.mark.parametrize("header", ["X-Original-To", "Delivered-To", "To"])
@pytest.mark.database
async def test_the_envelopes_recipient_is_where_servers_write_it(
    header: str, path: ReturnPath, reader: BounceReader, sent: OutboxMessage
) -> None:
    content = report(path.sender_of(sent.id).upper(), to_header=header)
    assert await reader.read(content) is Outcome.RECORDED


@pytest.mark.security
@pytest.mark.database
async def test_a_forged_report_changes_nothing(
    post: Post, path: ReturnPath, reader: BounceReader, sent: OutboxMessage
) -> None:
    before = await OutboxMessage.all().values()
    stranger = ReturnPath(KeyRing([NEW]), BOUNCES)
    for sender in (stranger.sender_of(sent.id), BOUNCES, f"bounces+{sent.id.hex}@mail.example.org"):
        assert await reader.read(report(sender)) is Outcome.FORGED
    assert await reader.read(report(path.sender_of(UUID(int=0)))) is Outcome.KNOWN, "a message that is gone"
    assert await OutboxMessage.all().values() == before


@pytest.mark.security
@pytest.mark.database
async def test_what_is_no_report_changes_nothing(path: ReturnPath, reader: BounceReader, sent: OutboxMessage) -> None:
    sender = path.sender_of(sent.id)
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000))
    others = (
        automatic_reply(sender),
        report(sender, action="delivered", status="2.0.0", diagnostic=""),
        report(sender, action="relayed", status="2.0.0", diagnostic=""),
        b"",
        b"\xff" * 1000,
        b"To: " + sender.encode() + b"\nMIME-Version: 1.0\n" + nested,
    )
    assert [await reader.read(other) for other in others] == [Outcome.NO_REPORT] * len(others)
    assert (await stored(sent)).state == OutboxState.SENT


@pytest.mark.security
@pytest.mark.database
async def test_a_report_that_would_take_long_is_not_read(
    path: ReturnPath, reader: BounceReader, sent: OutboxMessage
) -> None:
    """Anybody can mail to the address of reports: so boundaries, bytes and recipients are bounded."""
    good = report(path.sender_of(sent.id), next(iter(SHAPES)))
    assert await reader.read(b"X-Part: boundary\n" * 21 + good) is Outcome.NO_REPORT
    assert await reader.read(b"X-Filler: " + b"a" * 70_000 + b"\n" + good) is Outcome.NO_REPORT
    assert await reader.read(b"X-Original-To: someone@else.example\n" * 20 + good) is Outcome.FORGED
    assert (await stored(sent)).state == OutboxState.SENT


@pytest.mark.database
async def test_only_what_was_sent_is_returned(
    post: Post, path: ReturnPath, reader: BounceReader, sent: OutboxMessage
) -> None:
    waiting = await post.notice("eve@example.org")
    assert await reader.read(report(path.sender_of(waiting.id))) is Outcome.KNOWN
    assert (await stored(waiting)).state == OutboxState.WAITING


@pytest.mark.database
async def test_a_mail_leaves_with_its_own_envelope_sender(post: Post, path: ReturnPath) -> None:
    row = await post.notice()
    await post.worker(bounces=BOUNCES).deliver_due()
    assert post.relay.senders == [path.sender_of(row.id)]
    assert post.relay.messages()[0]["from"] == "Portal <no-reply@example.org>"


@pytest.mark.database
async def test_the_command_reads_a_file_an_mbox_and_a_maildir_once(
    post: Post, path: ReturnPath, sent: OutboxMessage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    closed = Mock(wraps=mailbox.mbox.close)
    monkeypatch.setattr(mailbox.mbox, "close", lambda box: closed(box))
    content = report(path.sender_of(sent.id))
    app = _House(post)
    single, box = tmp_path / "report.eml", tmp_path / "box"
    single.write_bytes(content)
    box.write_bytes(b"From MAILER-DAEMON Mon Mar  2 12:00:00 2026\n" + content + b"\n\n" + b"From x\n\nHi\n")
    for folder in ("new", "cur", "tmp"):
        (tmp_path / "Maildir" / folder).mkdir(parents=True)
    (tmp_path / "Maildir" / "new" / "1.host").write_bytes(content)
    for source in (single, box, tmp_path / "Maildir", tmp_path / "Maildir"):
        await read_bounces(app, said.append, str(source), BOUNCES)  # type: ignore[arg-type]
    assert said == [
        "Read 1: 1 recorded.",
        "Read 2: 1 known already or forgotten, 1 no delivery report.",
        "Read 1: 1 known already or forgotten.",
        "Read 0.",
    ]
    closed.assert_called_once()
    assert [file.name for file in (tmp_path / "Maildir" / "cur").iterdir()] == ["1.host:2,S"]


@pytest.mark.database
async def test_the_door_takes_a_report_or_events(path: ReturnPath, reader: BounceReader, sent: OutboxMessage) -> None:
    sender = path.sender_of(sent.id)
    async with _relay(reader) as relay:
        event = {"recipient": sender, "action": "delayed", "status": "4.2.2"}
        answer = await relay.post(PATH, json=[event, {"recipient": "x@y", "action": "failed"}, {}])
        assert (answer.status_code, answer.json()) == (200, {"recorded": 1, "forged": 1, "no_report": 1})
        answer = await relay.post(PATH, content=report(sender), headers={"Content-Type": "message/rfc822"})
        assert answer.json() == {"recorded": 1}
        basic = await relay.post(PATH, json={}, auth=("relay", SECRET))
        assert basic.json() == {"no_report": 1}
    assert (await stored(sent)).state == OutboxState.BOUNCED


@pytest.mark.security
@pytest.mark.database
async def test_the_door_is_closed_to_strangers_and_to_what_is_large(
    path: ReturnPath, reader: BounceReader, sent: OutboxMessage
) -> None:
    event = {"recipient": path.sender_of(sent.id), "action": "failed", "status": "5.1.1"}
    async with _relay(reader) as relay:
        del relay.headers["Authorization"]
        for header in (
            None,
            "Bearer",
            "Bearer wrong",
            f"Token {SECRET}",
            f"Basic {SECRET}",
            "Basic !!",
            "Bearer ë",
        ):
            given = [] if header is None else [(b"Authorization", header.encode())]
            assert (await relay.post(PATH, json=event, headers=given)).status_code == 401, header
        relay.headers["Authorization"] = f"Bearer {SECRET}"
        large = await relay.post(PATH, content=b"x" * (LARGEST + 1), headers={"Content-Type": "message/rfc822"})
        assert large.status_code == 413
        many = await relay.post(PATH, json=[event] * (MOST_EVENTS + 1))
        assert many.status_code == 400
        deep = await relay.post(PATH, content=b"[" * 100_000, headers={"Content-Type": "application/json"})
        assert deep.status_code == 400
        form = await relay.post(PATH, data={"recipient": "x"})
        assert form.status_code == 415
    assert (await stored(sent)).state == OutboxState.SENT


class _House:
    """What the command needs of a house."""

    def __init__(self, post: Post) -> None:
        self.keys, self.clock = post.keys, post.time


def _relay(reader: BounceReader) -> httpx.AsyncClient:
    app = Starlette(routes=[BounceDoor(reader, SECRET).route])
    headers = {"Authorization": f"Bearer {SECRET}"}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here", headers=headers)
