"""Which browser and which system a User-Agent seems to be of (RFC 9110, 10.1.5), in names of ours alone.

A client writes into it what it likes, and the library hands back parts of that. So a family that is not in the tables
here is unknown. The library's patterns take 0.2 s and 19 MiB to load, during which Python does little else.
:func:`load` does so once a process, beside the first requests: no command and no start waits for it. Its regular
expressions are a Rust engine's, in time linear in the text.
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ua_parser.regex import Resolver

LONGEST_READ = 200
"""In characters; what follows is not read."""

_BROWSERS = {
    "Brave": "Brave",
    "Chrome": "Chrome",
    "Chrome Mobile": "Chrome",
    "Chrome Mobile iOS": "Chrome",
    "Chromium": "Chromium",
    "DuckDuckGo": "DuckDuckGo",
    "DuckDuckGo Mobile": "DuckDuckGo",
    "Edge": "Edge",
    "Edge Mobile": "Edge",
    "Firefox": "Firefox",
    "Firefox Mobile": "Firefox",
    "Firefox iOS": "Firefox",
    "IE": "Internet Explorer",
    "Mobile Safari": "Safari",
    "Opera": "Opera",
    "Opera Mobile": "Opera",
    "Opera Touch": "Opera",
    "Safari": "Safari",
    "Samsung Internet": "Samsung Internet",
    "Vivaldi": "Vivaldi",
}
_SYSTEMS = {
    "Android": "Android",
    "Chrome OS": "ChromeOS",
    "Debian": "Linux",
    "Fedora": "Linux",
    "Linux": "Linux",
    "Mac OS X": "Mac",
    "Ubuntu": "Linux",
    "Windows": "Windows",
    "iOS": "iOS",
}
#: More telling than the system of both.
_APPLE = {"iPad": "iPad", "iPhone": "iPhone"}


@dataclass(frozen=True, slots=True)
class Client:
    """Trade names, the same in every language; None where unknown."""

    browser: str | None
    system: str | None


def load() -> None:
    """Load the library's patterns; at once where they are."""
    _resolver()


def is_loaded() -> bool:
    """Whether :func:`client_of` answers at once."""
    return _resolver.cache_info().currsize > 0


@lru_cache(maxsize=1000)
def client_of(user_agent: str) -> Client:
    """What a User-Agent says of itself, which nobody has checked."""
    from ua_parser import Domain

    # Half a surrogate pair is no text that the engine takes.
    text = user_agent[:LONGEST_READ].encode(errors="replace").decode()
    found = _resolver()(text, Domain.ALL)
    system = _SYSTEMS.get(found.os.family) if found.os else None
    if system == "iOS" and found.device:
        system = _APPLE.get(found.device.family, system)
    return Client(_BROWSERS.get(found.user_agent.family) if found.user_agent else None, system)


@cache
def _resolver() -> "Resolver":
    from ua_parser.loaders import load_lazy_builtins
    from ua_parser.regex import Resolver

    browsers, systems, devices = load_lazy_builtins()
    # The other six hundred devices would cost as much again, and only say which Android it is.
    apple = [device for device in devices if any(name in device.regex for name in _APPLE)]
    return Resolver((browsers, systems, apple))
