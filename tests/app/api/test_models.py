import json

import httpx
import pytest

from tests.app.api.service import post, problem, rows, with_baseline

pytestmark = pytest.mark.asyncio(loop_scope="module")
SCHEMA = {
    "features": [
        {"name": "x", "kind": "numeric", "precision": "float32"},
        {"name": "colour", "kind": "categorical", "sensitive": True},
        {"name": "at", "kind": "ignored", "role": "timestamp", "time_unit": "ms"},
    ]
}


async def test_a_model_is_created_once_and_then_unchanged(
    client: httpx.AsyncClient, name: str
) -> None:
    declaration = {"window": "7d", "lateness": "20m", "strict": True, "schema": SCHEMA}
    first = await client.put(f"/v1/models/{name}", json=declaration)
    second = await client.put(f"/v1/models/{name}", json=declaration)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    read = (await client.get(f"/v1/models/{name}")).json()
    assert read == first.json()
    assert read.pop("created_at").endswith("Z")
    assert read.pop("schema")["features"][0] == {
        "name": "x",
        "kind": "numeric",
        "role": "feature",
        "precision": "float32",
        "sensitive": False,
        "time_unit": None,
        "why": "declared",
    }
    assert read == {
        "name": name,
        "window": "7d",
        "lateness": "20m",
        "final_after": "30d",
        "strict": True,
        "deduplicate_rows": None,
        "maximum_silence": None,
        "severities": {"traffic": "P1", "retraining": "P4"},
        "retention": {
            "panes_days": 14,
            "hours_days": 90,
            "distributions_days": 90,
            "days_days": 730,
            "windows_days": 730,
        },
        "segments": None,
        "active_baseline": None,
        "champion": None,
    }


async def test_what_is_left_out_has_defaults(client: httpx.AsyncClient, name: str) -> None:
    made = (await client.put(f"/v1/models/{name}", json={})).json()
    assert (made["window"], made["lateness"], made["final_after"]) == ("1h", "15m", "30d")
    assert made["schema"] is None
    assert made["strict"] is False


@pytest.mark.parametrize(
    ("declaration", "pointer"),
    [
        ({"window": "7m"}, "/window"),
        ({"window": "1y"}, "/window"),
        ({"window": 3600}, "/window"),
        ({"window": None}, "/window"),
        ({"lateness": "400d"}, "/lateness"),
        ({"strict": "yes"}, "/strict"),
        ({"surprise": 1}, "/surprise"),
        ({"schema": {"features": []}}, "/schema/features"),
        ({"schema": {"features": [{"name": "x"}]}}, "/schema/features/0/kind"),
        ({"schema": {"features": [{"name": "x", "kind": "text"}]}}, "/schema/features/0/kind"),
        ({"schema": {"features": [{"name": "", "kind": "numeric"}]}}, "/schema/features/0/name"),
        ({"schema": {"features": [{"name": "x", "kind": "numeric"}] * 2}}, "/schema/features/1"),
        (
            {"schema": {"features": [{"name": "x", "kind": "numeric", "time_unit": "s"}]}},
            "/schema/features/0",
        ),
        ([], ""),
        ("text", ""),
        (None, ""),
    ],
)
async def test_a_wrong_declaration_is_refused_where_it_is_wrong(
    client: httpx.AsyncClient, name: str, declaration: object, pointer: str
) -> None:
    answer = await client.put(
        f"/v1/models/{name}",
        content=json.dumps(declaration),
        headers={"Content-Type": "application/json"},
    )
    assert pointer in [error["pointer"] for error in problem(answer, 422)["errors"]]
    problem(await client.get(f"/v1/models/{name}"), 404)


@pytest.mark.parametrize("wrong", ["-x", "a b", "x" * 129, ".x", "ü", "a%0A", "a$"])
async def test_names_are_plain(client: httpx.AsyncClient, wrong: str) -> None:
    answer = problem(await client.put(f"/v1/models/{wrong}", json={}), 422)
    assert answer["errors"][0]["field"] == "model"


async def test_models_are_listed_page_by_page(client: httpx.AsyncClient) -> None:
    names = [f"paged-{n}" for n in range(5)]
    for one in names:
        await client.put(f"/v1/models/{one}", json={})
    seen: list[str] = []
    cursor = None
    for _ in range(20):
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/v1/models", params=query)).json()
        assert len(page["items"]) <= 2
        seen += [item["name"] for item in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == sorted(seen)
    assert [one for one in seen if one.startswith("paged-")] == names


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "501"}, {"limit": "x"}, {"cursor": "§"}, {"cursor": "MQ"}]
)
async def test_a_wrong_page_is_refused(client: httpx.AsyncClient, query: dict[str, str]) -> None:
    answer = problem(await client.get("/v1/models", params=query), 422)
    assert answer["errors"][0]["field"] in query


