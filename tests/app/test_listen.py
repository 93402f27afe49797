"""The receiver for users: real webhooks on loopback, sent by our own sender and by the library."""

import asyncio
import io
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from rich.console import Console
from standardwebhooks import Webhook

from app.domain.alerts.delivery import Claimed, DeliveryState, Target
from app.domain.alerts.event import FIRING, RETRAINING, make_event
from app.domain.alerts.signature import read_secret
from app.egress import guarded_client, parse_allow
from app.listen import MAX_BODY, Listener, Received, listen_forever, new_secret
from app.listen_card import card
from app.steps.deliver import deliver_once
from app.targets import TARGETS, Reach, RegistrySender, Secrets
from tests.fakes import FakeOutbox, FakeStore

SECRET = new_secret()
DATA: dict[str, Any] = {
    "model": "flights",
    "version": "v1",
    "window": {"start": "2026-03-02T00:00:00Z", "end": "2026-03-09T00:00:00Z", "rows": 5400},
    "features": [
        {"feature": f"temp {i}", "statistics": {"psi": {"value": 0.5 + i}}} for i in range(7)
    ],
    "features_left_out": 3,
}
EVENT = make_event(
    "evt_1",
    FIRING,
    source="/leeway",
    subject="flights/v1/default",
    time=datetime(2026, 3, 9, tzinfo=UTC),
    ordering="alert/1",
    data=DATA,
)


def signed(body: bytes = EVENT.body, id_: str = "evt_1", secret: str = SECRET) -> dict[str, str]:
    now = datetime.now(UTC)
    return {
        "webhook-id": id_,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(id_, now, body.decode()),
    }


async def post(listener: Listener, body: bytes, headers: dict[str, str]) -> int:
    url = await listener.start()
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.post(url, content=body, headers=headers)).status_code
    finally:
        await listener.stop()


def shown(received: Received) -> str:
    console = Console(file=io.StringIO(), width=100, force_terminal=False)
    console.print(card(received))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


async def test_a_signed_webhook_is_taken_and_told() -> None:
    told: list[Received] = []
    listener = Listener(SECRET, on_event=told.append)
    assert await post(listener, EVENT.body, signed()) == 204
    (received,) = listener.received
    assert told == [received]
    assert (received.id, received.type, received.problem) == ("evt_1", FIRING, None)
    assert not received.repeat
    assert received.event["data"] == DATA


async def test_a_request_to_retrain_is_shown_without_its_token() -> None:
    data = {"model": "flights", "version": "v1", "cause": "drift", "reason": "monitor x fired"}
    data |= {"features": ["temp", "dewp"], "callback": {"token": "rtt_secret"}}  # type: ignore[dict-item]
    event = {"type": RETRAINING, "subject": "flights/v1", "data": data}
    text = shown(Received(datetime.now(UTC), "evt_1", 1, None, 204, event))
    assert "RETRAIN" in text
    assert "monitor x fired" in text
    assert "temp, dewp" in text
    assert "rtt_secret" not in text


@pytest.mark.parametrize(
    ("body", "headers", "problem"),
    [
        (EVENT.body, dict, "a webhook header is missing"),
        (EVENT.body, lambda: signed(secret=new_secret()), "no signature fits"),
        (b"{}", signed, "no signature fits"),
        (EVENT.body, lambda: signed() | {"webhook-timestamp": "1"}, "the timestamp is too old"),
    ],
)
async def test_a_bad_signature_is_refused(
    body: bytes, headers: Callable[[], dict[str, str]], problem: str
) -> None:
    listener = Listener(SECRET)
    # signed now: the whole suite may take longer than a signature holds
    assert await post(listener, body, headers()) == 401
    (received,) = listener.received
    assert (received.problem, received.event) == (problem, {})


@pytest.mark.parametrize("body", [b"no json", b"[]", b"[" * 200_000, b""])
async def test_a_signed_body_of_any_kind_is_taken(body: bytes) -> None:
    listener = Listener(SECRET)
    assert await post(listener, body, signed(body)) == 204
    assert listener.received[0].event == {}


async def test_limits_and_methods() -> None:
    listener = Listener(SECRET)
    assert await post(listener, b"x" * (MAX_BODY + 1), {}) == 413
    url = await listener.start()
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(url)).status_code == 405
        assert (await client.post(f"{url}any/path", content=b"")).status_code == 401
    await listener.stop()
    await listener.stop()


