"""Where the schema meets the web: one path for all that is asked and told, and others for files."""

import strawberry
from starlette.routing import BaseRoute, Route, WebSocketRoute

from flows.core.context import AppContext
from schema.files.audit_export import AuditDownloads
from schema.files.downloads import Downloads
from schema.files.uploads import Uploads
from schema.http.endpoint import Endpoint
from schema.http.live import Live
from schema.http.socket import Socket
from schema.http.transport_rules import TransportRules
from schema.kit.download_urls import AUDIT_PATH

__all__ = ["TransportRules", "file_routes", "graphql_routes"]

_PATH = "/graphql"


def graphql_routes(schema: strawberry.Schema, app: AppContext, rules: TransportRules) -> list[BaseRoute]:
    """The schema over HTTP and over WebSocket. ``info.context`` is a :class:`schema.kit.context.Context`.

    The server in front must not read ``X-Forwarded-For`` itself (uvicorn: ``proxy_headers=False``), or anybody can
    choose an address.
    """
    live = Live(schema, rules)
    # Not Mount: that redirects a path without a slash at its end.
    return [Route(_PATH, Endpoint(live, app)), WebSocketRoute(_PATH, Socket(live, app))]


def file_routes(app: AppContext, rules: TransportRules) -> list[BaseRoute]:
    """Documents out and files in, under the same rules as the schema."""
    return [
        Route(AUDIT_PATH, AuditDownloads(app, rules)),
        Route("/download/{kind}/{id}", Downloads(app, rules)),
        Route("/upload", Uploads(app, rules)),
    ]
