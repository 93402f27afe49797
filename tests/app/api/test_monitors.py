import httpx
import pytest
from fastapi import FastAPI

from tests.app.api.service import judged, post, problem, rows, with_baseline

pytestmark = pytest.mark.asyncio(loop_scope="module")
EXCLUSION: dict[str, str | None] = dict.fromkeys(
    ("cron", "for", "date", "from", "to", "country", "subdivision")
) | {"timezone": "UTC"}
DECLARED = {
    "kind": "data_drift",
    "window": None,
    "step": None,
    "roles": ["feature"],
    "features": {"include": ["x"], "exclude": []},
    "statistics": {"numeric": ["psi", "ks"], "categorical": None},
    "thresholds": {"psi": {"warning": 0.1, "drift": 0.25}},
    "overrides": {"x": {"ks": {"warning": None, "drift": 0.3}}},
    "outputs": {"positive": None, "threshold": None},
    "level": 0.01,
    "min_rows": 200,
    "rule": {"kind": "weighted_share", "share": 0.5, "features": [], "weights": {"x": 2.0}},
    "also": [
        {"kind": "trailing", "span": "7d", "weeks": None, "version": None},
        {"kind": "same_hour", "span": None, "weeks": 2, "version": None},
    ],
    "exclude": [
        EXCLUSION | {"cron": "0 22 * * 5", "for": "8h", "timezone": "Europe/Berlin"},
        EXCLUSION | {"date": "2026-12-24"},
        EXCLUSION | {"from": "2026-12-27", "to": "2027-01-02"},
        EXCLUSION | {"country": "DE", "subdivision": "BE"},
    ],
    "severity": "P3",
    "fire_after": 2,
    "fire_of": 3,
    "resolve_after": 4,
    "targets": None,
    "pages": True,
    "enabled": True,
}


async def test_a_monitor_is_declared_read_listed_and_deleted(
    client: httpx.AsyncClient, name: str
) -> None:
    await with_baseline(client, name)
    path = f"/v1/models/{name}/monitors/mine"
    made = await client.put(path, json=DECLARED)
    assert made.status_code == 201, made.text
    body = made.json()
    names = [one.pop("comparison") for one in body["also"]]
    assert names == ["trailing-10080m", "same_hour-2w"]
    assert {key: body[key] for key in DECLARED} == DECLARED
    body = (await client.get(path)).json()
    assert (body["name"], body["version"]) == ("mine", 1)
    assert body["page_level"] == pytest.approx(0.1 / 4_320)
    again = await client.put(path, json=DECLARED)
    assert (again.status_code, again.json()) == (200, body)
    assert (await client.get(path)).json() == body
    listed = (await client.get(f"/v1/models/{name}/monitors")).json()
    assert [one["name"] for one in listed["items"]] == ["default", "mine", "quality", "traffic"]
    assert listed["items"][1] == body
    first = (await client.get(f"/v1/models/{name}/monitors?limit=1")).json()
    rest = await client.get(f"/v1/models/{name}/monitors?cursor={first['next_cursor']}")
    assert [one["name"] for one in rest.json()["items"]] == ["mine", "quality", "traffic"]
    changed = await client.put(path, json=DECLARED | {"level": 0.02})
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert (await client.delete(path)).status_code == 204
    problem(await client.get(path), 404)
    problem(await client.delete(path), 404)


async def test_what_is_left_out_is_as_usual(client: httpx.AsyncClient, name: str) -> None:
    await with_baseline(client, name)
    path = f"/v1/models/{name}/monitors"
    thresholds = {"psi": {"drift": 0.05}, "ks": {"warning": 0.05}, "wasserstein": {"drift": 3}}
    body = {"kind": "data_drift", "thresholds": thresholds}
    made = (await client.put(f"{path}/a", json=body)).json()
    assert made["thresholds"] == {
        "ks": {"warning": 0.05, "drift": 0.1},
        "psi": {"warning": 0.05, "drift": 0.05},
        "wasserstein": {"warning": None, "drift": 3.0},
    }
    assert (made["roles"], made["severity"]) == (["feature"], "P2")
    quality = (await client.put(f"{path}/b", json={"kind": "data_quality"})).json()
    assert (quality["severity"], quality["roles"][-1]) == ("P3", "score")


