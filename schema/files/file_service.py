"""The base of downloads and uploads: the caller, and refusals as problem details (RFC 9457) with our codes."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from flows.core.context import ClientInfo
from flows.refusals import (
    AwaitingApproval,
    FileRefused,
    FileTooLarge,
    InvalidInput,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Refusal,
    StepUpRequired,
    TooManyAttempts,
    Unavailable,
    ViewerMismatch,
)
from schema.http.callers import RequestCredentials, authenticate_request, cookies_of
from schema.http.errors import explained
from schema.http.http_problem import HttpProblem
from schema.http.http_service import HttpService
from schema.http.identity import CHALLENGE
from schema.http.origins import Admission
from schema.http.problem_details import details_response, status_of
from schema.http.request_stats import RequestStats
from schema.kit.context import Context, CookieJar

_STATUS: Mapping[type[Refusal], int] = {
    InvalidInput: 400,
    NotSignedIn: 401,
    AwaitingApproval: 403,
    NotAllowed: 403,
    StepUpRequired: 403,
    NotFound: 404,
    ViewerMismatch: 409,
    FileTooLarge: 413,
    FileRefused: 415,
    TooManyAttempts: 429,
    Unavailable: 503,
}
#: The status of all other refusals: a conflict with the current state.
_OTHERWISE = 409


class FileService(HttpService):
    """A path that carries files."""

    async def _serve(self, request: Request, origin: ClientInfo, admission: Admission, stats: RequestStats) -> Response:
        jar = CookieJar(admission.practice, self._rules.secure, cookies_of(request))
        context = Context(self._app, origin, None, admission.practice, jar)
        try:
            found = await authenticate_request(self._app, origin, self._credentials(request), jar)
            context = replace(context, caller=found.caller, ended=found.ended)
            stats.set_caller(context)
            return await self._answer(request, context, stats)
        except Refusal as refusal:
            raise _as_problem(refusal, context) from refusal

    def _credentials(self, request: Request) -> RequestCredentials:
        return RequestCredentials.of(request)

    @abstractmethod
    async def _answer(self, request: Request, context: Context, stats: RequestStats) -> Response:
        """The answer to a caller who is known, or known to be nobody; raises HttpProblem or a refusal."""

    def _refused(self, problem: HttpProblem) -> Response:
        return details_response(problem)

    def _failed(self, error: Exception, context: Context, stats: RequestStats) -> Response:
        code, message = explained(error, context)
        stats.codes = [code]
        return self._refused(HttpProblem(status_of(code), code, message))


def _as_problem(refusal: Refusal, context: Context) -> HttpProblem:
    status = _STATUS.get(type(refusal), _OTHERWISE)
    headers: dict[str, str] = {}
    if status == 401:
        headers["WWW-Authenticate"] = CHALLENGE if context.ended == "bearer" else "Bearer"
    if status == 413:
        # It may still be sending.
        headers["Connection"] = "close"
    retry_at = getattr(refusal, "retry_at", None)
    if isinstance(retry_at, datetime):
        wait = (retry_at - context.app.now).total_seconds()
        headers["Retry-After"] = str(max(int(wait), 1))
    return HttpProblem(status, refusal.code, refusal.message(context.locale), headers)