async def test_the_whole_way_with_a_retry_to_watch() -> None:
    """Our sender, our schedule, a receiver that fails twice: one id, three arrivals."""
    listener = Listener(SECRET, fail_first=2)
    url = await listener.start()
    where = Target("listen", "webhook", {"url": url, "secret": "env:S"})
    due = Claimed(1, EVENT.id, EVENT.type, EVENT.body, where, 0)
    store = FakeStore(FakeOutbox({1: due}), now=datetime.now(UTC))
    async with guarded_client(parse_allow("127.0.0.1"), user_agent="leeway/test") as client:
        sender = RegistrySender(TARGETS, Reach(client, Secrets({"S": SECRET})))
        states = [(await deliver_once(store, sender))[0].outcome.state for _ in range(3)]
    await listener.stop()
    assert states == [DeliveryState.PENDING, DeliveryState.PENDING, DeliveryState.DELIVERED]
    assert [r.status for r in listener.received] == [503, 503, 204]
    assert [r.arrival for r in listener.received] == [1, 2, 3]
    assert {r.id for r in listener.received} == {"evt_1"}
    assert "seen before, try 3" in shown(listener.received[2])
    assert "503, on purpose" in shown(listener.received[0])


def received(event: dict[str, Any], **changes: Any) -> Received:
    values = {
        "at": datetime(2026, 3, 9, tzinfo=UTC),
        "id": "evt_1",
        "arrival": 1,
        "problem": None,
        "status": 204,
        "event": event,
    }
    return Received(**(values | changes))


def test_a_card_says_what_matters() -> None:
    said = shown(received({"type": FIRING, "subject": "flights/v1/default", "data": DATA}))
    for part in (
        "FIRING",
        "flights/v1/default",
        "evt_1",
        "good",
        "version v1",
        "5400 rows",
        "2026-03-02T00:00:00Z",
        "temp 0 (PSI 0.50)",
        "and 5 more",
        "204",
    ):
        assert part in said


def test_a_card_of_a_refused_one() -> None:
    said = shown(received({}, problem="no signature fits", status=401))
    assert "REFUSED" in said
    assert "no signature fits" in said
    assert "good" not in said


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"type": 7, "subject": None, "data": []},
        {"data": {"window": 1, "features": [1, {"feature": None, "statistics": 3}]}},
        {"data": {"features": {}, "features_left_out": "many", "model": {}}},
        {"data": {"features": [{"feature": "a", "statistics": {"psi": {"value": "x"}}}]}},
    ],
)
def test_a_card_of_a_strange_event(event: dict[str, Any]) -> None:
    assert "EVENT" in shown(received(event))


def test_no_card_steers_the_terminal() -> None:
    evil = "\x1b[2J[red]\r\n\u202egnp.exe" + "x" * 1000
    said = shown(received({"subject": evil, "data": {"model": evil}}, id=evil))
    assert "\x1b" not in said
    assert "\r" not in said
    assert "\u202e" not in said
    assert "[red]" in said
    assert len(said) < 2000


def test_fresh_secrets_are_good_and_differ() -> None:
    assert len(read_secret(new_secret())) == 32
    assert new_secret() != new_secret()


async def until(console: Console, text: str) -> str:
    assert isinstance(console.file, io.StringIO)
    for _ in range(3_000):
        if text in console.file.getvalue():
            return console.file.getvalue()
        await asyncio.sleep(0.02)
    raise AssertionError(f"{text!r} was never printed: {console.file.getvalue()}")


async def test_listening_from_the_command_line() -> None:
    console = Console(file=io.StringIO(), width=100)
    work = asyncio.create_task(listen_forever(0, SECRET, 0, console))
    said = await until(console, "Listening for webhooks on http://127.0.0.1:")
    assert SECRET not in said
    url = said.split("Listening for webhooks on ")[1].split(". ")[0]
    async with httpx.AsyncClient(trust_env=False) as client:
        response = await client.post(url, content=EVENT.body, headers=signed())
    assert response.status_code == 204
    await until(console, "FIRING")
    work.cancel()
    assert await asyncio.gather(work, return_exceptions=True)
    assert work.cancelled()


async def test_a_secret_is_made_and_shown_where_none_is_given() -> None:
    console = Console(file=io.StringIO(), width=40)
    work = asyncio.create_task(listen_forever(0, None, 0, console))
    said = await until(console, "curl -X PUT")
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    secret = said.split("LEEWAY_WEBHOOK_SECRET=")[1].split("\n")[0]
    assert len(read_secret(secret)) == 32


async def test_what_keeps_it_from_listening_is_said() -> None:
    console = Console(file=io.StringIO(), width=100)
    assert await listen_forever(0, "whsec_canary", 0, console) == 2
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert await listen_forever(taken.getsockname()[1], SECRET, 0, console) == 2
    assert isinstance(console.file, io.StringIO)
    said = console.file.getvalue()
    assert said.count("Cannot listen: ") == 2
    assert "canary" not in said
