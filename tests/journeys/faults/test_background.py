"""A loop of the running server breaks: it is logged, `/ready` says so, and it goes on when it can."""

import asyncio

import httpx
from structlog.testing import capture_logs

from tests.support.sluis import Sluis


async def status(http: httpx.AsyncClient, wanted: int) -> object:
    """What `/ready` says as soon as it answers with this status."""
    async with asyncio.timeout(30):
        while (answer := await http.get("/ready")).status_code != wanted:
            pass
    return answer.json()


async def test_failed_background_loop_is_reported_and_recovers(sluis: Sluis) -> None:
    """The bell looks into a table that is away for a while, which is no outage but a fault."""
    async with httpx.AsyncClient(base_url=sluis.url) as http:
        assert await status(http, 200) == {"status": "ok"}
        with capture_logs() as lines:
            await sluis.rows("ALTER TABLE signal RENAME TO signal_away")
            assert await status(http, 503) == {"status": "degraded", "failing": ["signals"]}
            await sluis.rows("ALTER TABLE signal_away RENAME TO signal")
            assert await status(http, 200) == {"status": "ok"}
    told = [line for line in lines if line["event"].startswith("background.")]
    assert {line["loop"] for line in told} == {"signals"}
    assert (told[0]["event"], told[-1]["event"]) == ("background.failed", "background.recovered")


async def test_late_background_loop_keeps_readiness_at_200(sluis: Sluis) -> None:
    async with httpx.AsyncClient(base_url=sluis.url) as http:
        await sluis.rows("ALTER TABLE outbox_message RENAME TO outbox_away")
        async with asyncio.timeout(30):
            while (told := (await http.get("/ready")).json()) == {"status": "ok"}:
                pass
        assert told == {"status": "degraded", "failing": ["outbox mail"]}
        assert (await http.get("/ready")).status_code == 200
        await sluis.rows("ALTER TABLE outbox_away RENAME TO outbox_message")
        async with asyncio.timeout(30):
            while (await http.get("/ready")).json() != {"status": "ok"}:
                pass
