"""Airflow 2 and 3: one run per retraining, tokens that expire, and the usual mistakes."""

from typing import Any

import pytest

from app.domain.alerts.delivery import DeliveryState, Target, after
from app.domain.errors import Invalid
from app.domain.retrainings.run import Phase, RunState
from app.targets.airflow import parse
from tests.app.targets.exchange import (
    RUN,
    Asked,
    Reply,
    Spoken,
    always,
    attempt,
    retraining,
    with_sender,
)
from tests.app.targets.fake_runs import Airflow
from tests.app.targets.specimens import root
from tests.receivers import receiving

BY_PASSWORD: dict[str, object] = {
    "dag_id": "retrain",
    "user": "leeway",
    "password": "env:PASSWORD",
}


def options(url: str, **more: object) -> dict[str, object]:
    return {"base_url": root(url)} | BY_PASSWORD | more


@pytest.mark.parametrize("api", ["v1", "v2"])
async def test_a_retraining_is_run_once_however_often_it_is_sent(api: str) -> None:
    fake = Airflow(api)
    async with receiving(Spoken(fake)) as receiver:
        tried = [
            await attempt("airflow", options(receiver.url, api=api), retraining()) for _ in "ab"
        ]
    assert [(one.status, one.error, one.run) for one in tried] == [
        (200, None, RUN),
        (409, None, RUN),
    ]
    assert list(fake.runs) == [RUN]
    assert ("logical_date" in fake.runs[RUN]) is (api == "v2")


async def test_a_conflict_with_somebody_else_is_no_success() -> None:
    fake = Airflow()

    def handler(asked: Asked) -> Reply:
        return Reply(409) if asked.path.endswith("/dagRuns") else fake(asked)

    async with receiving(Spoken(handler)) as receiver:
        tried = await attempt("airflow", options(receiver.url), retraining())
    assert after(tried, 1, 0.0).state is DeliveryState.PENDING
    assert tried.error == "HTTP 409: another run is in the way of ours"


@pytest.mark.parametrize("stale", [401, 403])
async def test_a_token_is_kept_until_it_is_not_accepted_and_then_fetched_once(stale: int) -> None:
    fake, tokens = Airflow(stale=stale), {}
    async with receiving(Spoken(fake)) as receiver:
        where = options(receiver.url)
        for number, logins in ((1, 1), (2, 1)):
            await attempt("airflow", where, retraining(id=f"rtr_{number}"), tokens=tokens)
            assert fake.logins == logins
        fake.tokens.clear()
        tried = await attempt("airflow", where, retraining(id="rtr_3"), tokens=tokens)
    assert (tried.error, fake.logins) == (None, 2)
    assert list(fake.runs) == ["rtr_1", "rtr_2", "rtr_3"]


async def test_a_user_without_rights_is_asked_for_no_third_token() -> None:
    fake = Airflow()

    def handler(asked: Asked) -> Reply:
        return fake(asked) if asked.path == "/auth/token" else Reply(401)

    async with receiving(Spoken(handler)) as receiver:
        tried = await attempt("airflow", options(receiver.url), retraining())
    assert (tried.status, tried.final, fake.logins) == (401, True, 2)


@pytest.mark.parametrize(
    ("status", "document", "error", "final"),
    [
        (401, {}, "HTTP 401: Airflow does not accept the user or the token", True),
        (404, {}, "HTTP 404: there is no /auth/token: is it Airflow 2? then set api to v1", True),
        (200, {"access_token": "canary\n"}, "HTTP 200: it gave us no token", False),
        (200, {"access_token": ["canary"]}, "HTTP 200: it gave us no token", False),
        (500, {"access_token": "canary"}, "HTTP 500: it gave us no token", False),
    ],
)
async def test_a_login_that_gives_no_token(
    status: int, document: object, error: str, final: bool
) -> None:
    async with receiving(always(status, document)) as receiver:
        tried = await attempt("airflow", options(receiver.url), retraining())
        assert len(receiver.requests) == 1
    assert (tried.status, tried.error, tried.final) == (status, error, final)
    assert not tried.succeeded


async def test_conf_is_what_the_template_says() -> None:
    fake = Airflow()
    conf = {"model": "${model}", "names": "${features}", "note": "since ${window.start}", "k": 1}
    async with receiving(Spoken(fake)) as receiver:
        await attempt("airflow", options(receiver.url, conf=conf), retraining())
    assert fake.runs[RUN]["conf"] == {
        "model": "flights",
        "names": ["Température", "wind"],
        "note": "since 2026-03-02T00:00:00Z",
        "k": 1,
    }


