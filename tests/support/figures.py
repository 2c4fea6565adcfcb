"""What ``/metrics`` tells, read as a monitoring system reads it."""

import asyncio
from dataclasses import dataclass

import httpx
from prometheus_client.parser import text_string_to_metric_families

TOKEN = "a-token-of-the-monitoring-system-0123456789"


@dataclass(frozen=True, slots=True)
class Figures:
    """One scrape."""

    text: str

    def value(self, name: str, **labels: str) -> float:
        """Of one series; 0 where there is none yet."""
        samples = [sample for family in text_string_to_metric_families(self.text) for sample in family.samples]
        found = [sample.value for sample in samples if (sample.name, sample.labels) == (name, labels)]
        assert len(found) < 2, "a series is there once"
        return found[0] if found else 0.0

    def since(self, before: "Figures", name: str, **labels: str) -> float:
        """By how much it grew."""
        return self.value(name, **labels) - before.value(name, **labels)


async def figures(url: str) -> Figures:
    """A scrape over a connection of its own, so that any worker may answer."""
    async with httpx.AsyncClient(base_url=url, timeout=30) as http:
        answer = await http.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200, answer.text
    return Figures(answer.text)


async def became(url: str, name: str, wanted: float, **labels: str) -> Figures:
    """The figures as soon as one of them is so."""
    async with asyncio.timeout(60):
        while (seen := await figures(url)).value(name, **labels) != wanted:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.05)
    return seen
