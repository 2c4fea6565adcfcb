"""The outbox reaches a real relay: once each, whatever goes wrong on the way."""

import asyncio
import itertools
from collections.abc import Awaitable
from datetime import timedelta

import pytest
from tortoise.exceptions import OperationalError

from delivery.worker import LONGEST_WAIT, wait_after
from flows.process.background import Background
from models import Invitation, MailedLink, OutboxMessage, OutboxState, StaffMember, StaffRole
from models.core.message_failure import MessageFailure
from models.mail.outbox import ClaimLost, claim_due, keep_payload, mark_failed
from tests.delivery.post import NOON, Post

pytestmark = pytest.mark.database


async def stored(row: OutboxMessage) -> OutboxMessage:
    return await OutboxMessage.get(id=row.id)


async def test_a_message_leaves_and_its_payload_is_wiped(post: Post) -> None:
    row = await post.notice()
    assert await post.worker().deliver_due() == 1
    (message,) = post.relay.messages()
    assert message["to"] == "ada@example.org"
    assert message["from"] == "Portal <no-reply@example.org>"
    assert f"Message-ID: <{row.id}@example.org>".encode() in post.relay.raw[0]
    after = await stored(row)
    assert (after.state, after.payload, after.attempts) == (OutboxState.SENT, None, 1)
    assert (after.done_at, after.claimed_until, after.last_error) == (NOON, None, "")
    assert await post.worker().deliver_due() == 0


async def test_a_message_waits_for_its_time(post: Post) -> None:
    row = await post.notice()
    await OutboxMessage.filter(id=row.id).update(due_at=NOON + timedelta(hours=1))
    assert await post.worker().deliver_due() == 0
    post.time.passes(hours=1)
    assert await post.worker().deliver_due() == 1


async def test_a_busy_relay_is_tried_again_later_with_the_same_message_id(post: Post) -> None:
    row = await post.notice()
    post.relay.to_contents += ["451 4.3.0 ada@example.org later"] * 2
    worker = post.worker()
    for wait in (30, 60):
        assert await worker.deliver_due() == 1
        after = await stored(row)
        assert (after.state, after.last_error) == (OutboxState.WAITING, "451 4.3.0")
        assert after.due_at == post.time() + timedelta(seconds=wait)
        assert await worker.deliver_due() == 0
        post.time.passes(seconds=wait)
    assert await worker.deliver_due() == 1
    after = await stored(row)
    assert (after.state, after.last_error, after.attempts) == (OutboxState.SENT, "", 3)
    assert str(row.id).encode() in post.relay.raw[0]


@pytest.mark.parametrize("replies", ["to_recipients", "to_contents"])
async def test_a_refusal_for_good_is_final(post: Post, replies: str) -> None:
    row = await post.notice()
    getattr(post.relay, replies).append("550 5.1.1 <ada@example.org>: unknown")
    await post.worker().deliver_due()
    after = await stored(row)
    assert (after.state, after.payload, after.last_error) == (OutboxState.FAILED, None, "550 5.1.1")
    assert after.done_at == NOON
    post.time.passes(hours=2)
    assert await post.worker().deliver_due() == 0


async def test_a_relay_that_is_down_loses_nothing(post: Post) -> None:
    rows = [await post.notice(f"ada{n}@example.org") for n in range(3)]
    await post.relay.stop()
    worker = post.worker()
    assert await worker.deliver_due() == 3
    for row in rows:
        assert (await stored(row)).last_error == "SMTPConnectError"
    await post.relay.start(post.port)
    post.time.passes(seconds=30)
    assert await worker.deliver_due() == 3
    assert sorted(m["to"] for m in post.relay.messages()) == [f"ada{n}@example.org" for n in range(3)]


