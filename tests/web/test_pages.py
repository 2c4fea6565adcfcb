"""The built-in pages as a browser gets them: the same for everybody, and with nothing that others could put in."""

import ast
import re
import sys
from pathlib import Path

import pytest
from httpx import ASGITransport, AsyncClient
from starlette.applications import Starlette

from web.pages import CONTENT_SECURITY_POLICY, page_routes
from web.texts import page

WEB = Path(__file__).parents[2] / "web"
PATHS = ("/p/linden", "/p/linden/accept", "/p/linden/reset", "/p/linden/verify")
SHELL = page("shell.html").decode()


@pytest.mark.parametrize("path", ["/", *PATHS])
async def test_a_shell_is_strict(browser: AsyncClient, path: str) -> None:
    response = await browser.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert response.headers["cache-control"] == "no-store"
    assert "set-cookie" not in response.headers


def test_the_policy_lets_in_nothing_from_elsewhere_and_nothing_inline() -> None:
    sources = dict(part.strip().split(" ", 1) for part in CONTENT_SECURITY_POLICY.split(";"))
    closed = ("default-src", "base-uri", "form-action", "frame-ancestors")
    assert [sources.pop(name) for name in closed] == ["'none'"] * 4
    assert sources.pop("img-src") == "'self' data:"
    assert set(sources) == {"script-src", "style-src", "connect-src"}
    assert set(sources.values()) == {"'self'"}


async def test_every_slug_and_page_gets_the_same_bytes(browser: AsyncClient) -> None:
    paths = [*PATHS, "/p/unknown", "/p/unknown/accept", "/p/%3Cscript%3E/reset"]
    assert {(await browser.get(path)).content for path in paths} == {SHELL.encode()}


async def test_only_a_portal_of_no_practice_is_not_found(browser: AsyncClient) -> None:
    """The mailed links answer alike whatever their slug: they ask no database."""
    linked = ("/p/nope/accept", "/p/nope/reset", "/p/nope/verify")
    answered = {path: (await browser.get(path)).status_code for path in ("/p/linden", "/p/nope", *linked)}
    assert answered == {"/p/linden": 200, "/p/nope": 404} | dict.fromkeys(linked, 200)


async def test_the_root_says_what_this_is(browser: AsyncClient) -> None:
    page = (await browser.get("/")).text
    assert "<h1>Sluis</h1>" in page
    assert 'href="/graphql"' in page
    assert "<script" not in page


@pytest.mark.parametrize("path", PATHS[1:])
async def test_following_a_link_touches_no_database(path: str) -> None:
    """Nothing is asked, and the pages know of no room that has one; mail scanners follow links."""

    async def asked(slug: str) -> bool:
        raise AssertionError(slug)

    tree = ast.parse((WEB / "pages.py").read_text(encoding="utf-8"))
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert {name.partition(".")[0] for name in imported} - sys.stdlib_module_names == {"starlette", "web"}
    pages = ASGITransport(Starlette(routes=page_routes(asked)))
    async with AsyncClient(transport=pages, base_url="https://sluis.example") as browser:
        assert (await browser.get(path)).status_code == 200
        assert (await browser.head(path)).status_code == 200


@pytest.mark.parametrize("path", [*PATHS, "/static/main.js"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_nothing_can_be_sent_to_a_page(browser: AsyncClient, path: str, method: str) -> None:
    assert (await browser.request(method, path)).status_code == 405


def test_password_fields_hide_what_is_typed_and_let_managers_fill_them_in() -> None:
    forms = (WEB / "static" / "password_form.js").read_text(encoding="utf-8")
    assert 'type: "password", autocomplete: "new-password"' in forms
    assert '"autocomplete", "current-password"' in forms
    assert 'autocomplete: "username"' in forms, "what a new password is kept under"
    for module in (WEB / "static").glob("*.js"):
        assert not re.search(r"""["']paste["']|onpaste""", module.read_text(encoding="utf-8")), module.name
