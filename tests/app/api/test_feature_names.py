"""Feature names are free text: whatever a name holds, it comes back from a path unchanged."""

from typing import Any
from urllib.parse import quote

import httpx
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from starlette.routing import compile_path

from app.api.edge.paths import TailConvertor
from tests.app.api.service import START, post, problem, rows, stamp

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAMES = [
    "plain",
    "two words",
    " edges ",
    "a/b",
    "/leading",
    "trailing/",
    "a//b",
    "..",
    "../..",
    ".",
    "a/../b",
    "100%",
    "%2F",
    "50%25",
    "price ($)",
    "[0].x",
    "{feature}",
    "{feature:path}",
    'quote"d',
    "it's",
    "a?b=c&d#e",
    "a+b",
    "semi;colon",
    "back\\slash",
    "tab\tand\nline",
    "line\n",
    "température",
    "e\u0301",
    "\u00e9",
    "日本語",
    "שלום",
    "\U0001f6e9",
    "\u200b",
    "features/x",
    "batches/k",
    "__proto__",
    "=cmd|x",
    "<script>",
    "'; drop table model; --",
    "x" * 1000,
]


ODD = "odd-names"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def told(client: httpx.AsyncClient) -> tuple[httpx.Response, dict[str, Any]]:
    """What was answered to a baseline and a batch with these names."""
    columns = {one: [float(i % 50) for i in range(100)] for one in NAMES}
    await client.put(f"/v1/models/{ODD}", json={})
    made = await client.post(f"/v1/models/{ODD}/baselines", json=rows(1_500, **columns))
    assert made.status_code == 201, made.text
    return made, await post(client, ODD, rows(50, **columns))


@pytest.fixture
def odd(told: object) -> str:  # noqa: ARG001  once it was told, the model is there
    return ODD


async def test_every_name_comes_back(told: tuple[httpx.Response, dict[str, Any]]) -> None:
    made, receipt = told
    declared = [one["name"] for one in made.json()["schema"]["features"]]
    assert declared == ["timestamp", *NAMES]
    assert (receipt["absent"], receipt["unknown"], receipt["invalid"]) == ([], [], {})


@pytest.mark.parametrize("feature", NAMES)
async def test_a_name_is_a_path_tail(client: httpx.AsyncClient, odd: str, feature: str) -> None:
    tail = quote(feature, safe="")
    if set(feature) == {"."}:
        tail = tail.replace(".", "%2E")  # or the client itself would resolve it
    shown = await client.get(f"/v1/models/{odd}/windows/{stamp(START)}/features/{tail}")
    assert shown.status_code == 200, shown.text
    assert shown.json()["feature"] == feature
    assert sum(one["current"] for one in shown.json()["bins"]) == 50
    followed = await client.get(f"/v1/models/{odd}/estimates/{tail}")
    assert followed.status_code == 200


async def test_slashes_may_stay_bare(client: httpx.AsyncClient, odd: str) -> None:
    path = f"/v1/models/{odd}/windows/{stamp(START)}/features"
    for feature in ("a/b", "/leading", "trailing/", "a//b", "features/x"):
        shown = await client.get(f"{path}/{feature}")
        assert shown.json()["feature"] == feature


async def test_names_are_not_folded_into_each_other(client: httpx.AsyncClient, odd: str) -> None:
    path = f"/v1/models/{odd}/windows/{stamp(START)}/features"
    for near in ("Plain", "plain ", "plain/", "%2f", "a%2Fb", "e"):
        problem(await client.get(f"{path}/{quote(near, safe='')}"), 404)


async def test_an_empty_tail_is_no_feature(client: httpx.AsyncClient, odd: str) -> None:
    problem(await client.get(f"/v1/models/{odd}/windows/{stamp(START)}/features/"), 404)


@given(st.text(min_size=1))
async def test_the_tail_takes_any_text_whole(text: str) -> None:
    regex, _, convertors = compile_path("/v1/{model}/features/{feature:tail}")
    assert isinstance(convertors["feature"], TailConvertor)
    found = regex.match(f"/v1/m/features/{text}")
    assert found is not None
    assert found["feature"] == text
