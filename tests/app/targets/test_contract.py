"""What every kind of target keeps to, against its own strict receiver over real HTTP."""

import json
import logging
from datetime import timedelta
from pathlib import Path

import pytest

from app.domain.alerts.delivery import DeliveryState, Target, Topic, after
from app.egress import Allow
from app.targets import TARGETS
from tests.app.targets.exchange import AT, SECRETS, Spoken, always, attempt, trial, with_sender
from tests.app.targets.specimens import SPECIMENS, Specimen
from tests.receivers import hang, receiving

GOLDEN = Path(__file__).parent / "golden"
SAY_NOTHING = ("webhook", "alertmanager", "argo-events")
"""Kinds whose receivers answer success in no words of their own."""
NOT_WORTH_IT = (400, 401, 403, 404, 422)
KINDS = sorted(SPECIMENS)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def specimen(kind: str) -> Specimen:
    return SPECIMENS[kind]


def told(kind: str) -> list[str]:
    """Words that no error and no log may hold."""
    return ["canary", *(SECRETS[name] for name in SPECIMENS[kind].secrets)]


def test_every_kind_is_tried_here() -> None:
    assert set(SPECIMENS) == set(TARGETS)


def test_kinds_that_start_runs_take_no_alerts(kind: str, specimen: Specimen) -> None:
    takes = TARGETS[kind].takes
    assert (Topic.ALERTS not in takes) is specimen.starts_runs
    assert (Topic.RETRAININGS in takes) is (specimen.starts_runs or kind == "webhook")


async def test_it_arrives_as_the_receiver_wants_it(kind: str, specimen: Specimen) -> None:
    spoken = Spoken(specimen.fake())
    async with receiving(spoken) as receiver:
        tried = await attempt(kind, specimen.options(receiver.url), specimen.event())
    assert (tried.error, tried.succeeded) == (None, True)
    sent = [asked for asked in spoken.asked if asked.method == "POST"]
    golden = GOLDEN / f"{kind}.json"
    assert [asked.json for asked in sent] == [json.loads(golden.read_text())]


async def test_every_try_has_the_same_bytes(kind: str, specimen: Specimen) -> None:
    sent = []
    for hours in (0, 5):
        spoken = Spoken(specimen.fake())
        async with receiving(spoken) as receiver:
            options = specimen.options(receiver.url)
            await attempt(kind, options, specimen.event(), now=AT + timedelta(hours=hours))
        sent.append([asked.body for asked in spoken.asked])
    assert sent[0] == sent[1]


async def test_a_receiver_that_hangs(kind: str, specimen: Specimen) -> None:
    async with receiving(hang) as receiver:
        options = specimen.options(receiver.url)
        tried = await attempt(kind, options, specimen.event(), deadline=0.1)
    assert (tried.status, tried.error) == (None, "no complete answer within 0.1 s")
    assert not tried.final


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_receiver_in_trouble_is_tried_again(
    kind: str, specimen: Specimen, status: int
) -> None:
    async with receiving(always(status, b"canary")) as receiver:
        tried = await attempt(kind, specimen.options(receiver.url), specimen.event())
    assert tried.status == status
    assert after(tried, 1, 0.0).state is DeliveryState.PENDING
    assert "canary" not in (tried.error or "")


async def test_a_receiver_that_is_busy_says_when(kind: str, specimen: Specimen) -> None:
    async with receiving(always(429, b"canary", "Retry-After: 9")) as receiver:
        tried = await attempt(kind, specimen.options(receiver.url), specimen.event())
    assert (tried.status, tried.retry_after) == (429, timedelta(seconds=9))
    assert after(tried, 1, 0.0).at == tried.at + tried.took + timedelta(seconds=9)


async def test_redirects_are_not_followed(kind: str, specimen: Specimen) -> None:
    async with receiving(always(307, b"", "Location: /canary")) as receiver:
        tried = await attempt(kind, specimen.options(receiver.url), specimen.event())
        assert len(receiver.requests) == 1
    assert (tried.status, tried.error) == (307, "HTTP 307: redirects are not followed")


async def test_gone_disables_the_target(kind: str, specimen: Specimen) -> None:
    async with receiving(always(410, b"canary")) as receiver:
        tried = await attempt(kind, specimen.options(receiver.url), specimen.event())
    outcome = after(tried, 1, 0.0)
    assert (outcome.state, outcome.disable_target) == (DeliveryState.DEAD, True)


