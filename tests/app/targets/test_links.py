"""Messages to people lead to the window, where it is known how this service is reached."""

import json
from typing import Any

import pytest

from app.domain.alerts.event import Event
from app.settings import Settings
from app.targets import alertmanager, pagerduty, slack
from app.targets._happened import Happened, happened
from app.targets._kind import Outgoing
from tests.app.targets.exchange import AT, alert

URL = "https://leeway.example/drift"
WINDOW = f"{URL}/v1/models/flights/windows/2026-03-02T00:00:00Z?version=v1&monitor=default"


def read(event: Event) -> Happened:
    return happened(Outgoing(event.id, event.type, event.body, AT))


def test_every_kind_for_people_carries_the_link() -> None:
    fired = read(alert())
    assert WINDOW in json.dumps(slack.document(fired, URL)).replace("&amp;", "&")
    assert pagerduty.links(fired, URL)["links"] == [
        {"href": WINDOW, "text": "The window in Leeway"}
    ]
    posted: Any = alertmanager.document(fired, URL)
    assert posted[0]["generatorURL"] == WINDOW


def test_without_an_address_there_is_none() -> None:
    fired = read(alert())
    assert fired.link(None) is None
    assert pagerduty.links(fired, None) == {}
    posted: Any = alertmanager.document(fired)
    assert "generatorURL" not in posted[0]
    assert "http" not in json.dumps(slack.document(fired))


@pytest.mark.parametrize(
    ("more", "link"),
    [
        ({"window": None}, f"{URL}/v1/alerts?model=flights"),
        ({"segment": "a=b&c"}, WINDOW.replace("&monitor", "&segment=a%3Db%26c&monitor")),
    ],
)
def test_what_leads_where(more: dict[str, Any], link: str) -> None:
    assert read(alert(**more)).link(URL) == link


@pytest.mark.parametrize("url", ["https://a.example", "http://10.0.0.1:8000/x"])
def test_an_address_is_taken_as_people_write_it(url: str) -> None:
    assert Settings(public_url=url).public_url == url


@pytest.mark.parametrize("url", ["a.example", "ftp://a", "https://a/", "https://a/x?y", "https://"])
def test_what_is_no_address_to_build_on_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="public_url"):
        Settings(public_url=url)