async def test_windows_may_go_by_rows(client: httpx.AsyncClient, name: str) -> None:
    await with_baseline(client, name)
    path = f"/v1/models/{name}/monitors/mine"
    body = {"kind": "data_drift", "window": {"rows": 5_000}}
    made = (await client.put(path, json=body)).json()
    assert made["window"] == {"rows": 5_000}
    assert made["page_level"] == pytest.approx(0.1 / (2_160 + 8_640))
    assert (await client.put(path, json=body)).json()["version"] == 1
    listed = await client.get(f"/v1/models/{name}/windows?monitor=mine")
    assert listed.json()["items"] == []
    own = await client.put(f"/v1/models/{name}/monitors/default", json=body)
    assert problem(own, 422)["errors"][0]["pointer"] == "/window"


@pytest.mark.parametrize(
    ("change", "pointer", "words"),
    [
        ({"kind": "performance"}, "/kind", "needs labels"),
        ({"kind": "traffic"}, "/kind", "its name is 'traffic'"),
        ({"maximum_silence": "1h"}, "/maximum_silence", "belongs to 'traffic'"),
        ({"roles": []}, "/roles", "at least one"),
        ({"kind": "guess"}, "/kind", "data_drift"),
        ({"window": "7m"}, "/window", "multiple of 15m"),
        ({"window": {"rows": 0}}, "/window", "from 1"),
        ({"window": {"rows": 5, "days": 1}}, "/window", "from 1"),
        ({"window": 5}, "/window", "1h"),
        ({"window": {"rows": 5_000}, "step": "1h"}, "/step", "follow each other"),
        ({"window": "1d", "step": "7h"}, "/step", "divides the window"),
        ({"window": "30d", "step": "15m"}, "/step", "at most 168"),
        ({"features": {"include": ["y"]}}, "/features/include/0", "no counted column"),
        ({"features": {"include": ["x"], "exclude": ["x"]}}, "/features", "leaves no column"),
        ({"kind": "prediction_drift", "roles": ["feature"]}, "/roles", "outputs"),
        ({"statistics": {"categorical": ["ks"]}}, "/statistics/categorical/0", "must be one of"),
        (
            {"kind": "data_quality", "thresholds": {"psi": {"drift": 1}}},
            "/thresholds/psi",
            "unseen",
        ),
        ({"thresholds": {"pis": {"drift": 1}}}, "/thresholds/pis", "psi"),
        ({"thresholds": {"psi": {"warning": 2, "drift": 1}}}, "/thresholds/psi/warning", "above"),
        ({"overrides": {"y~/": {"psi": {}}}}, "/overrides/y~0~1", "no counted column"),
        ({"rule": {"kind": "share"}}, "/rule/share", "needed"),
        ({"rule": {"kind": "any", "share": 0.5}}, "/rule/share", "not belong"),
        ({"rule": {"kind": "named"}}, "/rule/features", "needed"),
        ({"rule": {"kind": "share", "share": 1.5}}, "/rule/share", "less than or equal to 1"),
        ({"also": [{"kind": "trailing"}]}, "/also/0/span", "multiple of 15m"),
        ({"also": [{"kind": "previous", "weeks": 2}]}, "/also/0/weeks", "same_hour"),
        ({"also": [{"kind": "previous"}, {"kind": "previous"}]}, "/also/1", "twice"),
        ({"exclude": [{"timezone": "UTC"}]}, "/exclude/0", "one of"),
        ({"exclude": [{"cron": "0 61 * * *", "for": "1h"}]}, "/exclude/0/cron", "bad hour"),
        ({"exclude": [{"cron": "0 0 * * *"}]}, "/exclude/0/for", "8h"),
        ({"exclude": [{"date": "24.12.2026"}]}, "/exclude/0/date", "2026-12-24"),
        ({"exclude": [{"country": "DE", "subdivision": "XX"}]}, "/exclude/0/subdivision", "BE"),
        ({"exclude": [{"date": "2026-12-24"}] * 21}, "/exclude", "at most 20"),
        ({"fire_after": 4, "fire_of": 3}, "/fire_of", "from fire_after, 4"),
        ({"fire_after": 0}, "/fire_after", "greater"),
        ({"targets": ["nobody"]}, "/targets/0", "no such target"),
        ({"targets": []}, "/targets", "at least 1"),
        ({"level": "0.05"}, "/level", "valid"),
        ({"treshold": 1}, "/treshold", "'thresholds' meant? There are: kind,"),
    ],
)
async def test_refusals_name_the_field(
    client: httpx.AsyncClient, name: str, change: dict[str, object], pointer: str, words: str
) -> None:
    await with_baseline(client, name)
    path = f"/v1/models/{name}/monitors/mine"
    refused = problem(await client.put(path, json={"kind": "data_drift"} | change), 422)
    assert pointer in [error["pointer"] for error in refused["errors"]]
    assert words in str(refused["errors"])
    problem(await client.get(path), 404)