@pytest.mark.parametrize("status", NOT_WORTH_IT)
async def test_what_would_be_refused_again_is_given_up(
    kind: str, specimen: Specimen, status: int
) -> None:
    """A webhook's receiver is anybody's program, of which nothing is known; it is tried again."""
    async with receiving(always(status, b"canary")) as receiver:
        tried = await attempt(kind, specimen.options(receiver.url), specimen.event())
    assert tried.status == status
    expected = DeliveryState.PENDING if kind == "webhook" else DeliveryState.DEAD
    assert after(tried, 1, 0.0).state is expected
    assert not any(word in (tried.error or "") for word in told(kind))


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b'"canary"', b"{" * 100_000, b"\xff\xfe", b'{"state": 1, "id": []}'],
    ids=["empty", "list", "null", "text", "deep", "binary", "types"],
)
async def test_strange_answers_break_nothing(kind: str, specimen: Specimen, body: bytes) -> None:
    async with receiving(always(200, body)) as receiver:
        tried = await attempt(kind, specimen.options(receiver.url), specimen.event())
    assert tried.status == 200
    assert tried.succeeded is (kind in SAY_NOTHING)
    assert "canary" not in (tried.error or "")


async def test_nothing_is_sent_to_a_forbidden_address(kind: str, specimen: Specimen) -> None:
    async with receiving(always(200)) as receiver:
        options = specimen.options(receiver.url)
        tried = await attempt(kind, options, specimen.event(), allow=Allow())
    assert tried.status is None
    assert "not allowed (loopback)" in (tried.error or "")
    assert receiver.accepts == 0


async def test_nothing_is_sent_without_its_secret(kind: str, specimen: Specimen) -> None:
    async with receiving(always(200)) as receiver:
        options = {
            name: "env:EMPTY" if isinstance(value, str) and value.startswith("env:") else value
            for name, value in specimen.options(receiver.url).items()
        }
        tried = await attempt(kind, options, specimen.event())
    assert (tried.status, tried.error) == (None, "there is no secret at env:EMPTY")
    assert receiver.accepts == 0


async def test_a_secret_that_no_request_can_carry(kind: str, specimen: Specimen) -> None:
    """One with a line break would end a header, or be part of no URL."""
    async with receiving(always(200)) as receiver:
        options = {
            name: "env:BAD" if isinstance(value, str) and value.startswith("env:") else value
            for name, value in specimen.options(receiver.url).items()
        }
        tried = await attempt(kind, options, specimen.event())
    assert "canary" not in (tried.error or "")
    # a routing key stands in a body, where it harms nothing
    assert (tried.status is None) is (kind != "pagerduty")


async def test_a_test_leaves_nothing_behind(kind: str, specimen: Specimen) -> None:
    fake = specimen.fake()
    spoken = Spoken(fake)
    async with receiving(spoken) as receiver:
        tried = await attempt(kind, specimen.options(receiver.url), trial())
    assert (tried.error, tried.succeeded) == (None, True)
    if specimen.starts_runs:
        assert {asked.method for asked in spoken.asked} == {"GET"}
    elif kind == "pagerduty":
        assert fake.open == set()  # type: ignore[attr-defined]


async def test_a_check_finds_a_secret_that_is_not_there(kind: str, specimen: Specimen) -> None:
    async with receiving(always(200)) as receiver:
        options = specimen.options(receiver.url)
        names = [name for name, value in options.items() if str(value).startswith("env:")]
        target = Target("t", kind, options | dict.fromkeys(names, "env:EMPTY"))
        found = await with_sender(lambda sender: sender.check(target))
    assert [(one.code, one.pointer) for one in found] == [("no-secret", f"/{n}") for n in names]
    assert receiver.accepts == 0


async def test_a_check_of_what_works_finds_nothing(kind: str, specimen: Specimen) -> None:
    async with receiving(Spoken(specimen.fake())) as receiver:
        target = Target("t", kind, specimen.options(receiver.url))
        assert await with_sender(lambda sender: sender.check(target)) == []


async def test_no_secret_reaches_a_log(
    kind: str, specimen: Specimen, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with receiving(Spoken(specimen.fake())) as receiver:
        await attempt(kind, specimen.options(receiver.url), specimen.event())
    for record in caplog.records:
        assert not any(word in f"{record.getMessage()} {vars(record)}" for word in told(kind))
