"""PagerDuty, Alertmanager and Slack: what fires resolves, and names cannot play tricks."""

from datetime import timedelta

import pytest

from app.domain.errors import Invalid
from app.targets import TARGETS
from tests.app.targets.exchange import AT, SECRETS, Reply, Spoken, alert, attempt, trial, ungrouped
from tests.app.targets.fake_alarms import Alertmanager, PagerDuty, Slack
from tests.app.targets.fake_runs import BEARER
from tests.app.targets.specimens import SPECIMENS
from tests.receivers import receiving

EVIL = "<!channel> *x* `y` <https://evil.example|click>\n&amp; \u202e"


async def told(kind: str, fake: object, *events: object, **change: object) -> list[object]:
    async with receiving(Spoken(fake)) as receiver:  # type: ignore[arg-type]
        options = SPECIMENS[kind].options(receiver.url) | change
        return [await attempt(kind, options, event) for event in events]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ours", "theirs"), [("P1", "critical"), ("P2", "error"), ("P3", "warning"), ("P4", "info")]
)
async def test_severities(ours: str, theirs: str) -> None:
    fake = PagerDuty()
    await told("pagerduty", fake, alert(severity=ours))
    assert fake.events[0]["payload"]["severity"] == theirs


async def test_an_incident_is_resolved_by_the_same_key() -> None:
    fake = PagerDuty()
    await told("pagerduty", fake, alert())
    assert len(fake.open) == 1
    await told("pagerduty", fake, alert("resolved"))
    assert fake.open == set()
    assert [event["event_action"] for event in fake.events] == ["trigger", "resolve"]


@pytest.mark.parametrize("other", [{"model": "x"}, {"version": "x"}, {"monitor": "x"}])
async def test_another_alert_is_another_incident(other: dict[str, str]) -> None:
    fake = PagerDuty()
    await told("pagerduty", fake, alert(), alert(**other))
    assert len(fake.open) == 2


async def test_segments_share_an_incident_and_an_alert() -> None:
    """The first of those that fire may be another one at each message."""
    pages, posts = PagerDuty(), Alertmanager(BEARER)
    for kind, fake in (("pagerduty", pages), ("alertmanager", posts)):
        await told(kind, fake, alert(segment="origin=JFK"), alert(segment="origin=EWR"))
        await told(kind, fake, alert("resolved", segment="origin=LGA"))
    assert [event["event_action"] for event in pages.events] == ["trigger", "trigger", "resolve"]
    assert pages.open == set()
    assert posts.active(AT) == 0


async def test_what_a_segment_was_told_by_itself_ends_by_itself() -> None:
    """Messages of before there were groups may be on their way still."""
    pages, posts = PagerDuty(), Alertmanager(BEARER)
    alone, other = alert(segment="origin=JFK"), alert(segment="origin=EWR")
    over = alert("resolved", segment="origin=JFK")
    for kind, fake in (("pagerduty", pages), ("alertmanager", posts)):
        await told(kind, fake, *map(ungrouped, (alone, other)), alert(), ungrouped(over))
    assert len(pages.open) == posts.active(AT) == 2
    await told("pagerduty", pages, alert("resolved", segment="origin=LGA"))
    assert pages.open == {"leeway:/leeway:flights:v1:origin=EWR:default"}


async def test_the_end_of_a_group_ends_what_segments_were_told_by_themselves() -> None:
    pages, posts = PagerDuty(), Alertmanager(BEARER)
    alone = [ungrouped(alert(segment=f"origin={name}")) for name in ("EWR", "JFK")]
    end = alert("resolved", segment="", told_alone=["origin=EWR", "origin=JFK"])
    for kind, fake in (("pagerduty", pages), ("alertmanager", posts)):
        await told(kind, fake, *alone, alert(), end)
    assert pages.open == set()
    assert posts.active(AT) == 0


