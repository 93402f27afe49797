"""Webhooks as a receiver sees them, judged by the independent libraries."""

import hashlib
import hmac
import logging
from datetime import UTC, datetime, timedelta

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from cloudevents.core.formats.json import JSONFormat
from standardwebhooks import Webhook, WebhookVerificationError

from app.domain.alerts.delivery import Attempt, Claimed, Target
from app.domain.alerts.event import FIRING, make_event
from app.domain.alerts.signature import write_secret
from app.domain.errors import Invalid
from app.egress import Allow, guarded_client, parse_allow
from app.targets import TARGETS, Reach, RegistrySender, Secrets
from app.targets.webhook import Options, parse
from tests.receivers import Script, answer, hang, receiving

NEW, OLD, STRANGE = (write_secret(letter * 32) for letter in (b"n", b"o", b"s"))
ENVIRONMENT = {"NEW": NEW, "OLD": OLD, "SHORT": "whsec_Y2FuYXJ5", "WRONG": "canary"}
LOOPBACK = parse_allow("127.0.0.1")
EVENT = make_event(
    "evt_1",
    FIRING,
    source="/leeway",
    subject="flights/v1/default",
    time=datetime(2026, 3, 1, tzinfo=UTC),
    ordering="alert/1",
    data={"model": "flights", "feature": "Température", "psi": 0.31},
)


async def attempt(
    options: dict[str, object],
    now: datetime | None = None,
    allow: Allow = LOOPBACK,
    deadline: float = 5,
    kind: str = "webhook",
    public_url: str | None = None,
) -> Attempt:
    target = Target("hook", kind, options)
    claimed = Claimed(1, EVENT.id, EVENT.type, EVENT.body, target, 0)
    async with guarded_client(allow, user_agent="leeway/9.9", deadline=deadline) as client:
        reach = Reach(client, Secrets(ENVIRONMENT), public_url=public_url)
        sender = RegistrySender(TARGETS, reach)
        return await sender.send(claimed, now or datetime.now(UTC))


@pytest.mark.parametrize("public", [None, "https://leeway.internal/below"])
async def test_a_header_links_to_the_page_where_its_address_is_known(public: str | None) -> None:
    async with receiving(answer(204)) as receiver:
        await attempt({"url": receiver.url, "secret": "env:NEW"}, public_url=public)
    (request,) = receiver.requests
    page = "<https://leeway.internal/below/models/flights>"
    wanted = f'{page}; rel="alternate"; type="text/html"' if public else None
    assert request.headers.get("link") == wanted
    assert request.body == EVENT.body


async def test_a_receiver_can_verify_and_read_it() -> None:
    async with receiving(answer(204)) as receiver:
        tried = await attempt({"url": receiver.url, "secret": "env:NEW"})
    assert (tried.status, tried.error, tried.succeeded) == (204, None, True)
    (request,) = receiver.requests
    assert request.body == EVENT.body
    assert request.headers["content-type"] == "application/cloudevents+json"
    assert request.headers["user-agent"] == "leeway/9.9"
    assert request.headers["webhook-id"] == "evt_1"
    assert Webhook(NEW).verify(request.body, request.headers)["data"]["psi"] == 0.31
    with pytest.raises(WebhookVerificationError):
        Webhook(STRANGE).verify(request.body, request.headers)
    read = from_http_event(HTTPMessage(request.headers, request.body), JSONFormat())
    assert (read.get_id(), read.get_type()) == ("evt_1", FIRING)
    assert read.get_data()["feature"] == "Température"


async def test_both_secrets_sign_during_rotation() -> None:
    options: dict[str, object] = {"secret": "env:NEW", "previous_secret": "env:OLD"}
    async with receiving(answer(204)) as receiver:
        await attempt({"url": receiver.url, **options})
    (request,) = receiver.requests
    for secret in (NEW, OLD):
        assert Webhook(secret).verify(request.body, request.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(STRANGE).verify(request.body, request.headers)


async def test_every_try_has_the_same_id_and_bytes_and_a_fresh_timestamp() -> None:
    now = datetime.now(UTC)
    async with receiving(answer(500)) as receiver:
        for minutes in (0, 1, 2):
            options: dict[str, object] = {"url": receiver.url, "secret": "env:NEW"}
            await attempt(options, now + timedelta(minutes=minutes))
    first, second, third = receiver.requests
    assert first.body == second.body == third.body == EVENT.body
    assert {r.headers["webhook-id"] for r in receiver.requests} == {"evt_1"}
    stamps = [int(r.headers["webhook-timestamp"]) for r in receiver.requests]
    assert [s - stamps[0] for s in stamps] == [0, 60, 120]
    for request in receiver.requests:
        assert Webhook(NEW).verify(request.body, request.headers)


@pytest.mark.parametrize(
    ("script", "status", "error", "wait"),
    [
        (answer(200, body=b"canary"), 200, None, None),
        (answer(400, body=b"canary"), 400, "HTTP 400", None),
        (answer(410), 410, "HTTP 410", None),
        (answer(429, "Retry-After: 9"), 429, "HTTP 429", 9),
        (answer(503, "Retry-After: never"), 503, "HTTP 503", None),
        (
            answer(301, "Location: http://127.0.0.1:1/canary"),
            301,
            "HTTP 301: redirects are not followed",
            None,
        ),
        (
            answer(302, "Location: http://[canary"),
            302,
            "HTTP 302: redirects are not followed",
            None,
        ),
    ],
)
async def test_answers(script: Script, status: int, error: str | None, wait: float | None) -> None:
    async with receiving(script) as receiver:
        tried = await attempt({"url": receiver.url, "secret": "env:NEW"})
    assert (tried.status, tried.error) == (status, error)
    assert tried.retry_after == (None if wait is None else timedelta(seconds=wait))
    assert len(receiver.requests) == 1


async def test_a_receiver_that_hangs() -> None:
    async with receiving(hang) as receiver:
        tried = await attempt({"url": receiver.url, "secret": "env:NEW"}, deadline=0.2)
    assert (tried.status, tried.error) == (None, "no complete answer within 0.2 s")
    assert timedelta(seconds=0.2) <= tried.took < timedelta(seconds=3)


async def test_a_forbidden_receiver() -> None:
    async with receiving(answer(204)) as receiver:
        url = f"{receiver.url}?token=canary"
        tried = await attempt({"url": url, "secret": "env:NEW"}, allow=Allow())
    assert tried.status is None
    assert "not allowed (loopback)" in (tried.error or "")
    assert "canary" not in (tried.error or "")
    assert receiver.accepts == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"secret": "env:MISSING"}, "there is no secret at env:MISSING"),
        ({"secret": "env:WRONG"}, "env:WRONG: the secret does not begin with whsec_"),
        ({"secret": "env:SHORT"}, "env:SHORT: the secret must hold 24 to 64 bytes, not 6"),
        ({"secret": "env:NEW", "previous_secret": "file:/nowhere"}, "there is no secret at file:/"),
        ({"secret": "canary"}, "the stored options of the target are not valid any more: /secret"),
        ({}, "not valid any more: /secret"),
    ],
)
async def test_without_its_secret_nothing_is_sent(options: dict[str, object], said: str) -> None:
    async with receiving(answer(204)) as receiver:
        tried = await attempt({"url": receiver.url, **options})
    assert tried.status is None
    assert said in (tried.error or "")
    assert "canary" not in (tried.error or "")
    assert receiver.accepts == 0


