"""The figures of this process for Prometheus; with several workers, those of all of them together.

Workers share a folder, where prometheus_client keeps each one's values: whichever worker is asked adds them up. Labels
hold words of the product only, never what a client sent, so that their number is bounded.
"""

import asyncio
import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, disable_created_metrics
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from models.db.database import UNAVAILABLE
from models.mail.outbox import Backlog, backlogs

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4
OTHER = "OTHER"

_LAGS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_PATIENCE = 2.0

# Of no use to an alert, and not told of several workers.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """``shared`` is the folder of all workers; None where this process is the only one."""

    def __init__(self, shared: Path | None = None) -> None:
        self._shared = shared
        self._registry = own = CollectorRegistry()
        self.loop_lag = Histogram(
            "sluis_event_loop_lag_seconds", "How late the event loop's beats were.", buckets=_LAGS, registry=own
        )
        self.requests = Counter(
            "sluis_requests", "Answered requests and operations over sockets.", ("kind", "status"), registry=own
        )
        self.refusals = Counter("sluis_refusals", "Refusals and errors that were answered.", ("code",), registry=own)
        self.audited = Counter(
            "sluis_audit_events", "Rows of the audit trail, by event and outcome.", ("event", "outcome"), registry=own
        )
        self.hashes = Gauge(
            "sluis_password_hashes_pending",
            "Password hashes that are computed or wait for it.",
            registry=own,
            multiprocess_mode="livesum",
        )
        self._loops = Gauge(
            "sluis_background_loops", "Workers that run the loop.", ("loop",), registry=own, multiprocess_mode="livesum"
        )
        self._failing = Gauge(
            "sluis_background_failing",
            "Workers in which the loop fails at the moment.",
            ("loop",),
            registry=own,
            multiprocess_mode="livesum",
        )
        self._restarts = Counter("sluis_background_restarts", "Ends of the loop.", ("loop",), registry=own)
        self._last_round = Gauge(
            "sluis_background_last_success_timestamp_seconds",
            "When the loop's last good round ended, of the worker that is furthest behind; at first its start.",
            ("loop",),
            registry=own,
            multiprocess_mode="livemin",
        )

    def loop_started(self, name: str) -> None:
        """A background loop of this process begins."""
        self._loops.labels(name).set(1)
        self._restarts.labels(name)
        self.loop_succeeded(name)

    def loop_succeeded(self, name: str) -> None:
        """A round of it went well."""
        self._failing.labels(name).set(0)
        self._last_round.labels(name).set_to_current_time()

    def loop_failed(self, name: str) -> None:
        """It ended, and is started again."""
        self._failing.labels(name).set(1)
        self._restarts.labels(name).inc()

    def refused(self, codes: Collection[str], known: Collection[str]) -> None:
        """Count these codes, those that are not ``known`` as :data:`OTHER`."""
        for code in codes:
            self.refusals.labels(code if code in known else OTHER).inc()

    async def exposition(self, now: datetime) -> bytes:
        """All figures in the text format, with those that the database has; without them where it is away."""
        try:
            found: list[Backlog] | None = await asyncio.wait_for(backlogs(now), _PATIENCE)
        except UNAVAILABLE:
            found = None
        # With several workers it reads their files.
        return await asyncio.to_thread(self._text, found, now)

    def _text(self, found: list[Backlog] | None, now: datetime) -> bytes:
        registry = self._registry
        if self._shared:
            _forget_ended(self._shared)
            registry = CollectorRegistry()
            MultiProcessCollector(registry, os.fspath(self._shared))  # type: ignore[no-untyped-call]
        stored = CollectorRegistry()
        stored.register(_Stored(found, now))
        return generate_latest(registry) + generate_latest(stored)


class _Stored:
    """What the database has, which is the same for every worker."""

    def __init__(self, found: list[Backlog] | None, now: datetime) -> None:
        self._found, self._now = found, now

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("sluis_database_up", "Whether the database answered.", float(self._found is not None))
        if self._found is None:
            return
        about = {
            "waiting": "Messages that wait, those for a later moment and those that are tried again included.",
            "retrying": "Messages of those that failed and are tried again.",
            "oldest_seconds": "The age of the oldest message that waits.",
            "overdue_seconds": "For how long the message that is due longest has been due.",
            "failed": "Messages that failed or were returned for good and that nothing has settled since.",
        }
        for name, text in about.items():
            family = GaugeMetricFamily(f"sluis_outbox_{name}", text, labels=("channel",))
            for backlog in self._found:
                family.add_metric((backlog.channel,), self._value(backlog, name))
            yield family

    def _value(self, backlog: Backlog, name: str) -> float:
        match name:
            case "oldest_seconds":
                return self._seconds_since(backlog.oldest)
            case "overdue_seconds":
                return self._seconds_since(backlog.due)
            case _:
                return float(getattr(backlog, name))

    def _seconds_since(self, moment: datetime | None) -> float:
        return max((self._now - moment).total_seconds(), 0.0) if moment else 0.0


def _forget_ended(folder: Path) -> None:
    """A worker that ended leaves its counts, and no longer runs any loop."""
    for pid in {int(file.stem.rpartition("_")[2]) for file in folder.glob("gauge_live*.db")}:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            # Another worker may be asked at the same time.
            with suppress(FileNotFoundError):
                mark_process_dead(pid, os.fspath(folder))  # type: ignore[no-untyped-call]
