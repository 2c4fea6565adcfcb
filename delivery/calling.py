"""How a gateway calls its provider over HTTP."""

import ssl
from functools import lru_cache

import httpx


def client(timeout: float) -> httpx.AsyncClient:
    """A client for one call, ``timeout`` in seconds.

    Nothing but the settings decides where messages go: no proxy and no credentials from the environment.
    """
    return httpx.AsyncClient(timeout=timeout, trust_env=False, verify=_trusted())


@lru_cache(1)
def _trusted() -> ssl.SSLContext:
    # Reading all the authorities takes longer than anything else in a call.
    return httpx.create_ssl_context(trust_env=False)
