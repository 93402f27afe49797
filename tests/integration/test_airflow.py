"""Our kind `airflow` against Airflow 3 itself: triggered once, followed to its end, checked."""

import asyncio
import time

import httpx
import pytest

from app.domain.alerts.delivery import Target
from app.domain.retrainings.run import Phase, RunState
from app.targets import RegistrySender
from tests.app.targets.exchange import SECRETS, attempt, retraining, trial, with_sender
from tests.integration.airflow_server import PASSWORD, USER
from tests.integration.places import Running

PARSING, RUNNING = 60, 90
SECRETS["AIRFLOW"] = PASSWORD
WRONG_PASSWORD = {"password": "env:KEY"}
WRONG_TOKEN = {"user": None, "password": None, "token": "env:KEY"}


def options(airflow: Running, **change: object) -> dict[str, object]:
    base: dict[str, object] = {"base_url": airflow.url, "dag_id": "retrain"}
    return base | {"user": USER, "password": "env:AIRFLOW"} | change


async def checked(airflow: Running, **change: object) -> list[str]:
    target = Target("t", "airflow", options(airflow, **change))
    found = await with_sender(lambda sender: sender.check(target))
    return [trouble.code for trouble in found]


@pytest.fixture(scope="module")
def parsed(airflow: Running) -> Running:
    """Airflow, once it has read its DAGs."""
    login = {"username": USER, "password": PASSWORD}
    token = httpx.post(f"{airflow.url}/auth/token", json=login, trust_env=False).json()
    headers = {"authorization": f"Bearer {token['access_token']}"}
    until = time.monotonic() + PARSING
    while time.monotonic() < until:
        found = [
            httpx.get(f"{airflow.url}/api/v2/dags/{dag}", headers=headers, trust_env=False)
            for dag in ("retrain", "asleep")
        ]
        if all(one.is_success for one in found):
            return airflow
        time.sleep(0.5)
    raise AssertionError("Airflow has not read its DAGs")


async def test_a_run_is_started_once_and_followed_to_its_end(parsed: Running) -> None:
    happened = retraining(id="rtr_0001")
    first = await attempt("airflow", options(parsed), happened)
    again = await attempt("airflow", options(parsed), happened)
    assert (first.status, first.error, first.run) == (200, None, "rtr_0001")
    assert (again.status, again.error, again.run) == (409, None, "rtr_0001")
    target = Target("t", "airflow", options(parsed))

    async def follow(sender: RegistrySender) -> list[RunState]:
        states: list[RunState] = []
        until = time.monotonic() + RUNNING
        while time.monotonic() < until:
            state = await sender.poll(target, "rtr_0001")
            states += [] if states[-1:] == [state] else [state]
            if state.phase in (Phase.SUCCEEDED, Phase.FAILED):
                break
            await asyncio.sleep(0.3)
        return states

    states = await with_sender(follow, deadline=15)
    assert states[-1].phase is Phase.SUCCEEDED, states
    # one worker on SQLite is at times too busy to answer: that is unknown, and never failed
    assert all(state.phase is not Phase.FAILED for state in states), states


async def test_a_conf_that_a_dag_cannot_use_fails_its_run(parsed: Running) -> None:
    where = options(parsed, conf={"model": "another"})
    tried = await attempt("airflow", where, retraining(id="rtr_0002"))
    assert tried.run == "rtr_0002"


async def test_the_usual_mistakes_are_found(parsed: Running) -> None:
    assert await checked(parsed) == []
    assert await checked(parsed, dag_id="asleep") == ["paused-dag"]
    assert await checked(parsed, dag_id="nope") == ["unknown-dag"]
    assert await checked(parsed, **WRONG_PASSWORD) == ["wrong-credentials"]
    assert await checked(parsed, api="v1") == ["unknown-dag"]
    assert await checked(parsed, **WRONG_TOKEN) == ["forbidden"]


async def test_a_test_starts_no_run(parsed: Running) -> None:
    tried = await attempt("airflow", options(parsed), trial())
    assert (tried.error, tried.run) == (None, None)
    asleep = await attempt("airflow", options(parsed, dag_id="asleep"), trial())
    assert (asleep.final, asleep.error) == (True, "the DAG is paused: its runs would wait for ever")


async def test_an_unknown_dag_is_not_tried_again(parsed: Running) -> None:
    tried = await attempt("airflow", options(parsed, dag_id="nope"), retraining())
    assert (tried.status, tried.final) == (404, True)
