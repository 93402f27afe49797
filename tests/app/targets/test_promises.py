"""Deliveries by our own sender over real HTTP: rotation in a storm, and neighbours that hang."""

import json
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from app.domain.alerts.delivery import Claimed, DeliveryState, Target
from app.domain.alerts.event import FIRING
from app.domain.alerts.signature import write_secret
from app.egress import guarded_client
from app.steps.deliver import Deliverer, deliver_once
from app.targets import TARGETS, Reach, RegistrySender, Secrets
from app.targets._happened import Happened
from tests.app.targets.exchange import LOOPBACK, SECRETS, Spoken, alert, always
from tests.app.targets.specimens import SPECIMENS
from tests.fakes import FakeOutbox, FakeStore
from tests.receivers import hang, receiving

OLD, NEW = write_secret(b"o" * 32), write_secret(b"n" * 32)


def due(number: int, target: Target) -> Claimed:
    happened = alert()
    return Claimed(number, f"evt_{number}", happened.type, happened.body, target, 0)


async def test_a_secret_is_replaced_while_tries_go_on() -> None:
    """Old alone, both, new alone: whoever verifies with one of those of the day can; one body."""
    secrets = {"A": OLD, "B": NEW}
    days = [("env:A", None), ("env:B", "env:A"), ("env:B", None)]
    async with receiving(always(503)) as receiver:
        store = FakeStore(FakeOutbox(), now=datetime.now(UTC))
        first = Target("hook", "webhook", {"url": receiver.url, "secret": "env:A"})
        store.outbox.due[1] = due(1, first)
        async with guarded_client(LOOPBACK, user_agent="leeway/9.9") as client:
            sender = RegistrySender(TARGETS, Reach(client, Secrets(secrets)))
            for secret, previous in days:
                options = {"url": receiver.url, "secret": secret, "previous_secret": previous}
                waiting = store.outbox.due[1]
                store.outbox.due[1] = replace(waiting, target=Target("hook", "webhook", options))
                ((_, _, outcome),) = await deliver_once(store, sender)  # type: ignore[arg-type]
                assert outcome.state is DeliveryState.PENDING
    accepted = [{OLD}, {OLD, NEW}, {NEW}]
    for request, good in zip(receiver.requests, accepted, strict=True):
        for secret in (OLD, NEW):
            if secret in good:
                assert Webhook(secret).verify(request.body, request.headers)
            else:
                with pytest.raises(WebhookVerificationError):
                    Webhook(secret).verify(request.body, request.headers)
    assert len({request.body for request in receiver.requests}) == 1
    assert {request.headers["webhook-id"] for request in receiver.requests} == {"evt_1"}


async def test_five_that_hang_hold_up_none_of_five_that_work() -> None:
    """With real sockets; those that work are told although the others came first."""
    kinds = ["webhook", "pagerduty", "alertmanager", "slack", "webhook"]
    async with AsyncExitStack() as stack:
        store = FakeStore(FakeOutbox(), now=datetime.now(UTC))
        client = await stack.enter_async_context(
            guarded_client(LOOPBACK, user_agent="leeway/9.9", deadline=30)
        )
        for number in range(100, 140):
            bad = await stack.enter_async_context(receiving(hang))
            target = Target(f"bad-{number % 5}", "webhook", SPECIMENS["webhook"].options(bad.url))
            store.outbox.due[number] = due(number, target)
        for number, kind in enumerate(kinds):
            good = await stack.enter_async_context(receiving(Spoken(SPECIMENS[kind].fake())))
            target = Target(f"good-{number}", kind, SPECIMENS[kind].options(good.url))
            store.outbox.due[number] = due(number, target)
        sender = RegistrySender(TARGETS, Reach(client, Secrets(SECRETS)))
        deliverer = Deliverer(store, sender)  # type: ignore[arg-type]
        begun = datetime.now(UTC)
        done = []
        while len(done) < len(kinds) and datetime.now(UTC) - begun < timedelta(seconds=20):
            done += await deliverer.once(patience=0.1)
        await deliverer.stop()
    assert {one.claimed.target.name for one in done} == {f"good-{n}" for n in range(len(kinds))}
    assert {one.outcome.state for one in done} == {DeliveryState.DELIVERED}


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (
            {"severity": "P1", "monitor": "traffic", "version": "*", "silence": {"minutes": 45}},
            "[P1] m: traffic is firing: no rows for 45 minutes",
        ),
        (
            {"severity": "P2", "monitor": "default", "version": "v", "segment": "eu"},
            "[P2] m, segment eu (version v): default is firing",
        ),
        (
            {
                "severity": "P4",
                "monitor": "retraining",
                "version": "*",
                "retraining": {"id": "rtr_1", "reason": "not_delivered"},
                "features": [],
            },
            "[P4] m: retraining is firing: rtr_1, not_delivered",
        ),
        (
            {"severity": "P2", "monitor": "d", "features": [{"feature": c} for c in "abcdefg"]},
            "[P2] m: d is firing: a, b, c, d, e and 2 more",
        ),
        ({"severity": None, "features": "x", "window": 3}, "[None] m:  is firing"),
    ],
)
def test_a_line_for_people(data: dict[str, object], line: str) -> None:
    read = json.loads(json.dumps({"model": "m"} | data))
    assert Happened("evt_1", FIRING, "/leeway", "2026-03-09T00:00:00Z", read).headline() == line
