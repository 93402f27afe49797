"""Kubeflow, ZenML, Argo Events and GitHub, against strict receivers that run nothing."""

import asyncio
from typing import Any

import pytest

from app.domain.alerts.delivery import DeliveryState, Target, after
from app.domain.retrainings.run import Phase, Trouble
from app.targets import RegistrySender
from tests.app.targets.exchange import (
    RUN,
    Asked,
    Handler,
    Reply,
    Spoken,
    always,
    attempt,
    retraining,
    with_sender,
)
from tests.app.targets.fake_runs import ArgoEvents, Github, Kubeflow, ZenML
from tests.app.targets.specimens import SPECIMENS
from tests.receivers import Request, receiving


async def asked(kind: str, handler: Handler, work: Any, **change: object) -> Any:
    async with receiving(Spoken(handler)) as receiver:
        target = Target("t", kind, SPECIMENS[kind].options(receiver.url) | change)

        async def ask(sender: RegistrySender) -> Any:
            return await work(sender, target)

        return await with_sender(ask)


async def checked(kind: str, handler: Handler, **change: object) -> list[Trouble]:
    return list(await asked(kind, handler, lambda s, target: s.check(target), **change))


async def phase(kind: str, handler: Handler, run: str) -> Phase:
    return (await asked(kind, handler, lambda s, target: s.poll(target, run))).phase


@pytest.mark.parametrize("kind", ["kubeflow", "zenml"])
async def test_an_answer_that_was_lost_starts_no_second_run(kind: str) -> None:
    """The run was started, the connection broke: the next try finds it by its name."""
    fake = SPECIMENS[kind].fake()
    spoken = Spoken(fake)

    async def cut(request: Request, writer: asyncio.StreamWriter) -> None:
        if request.line.startswith("POST"):
            await spoken(request, _Nowhere())  # type: ignore[arg-type]
            writer.transport.abort()
        else:
            await spoken(request, writer)

    async with receiving(cut) as receiver:
        lost = await attempt(kind, SPECIMENS[kind].options(receiver.url), retraining())
    assert lost.status is None
    async with receiving(spoken) as receiver:
        again = await attempt(kind, SPECIMENS[kind].options(receiver.url), retraining())
    assert again.succeeded
    assert len(fake.runs) == 1  # type: ignore[attr-defined]
    found = fake.runs[0]  # type: ignore[attr-defined]
    assert again.run == (found["run_id"] if kind == "kubeflow" else found["id"])


class _Nowhere:
    def write(self, _: bytes) -> None:
        """Drop it."""


@pytest.mark.parametrize("kind", ["kubeflow", "zenml"])
async def test_a_list_that_cannot_be_read_starts_nothing(kind: str) -> None:
    fake = SPECIMENS[kind].fake()

    def handler(request: Asked) -> Reply:
        return Reply(500) if request.path.endswith("/runs") else fake(request)

    async with receiving(Spoken(handler)) as receiver:
        tried = await attempt(kind, SPECIMENS[kind].options(receiver.url), retraining())
    assert after(tried, 1, 0.0).state is DeliveryState.PENDING
    assert fake.runs == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("PENDING", Phase.QUEUED),
        ("RUNNING", Phase.RUNNING),
        ("SUCCEEDED", Phase.SUCCEEDED),
        ("FAILED", Phase.FAILED),
        ("CANCELED", Phase.FAILED),
        ("RUNTIME_STATE_UNSPECIFIED", Phase.UNKNOWN),
    ],
)
async def test_a_kubeflow_run_is_followed(state: str, expected: Phase) -> None:
    fake = Kubeflow(runs=[{"run_id": "run-1", "display_name": RUN, "state": state}])
    assert await phase("kubeflow", fake, "run-1") is expected


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, None),
        ({"token": "env:PASSWORD"}, "no-secret"),
        ({"token": "env:HOOK"}, "wrong-token"),
        ({"pipeline_id": "p-9"}, "unknown-pipeline"),
        ({"version_id": "v-9"}, "unknown-version"),
        ({"experiment_id": "e-9"}, "unknown-experiment"),
    ],
)
async def test_kubeflow_is_checked(change: dict[str, object], code: str | None) -> None:
    found = await checked("kubeflow", Kubeflow(), **change)
    assert [trouble.code for trouble in found] == ([code] if code else [])


async def test_runs_are_looked_for_in_the_namespace_where_there_are_several() -> None:
    fake = Kubeflow()
    async with receiving(Spoken(fake)) as receiver:
        base = SPECIMENS["kubeflow"].options(receiver.url)
        alone = base | {"experiment_id": None, "namespace": "team-a"}
        await attempt("kubeflow", alone, retraining())
    assert fake.filters[0]["namespace"] == "team-a"
    assert "experiment_id" not in fake.runs[0]


async def test_without_a_template_kubeflow_gets_no_parameters() -> None:
    fake = Kubeflow()
    async with receiving(Spoken(fake)) as receiver:
        base = SPECIMENS["kubeflow"].options(receiver.url)
        await attempt("kubeflow", base | {"parameters": None}, retraining())
    assert fake.runs[0]["runtime_config"] == {"parameters": {}}


