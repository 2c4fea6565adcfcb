"""Names of browsers and apps for lists and mail: ``Firefox on Windows``."""

from flows.core.context import AppContext
from locales import text
from normalise.user_agents import client_of, is_loaded, load


async def device_name(app: AppContext, user_agent: str, locale: str) -> str:
    """The name of the browser and of the system. Only known names, because a client can send any User-Agent."""
    await preload(app)
    client = client_of(user_agent)
    known = {"browser": client.browser, "system": client.system}
    if client.browser and client.system:
        return text("device.both", locale, **known)
    named = next((name for name, value in known.items() if value), "unknown")
    return text(f"device.{named}", locale, **known)


async def preload(app: AppContext) -> None:
    """Load the names of browsers and systems in the worker pool, so that the first request does not wait for it."""
    if not is_loaded():
        await app.worker_pool.run(load)
