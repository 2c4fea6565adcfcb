"""``/metrics``: what a monitoring system sees of a running server, with the token and not without."""

import asyncio
import time
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.people.cast import Person
from tests.people.staff import StaffPerson, at_work
from tests.support.figures import TOKEN, Figures, became, figures
from tests.support.sluis import Sluis


@pytest.fixture
def given_settings() -> dict[str, Any]:
    return {"metrics_token": TOKEN}


@pytest.mark.security
@pytest.mark.parametrize("shown", [None, "Bearer", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", TOKEN])
async def test_nobody_reads_them_without_the_token(sluis: Sluis, shown: str | None) -> None:
    async with httpx.AsyncClient(base_url=sluis.url) as http:
        answer = await http.get("/metrics", headers={"Authorization": shown} if shown else {})
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "sluis_" not in answer.text


async def test_whoever_has_it_reads_them_and_keeps_none(sluis: Sluis) -> None:
    async with httpx.AsyncClient(base_url=sluis.url) as http:
        answer = await http.get("/metrics", headers={"Authorization": f"bearer {TOKEN}"})
        assert (await http.post("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})).status_code == 405
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert {family.name for family in text_string_to_metric_families(answer.text)} >= {
        "sluis_event_loop_lag_seconds",
        "sluis_background_loops",
        "sluis_password_hashes_pending",
        "sluis_database_up",
    }


async def test_sign_ins_and_refusals_are_counted(sluis: Sluis, dr_vos: StaffPerson) -> None:
    before = await figures(sluis.url)
    assert (await dr_vos.elsewhere().starts_sign_in(password="sesame-open-up-17"))["code"] == "WRONG_CREDENTIALS"
    assert (await at_work(sluis, sluis.population.olga).signs_in())["__typename"] == "SignedIn"
    seen = await figures(sluis.url)
    assert seen.since(before, "sluis_audit_events_total", event="sign_in.password", outcome="REFUSED") == 1
    assert seen.since(before, "sluis_audit_events_total", event="sign_in.completed", outcome="SUCCESS") == 1
    assert seen.since(before, "sluis_refusals_total", code="WRONG_CREDENTIALS") == 1
    assert seen.since(before, "sluis_requests_total", kind="mutation", status="200") >= 2
    assert seen.value("sluis_password_hashes_pending") == 0


async def test_hashes_that_wait_are_seen(sluis: Sluis) -> None:
    assert sluis.app is not None
    hashing = asyncio.gather(*(sluis.app.passwords.hash("sesame-open-up-17") for _ in range(50)))
    await asyncio.sleep(0)
    assert sluis.app.metrics.hashes._value.get() > 2, "more than are computed at once"
    await hashing
    await became(sluis.url, "sluis_password_hashes_pending", 0)


@pytest.mark.security
async def test_no_label_has_what_a_client_sent(sluis: Sluis) -> None:
    """So that nobody can make any number of series, or leave a value in them."""
    async with httpx.AsyncClient(base_url=sluis.url) as http:
        for number in range(3):
            sent = f"sent{number}"
            await http.post("/graphql", json={"query": f"query {sent} {{ {sent} }}", "operationName": sent})
            await http.post("/graphql", content=f"{{{sent}", headers={"Content-Type": "application/json"})
            await http.request(sent.upper(), "/graphql")
            await http.get(
                f"/download/{sent}/{sent}", headers={"Sluis-Practice": sent, "Authorization": f"Bearer {sent}"}
            )
            await http.get(f"/{sent}")
    seen = await figures(sluis.url)
    assert seen.value("sluis_refusals_total", code="BAD_QUERY") >= 3
    assert seen.value("sluis_refusals_total", code="OTHER") >= 3, "what HTTP refuses before GraphQL sees it"
    assert "sent" not in seen.text.casefold()


async def test_a_held_loop_is_seen(sluis: Sluis) -> None:
    before = await figures(sluis.url)
    time.sleep(0.7)  # noqa: ASYNC251 - the server runs in this loop
    # The beat that was due is counted as soon as the loop goes on.
    seen = await figures(sluis.url)

    def late(now: Figures) -> float:
        within = now.value("sluis_event_loop_lag_seconds_bucket", le="0.25")
        return now.value("sluis_event_loop_lag_seconds_count") - within

    assert late(seen) > late(before)
    assert seen.since(before, "sluis_event_loop_lag_seconds_sum") > 0.25


async def test_a_dead_loop_is_seen(sluis: Sluis) -> None:
    healthy = await became(sluis.url, "sluis_background_failing", 0, loop="signals")
    assert healthy.value("sluis_background_loops", loop="signals") == 1
    assert abs(healthy.value("sluis_background_last_success_timestamp_seconds", loop="signals") - time.time()) < 60
    await sluis.rows("ALTER TABLE signal RENAME TO signal_away")
    failing = await became(sluis.url, "sluis_background_failing", 1, loop="signals")
    assert failing.since(healthy, "sluis_background_restarts_total", loop="signals") >= 1
    assert failing.value("sluis_background_failing", loop="tidy") == 0
    await sluis.rows("ALTER TABLE signal_away RENAME TO signal")
    await became(sluis.url, "sluis_background_failing", 0, loop="signals")


async def test_what_waits_in_the_outbox_is_seen(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    respondent = await dr_vos.finds(ada.own.name)
    await dr_vos.gives_email(respondent, ada.own.email)
    sluis.mailbox.refusals[ada.own.email] = "451 4.7.1 Try again later"
    await dr_vos.invites(respondent["id"])
    seen = await became(sluis.url, "sluis_outbox_retrying", 1, channel="mail")
    assert seen.value("sluis_outbox_waiting", channel="mail") == 1
    assert seen.value("sluis_outbox_failed", channel="mail") == 0
    sluis.clock.forward(seconds=20)
    assert (await figures(sluis.url)).value("sluis_outbox_oldest_seconds", channel="mail") >= 20
    await sluis.rows("ALTER TABLE outbox_message RENAME TO outbox_away")
    away = await became(sluis.url, "sluis_database_up", 0)
    assert "sluis_outbox" not in away.text
    assert "sluis_background_loops" in away.text, "all else is told"
    await sluis.rows("ALTER TABLE outbox_away RENAME TO outbox_message")
    await became(sluis.url, "sluis_database_up", 1)


async def test_what_failed_for_good_is_seen(sluis: Sluis, dr_vos: StaffPerson, ada: Person) -> None:
    respondent = await dr_vos.finds(ada.own.name)
    await dr_vos.gives_email(respondent, ada.own.email)
    sluis.mailbox.refusals[ada.own.email] = "550 5.1.1 No such user here"
    await dr_vos.invites(respondent["id"])
    seen = await became(sluis.url, "sluis_outbox_failed", 1, channel="mail")
    assert seen.value("sluis_outbox_waiting", channel="mail") == 0
