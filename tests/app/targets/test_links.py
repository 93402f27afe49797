"""Messages to people lead to the window, where it is known how this service is reached."""

import json
from typing import Any

import pytest

from app.domain.alerts.event import Event
from app.settings import Settings
from app.targets import alertmanager, pagerduty, slack
from app.targets._happened import Happened, happened
from app.targets._kind import Outgoing
from tests.app.targets.exchange import AT, alert, member

URL = "https://leeway.example/drift"
API = f"{URL}/v1/models/flights/windows/2026-03-02T00:00:00Z?version=v1&monitor=default"
WINDOW = f"{URL}/models/flights?version=v1&monitor=default&window=2026-03-02T00%3A00%3A00Z"


def read(event: Event) -> Happened:
    return happened(Outgoing(event.id, event.type, event.body, AT))


def test_every_kind_for_people_carries_the_link() -> None:
    fired = read(alert())
    assert WINDOW in json.dumps(slack.document(fired, URL)).replace("&amp;", "&")
    assert pagerduty.links(fired, URL)["links"] == [
        {"href": WINDOW, "text": "The window in Leeway"},
        {"href": API, "text": "The same as JSON"},
    ]
    posted: Any = alertmanager.document(fired, URL)
    assert posted[0]["generatorURL"] == WINDOW
    assert posted[0]["annotations"]["api"] == API


def test_without_an_address_there_is_none() -> None:
    fired = read(alert())
    assert fired.link(None) is None
    assert pagerduty.links(fired, None) == {}
    posted: Any = alertmanager.document(fired)
    assert "generatorURL" not in posted[0]
    assert "http" not in json.dumps(slack.document(fired))


@pytest.mark.parametrize(
    ("more", "page", "api"),
    [
        (
            {"window": None, "version": "*", "monitor": "traffic"},
            f"{URL}/models/flights?monitor=traffic",
            f"{URL}/v1/alerts?model=flights",
        ),
        (
            {"segment": "a=b&c"},
            WINDOW.replace("&monitor", "&segment=a%3Db%26c&monitor"),
            API.replace("&monitor", "&segment=a%3Db%26c&monitor"),
        ),
    ],
)
def test_what_leads_where(more: dict[str, Any], page: str, api: str) -> None:
    happening = read(alert(**more))
    assert (happening.link(URL), happening.api_link(URL)) == (page, api)


def test_a_message_names_whom_else_it_is_about_and_how_many_more() -> None:
    others = [member(f"origin={number}", changed=number < 4) for number in range(9)]
    group = {"group": {"reason": "joined", "firing": 23, "changed": 5, "recovered": 0}}
    fired = read(alert(**group, members=[member(), *others], members_left_out=13))
    assert "flights, all rows and 4 segments (version v1): default" in fired.headline()
    *named, left = fired.lines()
    assert named[0] == "origin=0 (firing): Température, wind"
    assert named[-1] == "origin=4 (still firing): Température, wind"
    assert left == "and 17 more"
    for kind in (slack.document(fired, URL), alertmanager.document(fired, URL)):
        assert "origin=4" in json.dumps(kind)
        assert "and 17 more" in json.dumps(kind)


def test_a_message_about_segments_counts_them() -> None:
    group = {"group": {"reason": "began", "firing": 2, "changed": 2, "recovered": 0}}
    fired = read(alert(segment="origin=JFK", **group))
    assert "flights, segment origin=JFK and 1 segment more (version v1)" in fired.headline()


@pytest.mark.parametrize("url", ["https://a.example", "http://10.0.0.1:8000/x"])
def test_an_address_is_taken_as_people_write_it(url: str) -> None:
    assert Settings(public_url=url).public_url == url


@pytest.mark.parametrize("url", ["a.example", "ftp://a", "https://a/", "https://a/x?y", "https://"])
def test_what_is_no_address_to_build_on_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="public_url"):
        Settings(public_url=url)
