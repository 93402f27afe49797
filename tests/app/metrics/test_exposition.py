"""What is served: the same on all replicas, of the present, in the format that is asked for."""

from collections import Counter
from datetime import timedelta

import pytest

from app.domain.model import VersionRole
from app.metrics import Exposition, Requests
from app.store import SqlStore
from tests.app.conftest import Place
from tests.app.metrics.made import samples
from tests.app.steps.world import HOUR, MODEL, START, World, world

TEXT = "text/plain"
OPENMETRICS = "application/openmetrics-text;version=1.0.0"


def of(name: str, text: str) -> dict[frozenset[tuple[str, str]], float]:
    return {labels: value for (said, labels), value in samples(text).items() if said == name}


async def told(exposition: Exposition, accept: str = TEXT) -> str:
    return (await exposition.render(accept)).body.decode()


async def drifted(w: World) -> None:
    await w.declare()
    await w.reference()
    await w.send(START, shift=2.0)
    await w.send(START + HOUR)
    await w.close()


async def test_two_replicas_answer_the_same_from_what_is_stored(
    store: SqlStore, place: Place
) -> None:
    async with world(store, place.clock) as w:
        await drifted(w)
        first, second = [Exposition(store, "0") for _ in range(2)]
        one, two = [await exposition.render(TEXT) for exposition in (first, second)]
    assert one == two
    text = one.body.decode()
    firing = {"model": "m", "version": "default", "segment": "", "monitor": "default"}
    assert of("leeway_alert_firing", text) == {frozenset((firing | {"severity": "P2"}).items()): 1}
    judged = {dict(labels)["monitor"] for labels in of("leeway_window_rows", text)}
    assert judged == {"default", "quality"}
    open_ = of("leeway_windows_open", text)
    assert list(open_.values()) == [1]


async def test_what_changes_is_told_at_the_next_scrape(store: SqlStore, place: Place) -> None:
    async with world(store, place.clock) as w:
        exposition = Exposition(store, "0")
        await w.declare()
        await w.reference()
        before = await told(exposition)
        await w.send(START)
        place.clock.forward(timedelta(seconds=1))
        after = await told(exposition)
    assert not of("leeway_ingest_rows_total", before)
    assert list(of("leeway_ingest_rows_received_total", after).values()) == [400]


async def test_what_a_version_that_is_retired_said_disappears(
    store: SqlStore, place: Place
) -> None:
    async with world(store, place.clock) as w:
        exposition = Exposition(store, "0")
        await drifted(w)
        assert 'version="default"' in await told(exposition)
        async with store.write() as unit:
            ground = await unit.models.ground(MODEL)
            assert ground is not None
            await unit.models.put_version(ground.model.id, "default", VersionRole.RETIRED, {})
        place.clock.forward(timedelta(seconds=11))
        assert 'version="default"' not in await told(exposition)


async def test_verdicts_are_counted_from_the_first_look_on_and_name_the_last(
    store: SqlStore, place: Place
) -> None:
    async with world(store, place.clock) as w:
        exposition = Exposition(store, "0")
        await drifted(w)
        before = of("leeway_verdicts_total", await told(exposition))
        await w.send(START + 3 * HOUR, shift=2.0)
        await w.close()
        place.clock.forward(timedelta(seconds=11))
        after = of("leeway_verdicts_total", await told(exposition))
        page = await told(exposition, OPENMETRICS)
    assert set(before.values()) == {0}
    assert after.keys() == before.keys()
    assert sum(after.values()) == 2  # the hour that was open, under both monitors
    (line, _) = [one for one in page.splitlines() if "verdict_id" in one]
    assert line.startswith("leeway_verdicts_total{")
    assert ' # {verdict_id="' in line
    samples(page, openmetrics=True)


async def test_features_beyond_the_budget_are_counted_and_come_back_with_it(
    store: SqlStore, place: Place
) -> None:
    async with world(store, place.clock) as w:
        await drifted(w)
        tight, wide = Exposition(store, "0", features=1), Exposition(store, "0")
        some, all_ = await told(tight), await told(wide)
    assert len(of("leeway_feature_state", all_)) == 16  # two columns, two monitors, four states
    assert {dict(labels)["feature"] for labels in of("leeway_feature_state", some)} == {"x"}
    assert sum(of("leeway_window_features_left_out", some).values()) == 3
    assert sum(of("leeway_window_features_left_out", all_).values()) == 0
    counted = [of("leeway_window_features", text) for text in (some, all_)]
    assert counted[0] == counted[1]
    assert sum(counted[0].values()) == 4


@pytest.mark.parametrize("accept", [TEXT, OPENMETRICS])
async def test_requests_of_this_replica_are_told_at_once(store: SqlStore, accept: str) -> None:
    requests = Requests()
    exposition = Exposition(store, "0", Counter({("", 429): 2}), requests)
    await exposition.render(accept)
    requests.observe("/v1/models", "GET", 200, 0.02)
    page = await exposition.render(accept)
    found = samples(page.body.decode(), openmetrics=accept == OPENMETRICS)
    who = {("route", "/v1/models"), ("method", "GET")}
    assert found["leeway_http_requests_total", frozenset(who | {("status", "200")})] == 1
    assert found["leeway_http_request_duration_seconds_count", frozenset(who)] == 1
    assert found["leeway_http_refused_total", frozenset({("route", ""), ("status", "429")})] == 2
    assert accept.split(";", maxsplit=1)[0] in page.media_type