@pytest.mark.parametrize("reserved", ["traffic", "retraining"])
async def test_some_names_are_taken(client: httpx.AsyncClient, name: str, reserved: str) -> None:
    await with_baseline(client, name)
    path = f"/v1/models/{name}/monitors/{reserved}"
    problem(await client.put(path, json={"kind": "data_drift"}), 422)


async def test_windows_are_read_as_each_monitor_judged_them(
    client: httpx.AsyncClient, app: FastAPI, name: str
) -> None:
    await with_baseline(client, name)
    wide = {"kind": "data_drift", "features": {"include": ["colour"]}}
    wide["also"] = [{"kind": "previous"}]
    assert (await client.put(f"/v1/models/{name}/monitors/colours", json=wide)).status_code == 201
    moved = rows(2_000, x=[float(i) + 30 for i in range(50)], colour=["red", "green", "blue"])
    await post(client, name, moved)
    mine = await judged(client, app, name)
    assert (mine["monitor"], mine["monitor_version"]) == ("default", 1)
    assert mine["verdict"]["state"] == "drift"
    path = f"/v1/models/{name}/windows/{mine['start']}"
    other = (await client.get(f"{path}?monitor=colours")).json()
    assert (other["monitor"], other["verdict"]["state"]) == ("colours", "ok")
    assert [one["feature"] for one in other["features"]] == ["colour"]
    bad = (await client.get(f"{path}?monitor=quality")).json()
    assert [one["feature"] for one in bad["features"] if one["state"] == "drift"] == ["x"]
    assert bad["features"][1]["statistics"]["above_range"]["value"] == pytest.approx(0.6)
    for query in ("", "?monitor=quality"):
        points = (await client.get(f"/v1/models/{name}/estimates/x{query}")).json()
        assert len(points["items"]) == 1
    problem(await client.get(f"{path}?monitor=nobody"), 404)
    against = (await client.get(f"{path}?monitor=colours&comparison=previous")).json()
    assert against["verdict"]["state"] == "insufficient_data", "there is no window before"
    assert [one["comparison"] for one in against["comparisons"]] == ["reference", "previous"]
    bins = (await client.get(f"{path}/features/colour?monitor=colours&comparison=previous")).json()
    assert (bins["bins"], bins["reason"]) == ([], "comparison")
    assert (await client.delete(f"/v1/models/{name}/monitors/default")).status_code == 204
    kept = (await client.get(path)).json()
    assert kept["verdict"]["state"] == "drift", "what was said stays"
    alerts = (await client.get(f"/v1/alerts?model={name}")).json()["items"]
    assert [(one["monitor"], one["state"], one["reason"]) for one in alerts] == [
        ("colours", "inactive", "quiet"),
        ("default", "resolved", "monitor_deleted"),
    ]


ONLY_TOLD = {"name", "version", "page_level", "created_at"}


async def test_what_is_told_of_a_monitor_can_be_declared(
    client: httpx.AsyncClient, name: str
) -> None:
    path = f"/v1/models/{name}/monitors/inputs"
    await client.put(f"/v1/models/{name}", json={})
    also = [
        {"kind": "previous"},
        {"kind": "trailing", "span": "4w"},
        {"kind": "same_hour"},
        {"kind": "version"},
    ]
    body = {"kind": "data_drift", "severity": "P3", "also": also}
    made = await client.put(path, json=body)
    assert made.status_code == 201, made.text
    told = {key: one for key, one in made.json().items() if key not in ONLY_TOLD}
    again = await client.put(path, json=told)
    assert (again.status_code, again.json()) == (200, made.json()), again.text
    told["also"][1]["comparison"] = "previous"
    (fault,) = problem(await client.put(path, json=told), 422)["errors"]
    assert fault["pointer"] == "/also/1"
    assert fault["detail"] == "`comparison` goes by the other members: leave it out"
