"""Where a monitoring system asks for the figures: ``GET /metrics``, with a token."""

import hmac

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flows.core.context import AppContext
from flows.process.metrics import MEDIA_TYPE
from schema.http.http_problem import HttpProblem
from schema.http.problem_details import details_response

PATH = "/metrics"


class MetricsPage:
    """``token`` is what has to be shown as a bearer token."""

    def __init__(self, app: AppContext, token: str) -> None:
        self._app, self._token = app, token.encode()

    @property
    def route(self) -> Route:
        return Route(PATH, self.answer)

    async def answer(self, request: Request) -> Response:
        """The figures of all workers of this server."""
        if not self._admits(request.headers.get("authorization", "")):
            problem = HttpProblem(401, "UNAUTHORIZED", "This needs the token.", {"WWW-Authenticate": "Bearer"})
            return details_response(problem)
        return Response(await self._app.metrics.exposition(self._app.now), headers={"Content-Type": MEDIA_TYPE})

    def _admits(self, header: str) -> bool:
        scheme, _, shown = header.partition(" ")
        return scheme.casefold() == "bearer" and hmac.compare_digest(shown.strip().encode(), self._token)