async def test_after_three_days_it_is_given_up(post: Post) -> None:
    row = await post.notice()
    await post.relay.stop()
    worker = post.worker()
    attempts = 0
    while (await stored(row)).state == OutboxState.WAITING:
        attempts += await worker.deliver_due()
        post.time.passes(hours=1)
        assert attempts < 100
    after = await stored(row)
    assert (after.state, after.payload) == (OutboxState.FAILED, None)
    assert after.done_at is not None
    assert timedelta(days=3) <= after.done_at - row.created_at < timedelta(days=3, hours=2)


def test_the_waits_double_up_to_an_hour() -> None:
    waits = [wait_after(failures) for failures in range(1, 10)]
    assert waits[0] == timedelta(seconds=30)
    assert all(later == min(2 * sooner, LONGEST_WAIT) for sooner, later in itertools.pairwise(waits))
    assert wait_after(10_000) == LONGEST_WAIT


async def test_workers_side_by_side_send_each_message_once(post: Post) -> None:
    for n in range(30):
        await post.notice(f"ada{n}@example.org")
    counts = await asyncio.gather(*(post.worker().deliver_due(30) for _ in range(4)))
    assert sum(counts) == 30
    assert sorted(m["to"] for m in post.relay.messages()) == sorted(f"ada{n}@example.org" for n in range(30))


async def test_a_claim_lives_until_its_end_and_is_then_lost(post: Post) -> None:
    row = await post.notice()
    until = NOON + timedelta(minutes=5)
    mine = await claim_due(NOON, until)
    assert mine is not None
    assert mine.id == row.id
    assert await claim_due(NOON, until) is None
    theirs = await claim_due(until, until + timedelta(minutes=5))
    assert theirs is not None
    with pytest.raises(ClaimLost):
        await keep_payload(mine, b"mine")
    await mark_failed(mine, until, "mine", None, MessageFailure.INTERNAL)
    after = await stored(row)
    assert (after.state, after.claimed_until, after.payload) == (
        OutboxState.WAITING,
        theirs.claimed_until,
        row.payload,
    )


async def test_an_invitation_is_marked_when_the_relay_took_it(post: Post) -> None:
    staff = await StaffMember.create(
        practice=post.practice,
        name="Vos",
        email="vos@example.org",
        email_key="vos@example.org",
        role=StaffRole.THERAPIST,
        created_at=NOON,
    )
    invitation = await Invitation.create(
        practice=post.practice,
        staff=staff,
        email="vos@example.org",
        token_hash="0" * 64,
        created_at=NOON,
        expires_at=NOON + timedelta(days=7),
    )
    post.relay.to_contents.append("451 4.3.0 Later")
    await post.notice("vos@example.org", about=f"invitation:{invitation.id}")
    await post.worker().deliver_due()
    assert (await Invitation.get(id=invitation.id)).relayed_at is None
    post.time.passes(seconds=30)
    await post.worker().deliver_due()
    assert (await Invitation.get(id=invitation.id)).relayed_at == NOON + timedelta(seconds=30)


@pytest.mark.parametrize("about", ["invitation:nonsense", "poem:1", "invitation"])
async def test_what_a_message_is_about_does_not_keep_it_from_being_marked(post: Post, about: str) -> None:
    row = await post.notice(about=about)
    assert await post.worker().deliver_due() == 1
    assert (await stored(row)).state == OutboxState.SENT


async def test_an_unknown_address_leaves_the_same_row_behind_as_a_known_one(post: Post) -> None:
    await post.account("12345678", "ada@example.org", email_key="ada@example.org")
    known = await post.put("reset_requested", {"login": "ada@example.org"})
    unknown = await post.put("reset_requested", {"login": "eve@example.org"})
    assert known.payload is not None
    assert unknown.payload is not None
    assert len(known.payload) == len(unknown.payload)
    assert known.account_id is unknown.account_id is None
    assert await post.worker().deliver_due() == 2
    after_known, after_unknown = await stored(known), await stored(unknown)
    assert (after_known.state, after_unknown.state) == (OutboxState.SENT, OutboxState.DROPPED)
    # As SENT and DROPPED already do, the account tells which was known; while both wait, nothing does.
    for name in OutboxMessage._meta.db_fields - {"id", "state", "account_id"}:
        assert getattr(after_known, name) == getattr(after_unknown, name), name
    assert [message["to"] for message in post.relay.messages()] == ["ada@example.org"]


