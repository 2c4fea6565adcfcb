"""Counts invalid documents for each network address, before the next one is parsed."""

from collections import Counter
from datetime import datetime, timedelta

from flows.core.limits import network_of

_MINUTE = timedelta(minutes=1)
#: Of more addresses than these in one minute the others count together, so that counting takes no memory.
_MOST_ADDRESSES = 10_000
_OTHERS = ""


class BadDocuments:
    """A window of a minute for each address.

    In this process alone: what bad documents use up is this process's time, and a row for each would cost more than
    they do.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._begun: datetime | None = None
        self._counts: Counter[str] = Counter()

    def retry_at(self, address: str, now: datetime) -> datetime | None:
        """When the address may send a new document again; None if it may now."""
        begun = self._turned_to(now)
        return begun + _MINUTE if self._counts[self._name(address)] >= self._most else None

    def count(self, address: str, now: datetime) -> None:
        """One bad document of this address."""
        self._turned_to(now)
        self._counts[self._name(address)] += 1

    def _turned_to(self, now: datetime) -> datetime:
        begun = now.replace(second=0, microsecond=0)
        if begun != self._begun:
            self._begun = begun
            self._counts.clear()
        return begun

    def _name(self, address: str) -> str:
        name = network_of(address)
        return name if name in self._counts or len(self._counts) < _MOST_ADDRESSES else _OTHERS
