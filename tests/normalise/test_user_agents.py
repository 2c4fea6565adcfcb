"""User-Agents as browsers of today send them, and as nobody should."""

import asyncio
import sys

import pytest

from normalise.user_agents import _APPLE, _BROWSERS, _SYSTEMS, Client, client_of
from tests.support.command import ROOT

_GECKO = "Gecko/20100101 Firefox/145.0"
_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0"
_SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
_IPHONE = f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) {_SAFARI}"
_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
_ANDROID = "Mozilla/5.0 (Linux; Android 10; K)"

KNOWN = [
    (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) {_GECKO}", "Firefox", "Windows"),
    (f"Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:145.0) {_GECKO}", "Firefox", "Linux"),
    (f"Mozilla/5.0 (X11; Fedora; Linux x86_64; rv:145.0) {_GECKO}", "Firefox", "Linux"),
    ("Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0", "Firefox", "Android"),
    (f"{_IPHONE} FxiOS/145.0 Mobile/15E148 Safari/605.1.15", "Firefox", "iPhone"),
    (f"{_WINDOWS} {_CHROME} Safari/537.36", "Chrome", "Windows"),
    (f"{_ANDROID} {_CHROME} Mobile Safari/537.36", "Chrome", "Android"),
    (f"{_IPHONE} CriOS/142.0.0.0 Mobile/15E148 Safari/604.1", "Chrome", "iPhone"),
    (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {_CHROME} Safari/537.36", "Chrome", "ChromeOS"),
    (f"{_WINDOWS} {_CHROME} Safari/537.36 Edg/142.0.0.0", "Edge", "Windows"),
    (f"{_ANDROID} {_CHROME} Mobile Safari/537.36 EdgA/142.0.0.0", "Edge", "Android"),
    (f"Mozilla/5.0 (X11; Linux x86_64) {_CHROME} Safari/537.36 OPR/124.0.0.0", "Opera", "Linux"),
    (f"{_WINDOWS} {_CHROME} Safari/537.36 Brave/142", "Brave", "Windows"),
    (f"{_ANDROID} {_CHROME} Mobile Safari/537.36 DuckDuckGo/5", "DuckDuckGo", "Android"),
    ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Ubuntu Chromium/142.0 Safari/537.36", "Chromium", "Linux"),
    (f"{_WINDOWS} {_CHROME} Safari/537.36 Vivaldi/7.6", "Vivaldi", "Windows"),
    (f"{_ANDROID} SamsungBrowser/28.0 {_CHROME} Mobile Safari/537.36", "Samsung Internet", "Android"),
    (f"{_IPHONE} Version/18.6 Mobile/15E148 Safari/604.1", "Safari", "iPhone"),
    (f"Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) {_SAFARI} Version/16.6 Mobile Safari/604.1", "Safari", "iPad"),
    (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_SAFARI} Version/18.6 Safari/605.1.15", "Safari", "Mac"),
    ("Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko", "Internet Explorer", "Windows"),
    ("Praktijk/1.0 CFNetwork/1410.0.3 Darwin/22.6.0", None, "iOS"),
    ("Praktijk/1.0 (Android 15)", None, "Android"),
    ("okhttp/4.12.0", None, None),
    ("", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("user_agent", "browser", "system"), KNOWN)
def test_browsers_of_today(user_agent: str, browser: str | None, system: str | None) -> None:
    assert client_of(user_agent) == Client(browser, system)


HOSTILE = [
    "Ring-0900-1234/1.0 (Windows NT 10.0; call 0900 1234 at once)",
    "Bel 0900-1234 of ga naar evil.example/1.0 CFNetwork/1410.0.3 Darwin/22.6.0",
    "evil.example/1.0",
    "Mozilla/5.0 (Linux; Android 15; Bel 0900-1234 Build/X) Bellen/1.0 Mobile Safari/537.36",
    "Mozilla/5.0 (compatible; https://evil.example/bot; evilbot/1.0)",
    "<script>alert(1)</script>/1.0 (Macintosh)",
    "{browser}/1.0 (Windows; {0.__class__})",
    "Firefox/" + "1" * 100_000,
    "(" * 200,
    "Mozilla/5.0 " * 10_000,
    "; Android 1;" * 20,
    "\x00\u202e\ud800",
    "\U0001d53direfox/145",
]


@pytest.mark.security
@pytest.mark.parametrize("user_agent", HOSTILE, ids=lambda text: text[:20].encode("unicode_escape").decode())
def test_nothing_of_what_a_client_writes_is_a_name(user_agent: str) -> None:
    client = client_of(user_agent)
    assert client.browser in {None, *_BROWSERS.values()}
    assert client.system in {None, *_SYSTEMS.values(), *_APPLE.values()}


def test_every_name_of_ours_is_found() -> None:
    """The library's names of families are its own, so a name that it never says would be no use in the tables."""
    assert {browser for _, browser, _ in KNOWN} == {None, *_BROWSERS.values()}
    assert {system for _, _, system in KNOWN} == {None, *_SYSTEMS.values(), *_APPLE.values()}


async def test_only_loading_loads_the_library() -> None:
    """In a process of its own, where nothing was read before: neither an import nor a start pays for it."""
    program = (
        "import asyncio, sys\n"
        "import server\n"
        "from flows.signin import device_names\n"
        "from security.worker_pool import WorkerPool\n"
        "from normalise.user_agents import is_loaded\n"
        "from types import SimpleNamespace\n"
        "assert 'ua_parser' not in sys.modules and not is_loaded()\n"
        "asyncio.run(device_names.preload(SimpleNamespace(worker_pool=WorkerPool())))\n"
        "assert 'ua_parser' in sys.modules and is_loaded()\n"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, cwd=ROOT)
    assert await process.wait() == 0
