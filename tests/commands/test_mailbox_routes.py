"""The demo's mailbox over HTTP: mail and text messages on one page, and text messages from the gateway alone."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from commands.mailbox_routes import SMS_PATH, mailbox_routes
from delivery.mailbox import Mailbox

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TEXT = "123456 is your code. <b>"


def visitor() -> httpx.AsyncClient:
    """Somebody at a demo without mail."""
    app = Starlette(routes=mailbox_routes(Mailbox(lambda: NOON)))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:8000")


async def test_a_text_message_is_shown_as_one_from_sms() -> None:
    async with visitor() as http:
        assert (await http.post(SMS_PATH, json={"to": "+31612345678", "text": TEXT})).status_code == 204
        assert (await http.get("/dev/mailbox.json")).json() == [
            {
                "to": "+31612345678",
                "from": "SMS",
                "subject": "SMS",
                "text": TEXT,
                "html": "",
                "links": [],
                "received_at": NOON.isoformat(),
            }
        ]
        page = await http.get("/dev/mailbox")
    assert "123456 is your code. &lt;b&gt;" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        # What a page of another site may post without being asked first.
        ({"content": b'{"to": "1", "text": "2"}', "headers": {"content-type": "text/plain"}}, 415),
        ({"data": {"to": "1", "text": "2"}}, 415),
        ({"content": b"{"}, 415),
        ({"content": b"{", "headers": {"content-type": "application/json"}}, 400),
        ({"content": b"\xff", "headers": {"content-type": "application/json"}}, 400),
        ({"json": {"to": "1"}}, 400),
        ({"json": ["to"]}, 400),
    ],
)
async def test_anything_else_is_not_kept(sent: dict[str, Any], status: int) -> None:
    async with visitor() as http:
        assert (await http.post(SMS_PATH, **sent)).status_code == status
        assert (await http.get("/dev/mailbox.json")).json() == []
        assert (await http.get(SMS_PATH)).status_code == 405
