"""GraphiQL: a page for browsers, in development only."""

import pytest

from flows.core.context import AppContext
from schema.transport import TransportRules
from tests.schema.running import Served, served
from tests.schema.small import small_schema

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


async def test_no_page_unless_asked_for(endpoint: Served) -> None:
    response = await endpoint.http.get("/graphql", headers={"Accept": "text/html"})
    assert response.status_code == 406


async def test_the_page(app: AppContext) -> None:
    async with served(small_schema(), app, TransportRules(ide=True)) as endpoint:
        response = await endpoint.http.get("/graphql", headers={"Accept": BROWSER})
        query = await endpoint.http.get("/graphql", params={"query": "{ hello }"}, headers={"Accept": "*/*"})
        posted = await endpoint.post("{ hello }", accept=BROWSER)
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
    assert query.json() == posted.json() == {"data": {"hello": "hello you"}}
    # What is put into Strawberry's page has found its places in it.
    for ours in ('defaultHeaders["Sluis-Practice"] = parameters.practice', "wsConnectionParams:", "can't be reached"):
        assert response.text.count(ours) == 1


@pytest.mark.parametrize("accept", ["application/json", "*/*", None])
async def test_other_clients_get_no_page(app: AppContext, accept: str | None) -> None:
    async with served(small_schema(), app, TransportRules(ide=True)) as endpoint:
        response = await endpoint.http.get("/graphql", headers={"Accept": accept} if accept else {})
    assert response.status_code == 400
    assert response.headers["content-type"].startswith("application/json")