async def test_long_names_fit_and_still_tell_alerts_apart() -> None:
    fake = PagerDuty()
    names = [{"model": "m" * 200, "version": "v" * 200, "monitor": f"s{i}"} for i in range(2)]
    long = {"features": [{"feature": "f" * 900} for _ in range(10)]}
    tried = await told("pagerduty", fake, *(alert(**name, **long) for name in names))
    assert all(one.succeeded for one in tried)  # type: ignore[attr-defined]
    assert len(fake.open) == 2


async def test_a_test_pages_and_clears() -> None:
    fake = PagerDuty()
    await told("pagerduty", fake, trial())
    assert [event["event_action"] for event in fake.events] == ["trigger", "resolve"]
    assert fake.events[0]["payload"]["severity"] == "info"


async def test_an_alert_is_active_until_it_resolves() -> None:
    fake = Alertmanager(BEARER)
    await told("alertmanager", fake, alert())
    assert fake.active(AT + timedelta(days=29)) == 1
    await told("alertmanager", fake, alert("resolved", features=[], reason="model_deleted"))
    assert fake.active(AT) == 0


async def test_an_alert_ends_whose_severity_was_declared_anew() -> None:
    fake = Alertmanager(BEARER)
    await told("alertmanager", fake, alert(severity="P1"))
    await told("alertmanager", fake, alert("resolved", severity="P3"))
    assert fake.active(AT) == 0


async def test_a_test_alert_ends_by_itself() -> None:
    fake = Alertmanager(BEARER)
    await told("alertmanager", fake, trial())
    assert (fake.active(AT), fake.active(AT + timedelta(minutes=5))) == (1, 0)


async def test_alertmanager_behind_a_user() -> None:
    fake = Alertmanager("Basic bGVld2F5OmNhbmFyeTAxMjM0NTY3ODljYW5hcnkwMTIzNDU2Nzg5")
    change = {"token": None, "user": "leeway", "password": "env:KEY"}
    (tried,) = await told("alertmanager", fake, alert(), **change)
    assert tried.succeeded  # type: ignore[attr-defined]


async def test_nobody_is_mentioned_by_a_name() -> None:
    fake = Slack()
    await told("slack", fake, alert(segment=EVIL, features=[{"feature": EVIL}]))
    (message,) = fake.told
    texts = [message["text"], message["blocks"][0]["text"]["text"]]
    for text in texts:
        assert not any(mark in text for mark in "<>\n\u202e")
        assert "&lt;!channel&gt;" in text
    assert message["mrkdwn"] is False


async def test_long_names_fit_into_a_message() -> None:
    fake = Slack()
    (tried,) = await told("slack", fake, alert(segment="&" * 5_000))
    assert tried.succeeded  # type: ignore[attr-defined]


async def test_what_is_not_slack_is_told_apart() -> None:
    async with receiving(Spoken(lambda _: Reply(200, b"<html>canary"))) as receiver:
        tried = await attempt("slack", SPECIMENS["slack"].options(receiver.url), alert())
    assert tried.error == "HTTP 200, but not as Slack answers"


@pytest.mark.parametrize("url", ["canary", "ftp://canary", "http://u:canary@127.0.0.1"])
async def test_a_secret_that_is_no_url(url: str) -> None:
    SECRETS["STRANGE"] = url
    tried = await attempt("slack", {"url": "env:STRANGE"}, alert())
    assert (tried.status, tried.error) == (None, "env:STRANGE: the secret is not a URL")


@pytest.mark.parametrize(
    ("kind", "options", "pointer"),
    [
        ("slack", {"url": "https://hooks.slack.com/services/tiger"}, "/url"),
        ("pagerduty", {"routing_key": "tiger"}, "/routing_key"),
        ("alertmanager", {"base_url": "http://a", "user": "u"}, "/password"),
        (
            "alertmanager",
            {"base_url": "http://a", "user": "u", "password": "env:A", "token": "env:B"},
            "/token",
        ),
    ],
)
def test_bad_options_are_pointed_at(kind: str, options: dict[str, object], pointer: str) -> None:
    with pytest.raises(Invalid) as raised:
        TARGETS[kind].parse(options)
    assert [fault.pointer for fault in raised.value.faults] == [pointer]
    assert "tiger" not in str(raised.value.faults)