async def test_a_reset_carries_the_same_link_until_it_ends_and_then_a_fresh_one(post: Post) -> None:
    account = await post.account("12345678", "ada@example.org")
    row = await post.put("reset_requested", {"login": "1234-5678"})
    post.relay.to_contents += ["451 4.3.0 Later"] * 2
    worker = post.worker()
    links = []
    for hours in (0.1, 1, 0):
        assert await worker.deliver_due() == 1
        links.append([link.token_hash for link in await MailedLink.filter(account_id=account.id)])
        post.time.passes(hours=hours)
    assert len(links[0]) == 1
    assert links[1] == links[0]
    assert len(links[2]) == 2
    assert (await stored(row)).payload is None


async def test_a_row_that_cannot_be_read_does_not_hold_up_the_others(post: Post) -> None:
    sealed = await post.notice("first@example.org")
    await OutboxMessage.filter(id=sealed.id).update(payload=b"garbage")
    strange = await post.put("poem", {"to": "second@example.org", "locale": "en", "values": {}})
    misaddressed = await post.notice("not an address")
    broken = await post.put("invitation", {"locale": "en"})
    good = await post.notice("last@example.org")
    await post.worker().deliver_due()
    errors = {(await stored(row)).last_error for row in (sealed, strange, misaddressed, broken)}
    assert errors == {"CannotOpen", "no template 'poem'", "BadAddress", "KeyError"}
    assert (await stored(misaddressed)).state == OutboxState.FAILED
    assert (await stored(good)).state == OutboxState.SENT


async def test_a_payload_moved_to_another_row_does_not_open(post: Post) -> None:
    row, other = await post.notice(), await post.notice("eve@example.org")
    await OutboxMessage.filter(id=row.id).update(payload=other.payload)
    await post.worker().deliver_due()
    assert (await stored(row)).last_error == "CannotOpen"


async def test_what_the_relay_took_is_not_sent_again_when_marking_fails(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = await post.notice()
    worker = post.worker()

    async def away(*_: object) -> None:
        raise OperationalError("database is locked")

    with monkeypatch.context() as broken:
        broken.setattr("delivery.worker.mark_sent", away)
        with pytest.raises(OperationalError):
            await worker.deliver_due()
    post.time.passes(hours=1)
    assert await worker.deliver_due() == 0
    assert (await stored(row)).state == OutboxState.SENT
    assert len(post.relay.messages()) == 1


async def test_running_it_delivers_when_woken_and_stops_when_cancelled(post: Post) -> None:
    worker = post.worker(poll=3600)
    running = asyncio.create_task(worker.run(lambda: None))
    try:
        for _ in range(3):
            await post.notice()
            worker.wake()
            await within_seconds(post.relay.arrivals.get())
    finally:
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert await OutboxMessage.filter(state=OutboxState.SENT).count() == 3


async def test_stopping_waits_for_the_message_under_way(post: Post) -> None:
    row = await post.notice()
    post.relay.ready.clear()
    running = asyncio.create_task(post.worker().run(lambda: None))
    await within_seconds(post.relay.asked.wait())
    running.cancel()
    post.relay.ready.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (await stored(row)).state == OutboxState.SENT


async def test_running_it_survives_trouble(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    troubled, background = asyncio.Event(), Background(first_wait=0)

    async def away(*_: object) -> None:
        troubled.set()
        raise OperationalError("disk full")

    await post.notice()
    monkeypatch.setattr("delivery.worker.claim_due", away)
    background.start("outbox", post.worker().run)
    try:
        await within_seconds(troubled.wait())
        monkeypatch.undo()
        await within_seconds(post.relay.arrivals.get())
    finally:
        await background.stop()
    assert background.loops[0].restarts > 0


async def within_seconds(awaited: Awaitable[object]) -> None:
    await asyncio.wait_for(awaited, 10)