async def test_a_zenml_server_that_runs_nothing_says_so_in_plain_words() -> None:
    async with receiving(Spoken(ZenML(runs_pipelines=False))) as receiver:
        tried = await attempt("zenml", SPECIMENS["zenml"].options(receiver.url), retraining())
    assert tried.final
    assert "this ZenML server cannot start runs: it has no workload manager" in (tried.error or "")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("initializing", Phase.QUEUED),
        ("running", Phase.RUNNING),
        ("completed", Phase.SUCCEEDED),
        ("cached", Phase.SUCCEEDED),
        ("failed", Phase.FAILED),
        ("stopped", Phase.FAILED),
        ("new", Phase.UNKNOWN),
    ],
)
async def test_a_zenml_run_is_followed(status: str, expected: Phase) -> None:
    fake = ZenML(runs=[{"id": "r", "name": RUN, "body": {"status": status}}])
    assert await phase("zenml", fake, "r") is expected


@pytest.mark.parametrize(
    ("fake", "change", "code"),
    [
        (ZenML(), {}, None),
        (ZenML(), {"api_key": "env:HOOK"}, "wrong-key"),
        (ZenML(), {"snapshot_id": "1" * 32}, "unknown-snapshot"),
        (ZenML(runnable=False), {}, "not-runnable"),
        (lambda _: Reply(200, b"<html>"), {}, "not-zenml"),
    ],
)
async def test_zenml_is_checked(fake: Handler, change: dict[str, object], code: str | None) -> None:
    found = await checked("zenml", fake, **change)
    assert [trouble.code for trouble in found] == ([code] if code else [])


async def test_a_sensor_starts_only_what_it_is_given_every_key_for() -> None:
    fake = ArgoEvents(needs=("model", "retraining"))
    async with receiving(Spoken(fake)) as receiver:
        base = SPECIMENS["argo-events"].options(receiver.url)
        for payload in ({"model": "${model}"}, {"model": "${model}", "retraining": "${id}"}):
            tried = await attempt("argo-events", base | {"payload": payload}, retraining())
            assert tried.succeeded
    assert [started["retraining"] for started in fake.started] == [RUN]


async def test_our_payload_has_the_keys_of_metaflows_own_client() -> None:
    fake = ArgoEvents()
    async with receiving(Spoken(fake)) as receiver:
        base = SPECIMENS["argo-events"].options(receiver.url)
        await attempt("argo-events", base | {"payload": {"model": "x"}}, retraining())
    assert {key: type(value) for key, value in fake.started[0].items()} == {
        "name": str,
        "id": str,
        "timestamp": int,
        "utc_date": str,
        "generated-by-metaflow": bool,
        "model": str,
    }


async def test_an_event_source_is_looked_for_without_an_event() -> None:
    fake = ArgoEvents()
    assert await checked("argo-events", fake) == []
    assert fake.started == []
    (trouble,) = await checked("argo-events", lambda _: Reply(404))
    assert (trouble.code, trouble.pointer) == ("unknown-endpoint", "/url")


@pytest.mark.parametrize(
    ("repository", "change", "code"),
    [
        (None, {}, None),
        (None, {"token": "env:HOOK"}, "wrong-token"),
        (None, {"repository": "acme/other"}, "unknown-repository"),
        ({"full_name": "acme/fraud", "archived": True}, {}, "archived"),
        ({"full_name": "acme/fraud", "permissions": {"push": False}}, {}, "read-only-token"),
        ({"hello": 1}, {}, "not-github"),
    ],
)
async def test_github_is_checked(
    repository: dict[str, Any] | None, change: dict[str, object], code: str | None
) -> None:
    fake = Github(repository) if repository else Github()
    found = await checked("github", fake, **change)
    assert [trouble.code for trouble in found] == ([code] if code else [])
    assert fake.dispatched == []


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        (("X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 1773029166"), 60),
        (("X-RateLimit-Remaining: 0", "X-RateLimit-Reset: canary"), 0),
        (("X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 999999999999"), 86_400),
        (("Retry-After: 30",), 30),
    ],
)
async def test_a_rate_limit_is_no_missing_right(headers: tuple[str, ...], wait: int) -> None:
    async with receiving(always(403, b"", *headers)) as receiver:
        tried = await attempt("github", SPECIMENS["github"].options(receiver.url), retraining())
    assert (tried.final, tried.error) == (False, "HTTP 403: GitHub's rate limit is used up")
    assert tried.retry_after is not None
    assert tried.retry_after.total_seconds() == wait


async def test_a_payload_that_is_too_large_is_refused_for_good() -> None:
    async with receiving(Spoken(Github())) as receiver:
        tried = await attempt(
            "github", SPECIMENS["github"].options(receiver.url), retraining(features=["x" * 70_000])
        )
    assert (tried.status, tried.final) == (422, True)
