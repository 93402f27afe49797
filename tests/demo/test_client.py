"""The demo's client repeats safely, reads every page, and passes on what the service says."""

import json
import re

import pytest

from app.demo.client import TRIES, Client, RefusedError
from app.demo.story import load, posts, tell

from .fake_service import FakeService, window


@pytest.fixture(scope="module")
def post():
    return next(posts(tell(load())))


async def test_a_busy_service_is_asked_again_under_the_same_key(post):
    service = FakeService(busy=2)
    async with service.http() as http:
        receipt = await Client(http, "flights").send(post)
    assert receipt.counted == post.rows.height
    assert [request.headers["Idempotency-Key"] for request in service.requests] == [post.key] * 3
    assert len({request.content for request in service.requests}) == 1


async def test_a_service_that_stays_busy_is_an_error(post):
    service = FakeService(busy=TRIES)
    async with service.http() as http:
        with pytest.raises(RefusedError):
            await Client(http, "flights").send(post)
    assert len(service.requests) == TRIES


async def test_times_are_sent_as_rfc_3339(post):
    service = FakeService()
    async with service.http() as http:
        await Client(http, "flights").send(post)
    rows = json.loads(service.requests[0].content)
    assert len(rows) == post.rows.height
    assert all(re.fullmatch(r"2013-03-04T\d\d:\d\d:\d\dZ", row["timestamp"]) for row in rows)
    assert rows[0]["temp"] == post.rows["temp"][0]


async def test_judged_windows_of_all_pages_come_oldest_first():
    starts = [f"2013-03-{day:02}T00:00:00Z" for day in (25, 18, 11, 4)]
    newest, *judged = (window(start, "ok") for start in starts)
    service = FakeService([{**newest, "verdict": None}, *judged])
    async with service.http() as http:
        assert await Client(http, "flights").closed_weeks() == starts[:0:-1]


async def test_a_refusal_says_what_the_service_said(post):
    async with FakeService().http() as http:
        with pytest.raises(RefusedError, match="422 cannot be read; column x is nested"):
            await Client(http, "flights").upload_reference(post.rows)
