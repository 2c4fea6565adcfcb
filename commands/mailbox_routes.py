"""The demo's mailbox over HTTP: a page for people, JSON for programs, and a door for text messages."""

from json import JSONDecodeError

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from delivery.mailbox import Mailbox
from delivery.mailbox_page import CONTENT_SECURITY_POLICY, mailbox_json, mailbox_page

#: Where the gateway ``mailbox`` hands text messages over.
SMS_PATH = "/dev/mailbox/sms"


def mailbox_routes(mailbox: Mailbox) -> list[BaseRoute]:
    """The routes of one mailbox; for a demo on this machine only."""

    async def page(_: Request) -> Response:
        headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY}
        return HTMLResponse(mailbox_page(mailbox.messages()), headers=headers)

    async def messages(_: Request) -> Response:
        return Response(mailbox_json(mailbox.messages()), media_type="application/json")

    async def sms(request: Request) -> Response:
        # A page of another site can't send this type without being asked first, and nobody answers that.
        if request.headers.get("content-type") != "application/json":
            return Response(status_code=415)
        try:
            given = await request.json()
            mailbox.keep_sms(str(given["to"]), str(given["text"]))
        except (JSONDecodeError, UnicodeDecodeError, KeyError, TypeError):
            return Response(status_code=400)
        return Response(status_code=204)

    return [
        Route("/dev/mailbox", page),
        Route("/dev/mailbox.json", messages),
        Route(SMS_PATH, sms, methods=["POST"]),
    ]
