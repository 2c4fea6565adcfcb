"""What a browser or app is called in lists and mail: ``Firefox on Windows``."""

from flows.core.context import AppContext
from normalise.user_agents import client_of, is_loaded, load

#: By whether the browser and the system are known.
_PHRASES = {
    "en": {
        (True, True): "{browser} on {system}",
        (True, False): "{browser} on an unknown device",
        (False, True): "Browser on {system}",
        (False, False): "Unknown device",
    },
    "nl": {
        (True, True): "{browser} op {system}",
        (True, False): "{browser} op een onbekend apparaat",
        (False, True): "Browser op {system}",
        (False, False): "Onbekend apparaat",
    },
}


async def device_name(app: AppContext, user_agent: str, locale: str) -> str:
    """The browser and the system, in words of ours alone, because anybody can write anything into a User-Agent."""
    await warm(app)
    client = client_of(user_agent)
    phrase = _PHRASES[locale][client.browser is not None, client.system is not None]
    return phrase.format(browser=client.browser, system=client.system)


async def warm(app: AppContext) -> None:
    """Have what names devices loaded, in a thread of the workbench: the first name of a process would wait for it."""
    if not is_loaded():
        await app.workbench.do(load)
