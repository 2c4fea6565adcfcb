"""Addresses of downloads: ``/download/{kind}/{id}``, and ``/download/audit`` for the audit trail.

Each says which practice's cookie counts and for whom it was made, since a link that is followed sends no header.
"""

from datetime import datetime
from enum import Enum
from urllib.parse import urlencode

from flows.core.context import AppContext, Caller
from schema.kit.fields import Info
from schema.kit.ids import node_id

AUDIT_PATH = "/download/audit"


class DocumentKind(Enum):
    """What can be downloaded: the name in the address, and the type in its ids."""

    FILE = ("file", "StoredFile")
    EXPORT = ("export", "Account")
    APPOINTMENT = ("appointment", "Appointment")
    RECEIPT = ("receipt", "Receipt")
    REPORT = ("report", "Report")

    def __init__(self, path: str, node: str) -> None:
        self.path = path
        self.node = node


def download_url(info: Info, kind: DocumentKind, identity: object) -> str:
    """The address of a document. Who may read it is asked when it is fetched."""
    return document_url(info.context.app, info.context.caller, kind, identity)


def document_url(app: AppContext, caller: Caller | None, kind: DocumentKind, identity: object) -> str:
    """The same where there is no resolver."""
    path = f"/download/{kind.path}/{node_id(kind.node, identity)}"
    return f"{app.rules.public_url}{path}?{urlencode(_addressee(caller))}"


def export_url(info: Info, since: datetime | None, until: datetime | None) -> str:
    """The address of the audit trail of this time. Who may read it is asked when it is fetched."""
    asked = {**_addressee(info.context.caller), "from": _iso(since), "until": _iso(until)}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{info.context.app.rules.public_url}{AUDIT_PATH}?{query}"


def _addressee(caller: Caller | None) -> dict[str, str]:
    return {"practice": caller.practice_slug, "viewer": node_id("Account", caller.account_id)} if caller else {}


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""