async def test_a_deleted_model_is_gone_at_once_and_its_name_free(
    client: httpx.AsyncClient, name: str
) -> None:
    await with_baseline(client, name)
    await post(client, name, rows(10))
    assert (await client.delete(f"/v1/models/{name}")).status_code == 202
    problem(await client.get(f"/v1/models/{name}"), 404)
    problem(await client.get(f"/v1/models/{name}/windows"), 404)
    problem(await client.delete(f"/v1/models/{name}"), 404)
    made = await client.put(f"/v1/models/{name}", json={})
    assert made.status_code == 201
    assert made.json()["active_baseline"] is None


async def test_what_is_counted_keeps_its_kind(client: httpx.AsyncClient, name: str) -> None:
    await with_baseline(client, name)
    schema = {"features": [{"name": "x", "kind": "categorical"}]}
    answer = problem(await client.put(f"/v1/models/{name}", json={"schema": schema}), 409)
    assert answer["type"].endswith(":schema-fixed")


async def test_versions_have_roles_and_one_champion(client: httpx.AsyncClient, name: str) -> None:
    await client.put(f"/v1/models/{name}", json={})
    lineage = {"git_commit": "3f1c2ab", "parameters": {"depth": 3, "rate": 0.1}}
    old = await client.put(
        f"/v1/models/{name}/versions/1", json={"role": "champion", "lineage": lineage}
    )
    new = await client.put(f"/v1/models/{name}/versions/2", json={"role": "champion"})
    again = await client.put(f"/v1/models/{name}/versions/2", json={"role": "champion"})
    assert (old.status_code, new.status_code, again.status_code) == (201, 201, 200)
    assert old.json()["lineage"] == lineage
    listed = (await client.get(f"/v1/models/{name}/versions")).json()["items"]
    assert {one["name"]: one["role"] for one in listed} == {"1": "challenger", "2": "champion"}
    assert (await client.get(f"/v1/models/{name}")).json()["champion"] == "2"


async def test_an_unknown_role_and_an_unknown_model_are_refused(
    client: httpx.AsyncClient, name: str
) -> None:
    path = f"/v1/models/{name}/versions/1"
    problem(await client.put(path, json={"role": "champion"}), 404)
    await client.put(f"/v1/models/{name}", json={})
    wrong = problem(await client.put(path, json={"role": "king"}), 422)
    assert wrong["errors"][0]["pointer"] == "/role"


@pytest.mark.parametrize("media_type", ["", "text/csv", "application/x-www-form-urlencoded"])
async def test_a_declaration_is_json_and_only_that_is_named(
    client: httpx.AsyncClient, name: str, media_type: str
) -> None:
    headers = {"Content-Type": media_type} if media_type else {}
    answer = await client.put(f"/v1/models/{name}", content=b"{}", headers=headers)
    problem(answer, 415)
    assert "application/json" in answer.json()["detail"]
    assert "parquet" not in answer.text


async def test_what_a_second_declaration_leaves_out_goes_back_to_its_default(
    client: httpx.AsyncClient, name: str
) -> None:
    url = f"/v1/models/{name}"
    declaration = {"window": "7d", "maximum_silence": "3h", "lateness": "20m"}
    await client.put(url, json=declaration)
    answer = (await client.put(url, json={"window": "7d"})).json()
    assert (answer["maximum_silence"], answer["lateness"]) == (None, "15m")


async def test_a_member_that_is_not_known_is_named_with_those_that_are(
    client: httpx.AsyncClient, name: str
) -> None:
    feature = {"name": "x", "knd": "numeric"}
    wrong = {"windw": "7d", "canary": 1, "schema": {"features": [feature]}}
    answer = problem(await client.put(f"/v1/models/{name}", json=wrong), 422)
    outer = {one["field"]: one["detail"] for one in answer["errors"]}
    assert outer.keys() == {"windw", "canary"}
    assert "was 'window' meant? There are: " in outer["windw"]
    assert all(known in outer["canary"] for known in ("window", "schema", "lateness", "strict"))
    inner = problem(
        await client.put(f"/v1/models/{name}", json={"schema": {"features": [feature]}}), 422
    )
    (fault,) = inner["errors"]
    assert fault["pointer"] == "/schema/features/0/knd"
    assert "was 'kind' meant? There are: name, kind, role" in fault["detail"]