async def test_nothing_of_a_try_reaches_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with receiving(answer(302, "Location: /canary", body=b"canary")) as receiver:
        await attempt({"url": f"{receiver.url}?token=canary", "secret": "env:NEW"})
    signature = receiver.requests[0].headers["webhook-signature"]
    for record in caplog.records:
        said = f"{record.getMessage()} {vars(record)}"
        assert not any(word in said for word in ("canary", signature, NEW, "flights"))


async def test_a_kind_that_is_gone() -> None:
    tried = await attempt({}, kind="pigeon")
    assert (tried.status, tried.error) == (None, "there is no target kind 'pigeon'")


def test_options_are_read() -> None:
    given: dict[str, object] = {"url": "https://example.com/", "secret": "env:A"}
    assert parse(given) == Options("https://example.com/", "env:A")
    assert parse({**given, "previous_secret": None}) == parse(given)
    both = Options("https://example.com/", "env:A", "file:/b")
    assert parse({**given, "previous_secret": "file:/b"}) == both


@pytest.mark.parametrize(
    ("options", "pointers"),
    [
        ({}, ["/url", "/secret"]),
        ({"url": None, "secret": None}, ["/url", "/secret"]),
        ({"url": 1, "secret": ["canary"]}, ["/url", "/secret"]),
        ({"url": "", "secret": ""}, ["/url", "/secret"]),
        ({"url": "canary", "secret": "whsec_canary"}, ["/url", "/secret"]),
        ({"url": "https://u:canary@example.com", "secret": "env:A"}, ["/url"]),
        ({"url": "https://example.com", "secret": "env:A", "colour": "red"}, ["/colour"]),
        (
            {"url": "https://example.com", "secret": "env:A", "previous_secret": "canary"},
            ["/previous_secret"],
        ),
    ],
)
def test_bad_options_are_pointed_at(options: dict[str, object], pointers: list[str]) -> None:
    with pytest.raises(Invalid) as raised:
        parse(options)
    assert [fault.pointer for fault in raised.value.faults] == pointers
    assert all("canary" not in fault.detail for fault in raised.value.faults)


GITHUB: dict[str, object] = {
    "signature": "github",
    "signature_header": "X-ZenML-Signature-256",
    "delivery_header": "x-zenml-delivery",
    "event_header": "x-zenml-event",
    "secret": "env:WRONG",
}


async def test_a_signature_in_githubs_way() -> None:
    async with receiving(answer(202)) as receiver:
        tried = await attempt({"url": receiver.url, **GITHUB})
    (request,) = receiver.requests
    digest = hmac.new(b"canary", request.body, hashlib.sha256).hexdigest()
    assert tried.succeeded
    assert request.headers["x-zenml-signature-256"] == f"sha256={digest}"
    assert request.headers["x-zenml-delivery"] == request.headers["webhook-id"] == "evt_1"
    assert request.headers["x-zenml-event"] == FIRING
    assert "webhook-signature" not in request.headers


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"signature": "sha1"}, "/signature"),
        ({"signature_header": "authorization"}, "/signature_header"),
        ({"event_header": "x-a: b"}, "/event_header"),
        ({"delivery_header": "x-a\r\nx-b"}, "/delivery_header"),
        ({"previous_secret": "env:OLD"}, "/previous_secret"),
    ],
)
def test_bad_signatures_are_pointed_at(change: dict[str, object], pointer: str) -> None:
    with pytest.raises(Invalid) as raised:
        parse({"url": "https://example.com/"} | GITHUB | change)
    assert [fault.pointer for fault in raised.value.faults] == [pointer]