async def test_a_conf_that_the_dag_does_not_take_is_said() -> None:
    async with receiving(Spoken(Airflow())) as receiver:
        where = options(receiver.url, conf={"model": 3})
        tried = await attempt("airflow", where, retraining())
    assert (tried.status, tried.final) == (400, True)
    assert "does conf fit the DAG's params?" in (tried.error or "")


@pytest.mark.parametrize(
    ("state", "phase"),
    [
        ("queued", Phase.QUEUED),
        ("running", Phase.RUNNING),
        ("success", Phase.SUCCEEDED),
        ("failed", Phase.FAILED),
        ("canary <b>", Phase.UNKNOWN),
    ],
)
async def test_a_run_is_followed(state: str, phase: Phase) -> None:
    fake = Airflow(runs={RUN: {"state": state}})
    async with receiving(Spoken(fake)) as receiver:
        target = Target("t", "airflow", options(receiver.url))
        found = await with_sender(lambda sender: sender.poll(target, RUN))
    assert found.phase is phase
    assert "canary" not in (found.detail or "")


async def test_a_run_with_a_long_state_is_read_whole() -> None:
    fake = Airflow(runs={RUN: {"conf": {"x": "y" * 300_000}, "state": "success"}})
    async with receiving(Spoken(fake)) as receiver:
        target = Target("t", "airflow", options(receiver.url))
        found = await with_sender(lambda sender: sender.poll(target, RUN))
    assert found.phase is Phase.SUCCEEDED


async def test_a_run_that_nobody_knows() -> None:
    async with receiving(Spoken(Airflow())) as receiver:
        target = Target("t", "airflow", options(receiver.url))
        found = await with_sender(lambda sender: sender.poll(target, "../../x"))
    assert found == RunState(Phase.UNKNOWN, "the receiver knows no such run (any more)")


@pytest.mark.parametrize(
    ("dag", "codes"),
    [
        ({"is_paused": False}, []),
        ({"is_paused": True}, ["paused-dag"]),
        ({"is_paused": True, "has_import_errors": True}, ["paused-dag", "broken-dag"]),
        ({"is_paused": False, "is_stale": True}, ["stale-dag"]),
        ({"is_paused": False, "is_active": False}, ["stale-dag"]),
        ({"hello": "world"}, ["not-airflow"]),
    ],
)
async def test_the_usual_mistakes_are_found(dag: dict[str, Any], codes: list[str]) -> None:
    async with receiving(Spoken(Airflow(dag=dag))) as receiver:
        target = Target("t", "airflow", options(receiver.url))
        found = await with_sender(lambda sender: sender.check(target))
    assert [trouble.code for trouble in found] == codes


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"dag_id": "nope"}, "unknown-dag", "/dag_id"),
        ({"password": "env:KEY"}, "wrong-credentials", "/user"),
        ({"password": "env:EMPTY"}, "no-secret", "/password"),
        ({"base_url": "http://127.0.0.1:1"}, "unreachable", ""),
    ],
)
async def test_a_wrong_declaration_is_found(
    change: dict[str, object], code: str, pointer: str
) -> None:
    async with receiving(Spoken(Airflow())) as receiver:
        target = Target("t", "airflow", options(receiver.url) | change)
        (found,) = await with_sender(lambda sender: sender.check(target))
    assert (found.code, found.pointer) == (code, pointer)
    assert "canary" not in found.message


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"user": None}, "/user"),
        ({"password": None}, "/user"),
        ({"token": "env:A"}, "/token"),
        ({"api": "v3"}, "/api"),
        ({"dag_id": "../x"}, "/dag_id"),
        ({"password": "tiger"}, "/password"),
        ({"conf": ["x"]}, "/conf"),
        ({"conf": {"a": {"b/c": "${modle}"}}}, "/conf/a/b~1c"),
        ({"conf": {"a": ["${}"]}}, "/conf/a/0"),
        ({"conf": {"a": "x" * 20_000}}, "/conf"),
        ({"base_url": "ftp://x"}, "/base_url"),
    ],
)
def test_bad_options_are_pointed_at(change: dict[str, object], pointer: str) -> None:
    with pytest.raises(Invalid) as raised:
        parse(options("http://example.com/") | change)
    assert [fault.pointer for fault in raised.value.faults] == [pointer]
    assert "tiger" not in str(raised.value.faults)
