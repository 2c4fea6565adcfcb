"""What downloads and uploads have in common: the caller, and refusals as problem details (RFC 9457) with our codes."""

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
from schema.http.callers import Claims, cookies_of, identified
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
#: Where a refusal is about how things stand rather than about who asks.
_OTHERWISE = 409


class FileService(HttpService):
    """A path that carries files."""

    async def _serve(
        self, request: Request, origin: ClientInfo, admission: Admission, account: RequestStats
    ) -> Response:
        jar = CookieJar(admission.practice, self._rules.secure, cookies_of(request))
        context = Context(self._app, origin, None, admission.practice, jar)
        try:
            found = await identified(self._app, origin, self._claims(request), jar)
            context = replace(context, caller=found.caller, ended=found.ended)
            account.knows(context)
            return await self._answer(request, context, account)
        except Refusal as refusal:
            raise _as_problem(refusal, context) from refusal

    def _claims(self, request: Request) -> Claims:
        return Claims.of(request)

    @abstractmethod
    async def _answer(self, request: Request, context: Context, account: RequestStats) -> Response:
        """The answer to a caller who is known, or known to be nobody; raises HttpProblem or a refusal."""

    def _refused(self, problem: HttpProblem) -> Response:
        return details_response(problem)

    def _failed(self, error: Exception, context: Context, account: RequestStats) -> Response:
        code, message = explained(error, context)
        account.codes = [code]
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
