"""GraphiQL for development: the page that Strawberry packs, told which practice's cookies to use.

The page loads its scripts from a public address; where that can't be reached, it says so.
"""

from functools import cache

from starlette.responses import HTMLResponse, Response
from strawberry.http.ides import get_graphql_ide_html

_CDN = "https://unpkg.com"
_POLICY = (
    f"default-src 'none'; script-src 'self' 'unsafe-inline' {_CDN}; style-src 'unsafe-inline' {_CDN}; "
    f"font-src {_CDN} data:; img-src data:; connect-src 'self' ws: wss:; worker-src blob:; frame-ancestors 'none'"
)
_HEADERS_OF_THE_PAGE = "const defaultHeaders = {};"
#: `/graphql?practice=linden` fills in the header that lets that practice's cookies count.
_PRACTICE = """const defaultHeaders = {};
      if (parameters.practice) {
        defaultHeaders["Sluis-Practice"] = parameters.practice;
      }"""
_SOCKET_OF_THE_PAGE = "        subscriptionUrl,\n"
_SOCKET = _SOCKET_OF_THE_PAGE + "        wsConnectionParams: { practice: parameters.practice },\n"
_LOADING = "Loading..."
_NOTE = """GraphiQL loads its scripts from unpkg.com. If nothing appears, they can't be reached from here: use any
      GraphQL client with this address instead, with the header <code>Sluis-Practice</code> or a bearer token. With
      <code>?practice=SLUG</code> GraphiQL sends that header itself."""


def ide_page() -> Response:
    return HTMLResponse(_html(), headers={"Content-Security-Policy": _POLICY})


@cache
def _html() -> str:
    page = get_graphql_ide_html("graphiql")
    for stock, ours in ((_HEADERS_OF_THE_PAGE, _PRACTICE), (_SOCKET_OF_THE_PAGE, _SOCKET), (_LOADING, _NOTE)):
        page = page.replace(stock, ours)
    return page
