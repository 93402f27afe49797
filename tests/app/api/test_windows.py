import httpx
import pytest
from fastapi import FastAPI

from tests.app.api.service import (
    HOUR,
    START,
    judged,
    post,
    problem,
    rows,
    stamp,
    with_baseline,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_window_like_its_reference_is_ok(
    client: httpx.AsyncClient, app: FastAPI, name: str
) -> None:
    await with_baseline(client, name)
    await post(client, name, rows(2_000))
    window = await judged(client, app, name)
    assert window["verdict"].pop("id") == window["revisions"][0]["verdict"]
    assert window["verdict"] == {
        "state": "ok", "warning": False, "page": False, "reason": None, "drifted": [],
    }  # fmt: skip
    assert (window["start"], window["end"]) == (stamp(START), stamp(START + HOUR))
    assert (window["status"], window["revision"], window["rows"]) == ("closed", 1, 2_000)
    assert (window["version"], window["segment"], window["baseline"]) == ("default", "", 1)
    found = {one["feature"]: one for one in window["features"]}
    assert found["x"]["kind"] == "numeric"
    assert found["x"]["statistics"].keys() == {"psi", "ks", "anderson_darling"}
    assert found["colour"]["statistics"].keys() == {"psi", "chi2"}
    assert found["x"]["statistics"]["ks"]["value"] == 0
    assert window["quality"] == []
    assert [one["revision"] for one in window["revisions"]] == [1]


async def test_a_changed_feature_drifts_and_fires_an_alert(
    client: httpx.AsyncClient, app: FastAPI, name: str
) -> None:
    await with_baseline(client, name)
    moved = rows(2_000, x=[float(i) + 30 for i in range(50)], colour=["red", "green", "blue"])
    await post(client, name, moved)
    window = await judged(client, app, name)
    assert window["verdict"]["state"] == "drift"
    assert window["verdict"]["drifted"] == ["x"]
    listed = (await client.get(f"/v1/models/{name}/windows?limit=1")).json()
    assert listed["items"][0]["start"] == stamp(START + 2 * HOUR)
    rest = await client.get(f"/v1/models/{name}/windows?cursor={listed['next_cursor']}")
    line = rest.json()["items"][0]
    assert line == {key: window[key] for key in line}
    alerts = (await client.get(f"/v1/alerts?model={name}&state=firing")).json()["items"]
    assert [(one["state"], one["severity"], one["worst"]) for one in alerts] == [
        ("firing", "P2", ["x"])
    ]
    alert = (await client.get(f"/v1/alerts/{alerts[0]['id']}")).json()
    assert alert["steps"][0]["reason"] == "evidence"
    assert alert["steps"][0]["window"] == stamp(START)


async def test_a_distribution_sums_to_its_rows_and_its_psi(
    client: httpx.AsyncClient, app: FastAPI, name: str
) -> None:
    await with_baseline(client, name)
    await post(client, name, rows(1_000, x=[1.0, 2.0, None, "wrong"], colour=["red", "new"]))
    window = await judged(client, app, name)
    path = f"/v1/models/{name}/windows/{stamp(START)}/features"
    for feature in ("x", "colour"):
        shown = (await client.get(f"{path}/{feature}")).json()
        bins = shown["bins"]
        assert sum(one["current"] for one in bins) == 1_000
        assert sum(one["current_share"] for one in bins) == pytest.approx(1)
        parts = sum(one["contribution"] for one in bins)
        assert parts == pytest.approx(shown["statistics"]["psi"]["value"])
        verdict = next(one for one in window["features"] if one["feature"] == feature)
        assert shown["statistics"] == verdict["statistics"]
        assert shown["state"] == verdict["state"] == "drift"
    by_kind = {one["kind"]: one for one in (await client.get(f"{path}/x")).json()["bins"]}
    assert (by_kind["missing"]["current"], by_kind["invalid"]["current"]) == (250, 250)
    assert [(one["code"], one["feature"], one["rows"]) for one in window["quality"]] == [
        ("invalid", "x", 250)
    ]


async def test_absent_and_unknown_columns_are_findings_of_the_window(
    client: httpx.AsyncClient, app: FastAPI, name: str
) -> None:
    await with_baseline(client, name)
    await post(client, name, rows(1_000, x=[1.0], debug=["d"]))
    window = await judged(client, app, name)
    found = [(one["code"], one["feature"]) for one in window["quality"]]
    assert found == [("absent", "colour"), ("unknown", "debug")]


async def test_an_open_window_shows_what_it_holds(client: httpx.AsyncClient, name: str) -> None:
    await with_baseline(client, name)
    await post(client, name, rows(100))
    window = (await client.get(f"/v1/models/{name}/windows/{stamp(START)}")).json()
    assert (window["status"], window["revision"], window["verdict"]) == ("open", 0, None)
    shown = await client.get(f"/v1/models/{name}/windows/{stamp(START)}/features/colour")
    assert sum(one["current"] for one in shown.json()["bins"]) == 100
    assert shown.json()["state"] is None


async def test_late_rows_restate_and_the_old_figure_stays(
    client: httpx.AsyncClient, app: FastAPI, name: str
) -> None:
    await with_baseline(client, name)
    await post(client, name, rows(1_000))
    first = await judged(client, app, name)
    await post(client, name, rows(500, START + HOUR / 600))
    for _ in range(100):
        app.state.service.workers.closing.signal.set()
        again = (await client.get(f"/v1/models/{name}/windows/{stamp(START)}")).json()
        if again["revision"] == 2:
            break
    assert (again["rows"], again["cause"]) == (1_500, "late_rows")
    assert [one["rows"] for one in again["revisions"]] in ([1_000, 1_500], [1_500, 1_000])
    then = await client.get(
        f"/v1/models/{name}/windows/{stamp(START)}", params={"as_of": first["judged_at"]}
    )
    assert (then.json()["revision"], then.json()["rows"]) == (1, 1_000)


async def test_a_feature_is_followed_over_time(
    client: httpx.AsyncClient, app: FastAPI, name: str
) -> None:
    await with_baseline(client, name)
    for hours in (0, 4):
        await post(client, name, rows(1_000, START + hours * HOUR))
        await judged(client, app, name, START + hours * HOUR)
    page = (await client.get(f"/v1/models/{name}/estimates/x?limit=1")).json()
    assert page["items"][0]["start"] == stamp(START + 4 * HOUR)
    assert page["items"][0]["statistics"]["psi"]["n_cur"] == 1_000
    rest = await client.get(
        f"/v1/models/{name}/estimates/x", params={"cursor": page["next_cursor"]}
    )
    assert rest.json()["items"][-1]["start"] == stamp(START)


async def test_a_second_version_has_windows_of_its_own(
    client: httpx.AsyncClient, name: str
) -> None:
    await with_baseline(client, name)
    answer = await client.post(f"/v1/models/{name}/batches?version=next", json=rows(10))
    assert answer.json()["version"] == "next"
    listed = (await client.get(f"/v1/models/{name}/versions")).json()["items"]
    assert {one["name"]: one["role"] for one in listed} == {
        "default": "champion",
        "next": "shadow",
    }
    assert (await client.get(f"/v1/models/{name}/windows")).json()["items"] == []
    own = (await client.get(f"/v1/models/{name}/windows?version=next")).json()["items"]
    assert [(one["version"], one["rows"]) for one in own] == [("next", 10)]


async def test_a_sensitive_feature_hides_its_levels_and_limits(
    client: httpx.AsyncClient, name: str
) -> None:
    schema = {
        "features": [
            {"name": "timestamp", "kind": "ignored", "role": "timestamp"},
            {"name": "x", "kind": "numeric", "sensitive": True},
            {"name": "colour", "kind": "categorical", "sensitive": True},
        ]
    }
    await client.put(f"/v1/models/{name}", json={"schema": schema})
    await client.post(f"/v1/models/{name}/baselines", json=rows(2_000))
    await post(client, name, rows(100))
    path = f"/v1/models/{name}/windows/{stamp(START)}/features"
    for feature in ("x", "colour"):
        answer = await client.get(f"{path}/{feature}")
        assert "red" not in answer.text
        assert all(one["lower"] is one["upper"] is None for one in answer.json()["bins"])


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("version=none", 404),
        ("monitor=none", 404),
        ("width=7d", 422),
        ("width=x", 422),
        ("as_of=yesterday", 422),
        ("as_of=9999-12-31T23:59:59-23:59", 422),
        ("limit=0", 422),
        ("cursor=x", 422),
        ("version=a%20b", 422),
    ],
)
async def test_a_series_that_is_not_there(
    client: httpx.AsyncClient, name: str, query: str, status: int
) -> None:
    await with_baseline(client, name)
    problem(await client.get(f"/v1/models/{name}/windows?{query}"), status)


async def test_windows_and_features_that_are_not_there(
    client: httpx.AsyncClient, name: str
) -> None:
    await with_baseline(client, name)
    await post(client, name, rows(10))
    path = f"/v1/models/{name}"
    problem(await client.get(f"{path}/windows/2024-01-05T00:00:00Z"), 404)
    problem(await client.get(f"{path}/windows/soon"), 422)
    problem(await client.get(f"{path}/windows/{stamp(START)}/features/none"), 404)
    problem(await client.get(f"{path}/windows/{stamp(START)}/features/timestamp"), 404)
    problem(await client.get(f"{path}/windows/2024-01-05T00:00:00Z/features/x"), 404)
    problem(await client.get(f"{path}/estimates/none"), 404)
    problem(await client.get("/v1/models/none/windows"), 404)
    problem(await client.get("/v1/alerts/99999"), 404)
    problem(await client.get("/v1/alerts?model=none"), 404)
    problem(await client.get("/v1/alerts?state=loud"), 422)
