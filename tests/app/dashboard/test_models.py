"""Pages of models over HTTP: odd addresses, sensitive features, many of them, files, trouble."""

import csv
import io
import re
from collections.abc import AsyncIterator
from xml.etree import ElementTree as ET

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from app.dashboard.files import FORMULA
from app.domain.errors import Unavailable
from tests.app.api.service import HOUR, START, judged, post, rows, stamp, with_baseline

pytestmark = pytest.mark.asyncio(loop_scope="module")

MODEL = "paged"
HIDDEN = "secret-level"
MANY = {f"f{n:03}": [float((i * (n + 3)) % 50) for i in range(50)] for n in range(80)}
USUAL = {"x": [float(i) for i in range(50)], "=cmd()": ["a", "b", HIDDEN]}
MOVED = {"x": [float(i) + 100 for i in range(50)], "=cmd()": ["a", "b", "new"]}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def shown(app: FastAPI, browser: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    schema = {
        "features": [
            {"name": "timestamp", "kind": "ignored", "role": "timestamp"},
            {"name": "x", "kind": "numeric"},
            {"name": "=cmd()", "kind": "categorical", "sensitive": True},
        ]
    }
    declared = await browser.put(f"/v1/models/{MODEL}", json={"schema": schema})
    assert declared.status_code == 201, declared.text
    made = await browser.post(f"/v1/models/{MODEL}/baselines", json=rows(2_000, **USUAL))
    assert made.status_code == 201, made.text
    await post(browser, MODEL, rows(1_000, START, **MOVED))
    await judged(browser, app, MODEL)
    yield browser


async def test_no_address_breaks_a_page(shown: httpx.AsyncClient) -> None:
    for query, status in (
        ("version=none", 404),
        ("monitor=none", 404),
        ("segment=none", 404),
        ("comparison=none", 404),
        ("comparison=reference", 200),
        ("segment=%00", 422),
        ("feature=%00", 422),
        ("feature=%ED%A0%80", 200),
        ("feature=none", 200),
        ("feature=" + "x" * 2_000, 422),
        ("window=never", 422),
        ("window=9999-01-01", 422),
        ("window=2024-01-01", 200),
        ("window=1999-01-01T00:00:00Z", 404),
        ("as_of=1999-01-01", 200),
        ("before=1999-01-01", 200),
        ("windows=0", 200),
        ("windows=99999999999", 200),
        ("windows=" + "9" * 5_000, 200),
        ("q=x&page=%F0%9F%98%80", 200),
    ):
        page = await shown.get(f"/models/{MODEL}?{query}")
        assert page.status_code == status, query
        assert page.headers["content-type"].startswith("text/html")
        assert "<h1" in page.text


async def test_what_a_model_does_not_have_is_told_on_every_page_and_file(
    shown: httpx.AsyncClient,
) -> None:
    at = f"/models/{MODEL}/windows/{stamp(START)}"
    for query, told in (
        ("segment=country%3DXX", "has no such segment"),
        ("comparison=yesterday", "holds nothing against"),
    ):
        for path in (f"/models/{MODEL}", f"/models/{MODEL}/heat.csv", at, f"{at}/features.csv"):
            page = await shown.get(f"{path}?{query}")
            assert page.status_code == 404, path
            assert told in page.text


async def test_sensitive_levels_are_on_no_page_and_in_no_file(shown: httpx.AsyncClient) -> None:
    at = f"/models/{MODEL}/windows/{stamp(START)}"
    feature = "feature=%3Dcmd()"
    for path in (
        f"/models/{MODEL}?{feature}",
        f"{at}?{feature}",
        f"{at}/bins.csv?{feature}",
        f"{at}/chart.svg?{feature}",
    ):
        page = await shown.get(path)
        assert page.status_code == 200, path
        assert HIDDEN not in page.text


async def test_tables_as_files_hold_no_formula(shown: httpx.AsyncClient) -> None:
    at = f"/models/{MODEL}/windows/{stamp(START)}"
    for path in ("/models.csv", f"/models/{MODEL}/heat.csv", f"{at}/features.csv"):
        file = await shown.get(path)
        assert file.headers["content-type"] == "text/csv; charset=utf-8"
        found = list(csv.reader(io.StringIO(file.text)))
        assert len(found) > 1
        assert not any(cell.startswith(FORMULA) for row in found for cell in row)
    assert "'=cmd()" in file.text


async def test_charts_are_files_of_their_own(shown: httpx.AsyncClient) -> None:
    at = f"/models/{MODEL}/windows/{stamp(START)}"
    for path in (
        f"/models/{MODEL}/chart.svg",
        f"/models/{MODEL}/chart.svg?feature=x",
        f"{at}/chart.svg?feature=x",
    ):
        chart = await shown.get(path)
        assert chart.headers["content-type"].startswith("image/svg+xml")
        root = ET.fromstring(chart.text)  # noqa: S314  our own
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert "unsafe" not in chart.headers["content-security-policy"]
        said = " ".join(root.itertext())
        for word in ("version default", "monitor default", "1 Jan 2024", "UTC"):
            assert word in said, path
    assert "reference" in said
    assert "this window" in said
    assert (await shown.get(f"/models/{MODEL}/chart.svg?feature=none")).status_code == 404


async def test_a_figure_of_an_output_has_a_chart_and_bins(
    shown: httpx.AsyncClient, app: FastAPI, name: str
) -> None:
    scores = [0.5 + i / 100 for i in range(50)]
    feature = [{"name": "score", "kind": "numeric", "role": "score"}]
    declared = await shown.put(f"/v1/models/{name}", json={"schema": {"features": feature}})
    assert declared.status_code == 201, declared.text
    made = await shown.post(f"/v1/models/{name}/baselines", json=rows(2_000, score=scores))
    assert made.status_code == 201, made.text
    await post(shown, name, rows(1_000, START, score=[0.51, 0.62]))
    await judged(shown, app, name)
    asked = "monitor=predictions&feature=confidence(score)"
    for path in (f"/models/{name}", f"/models/{name}/windows/{stamp(START)}"):
        page = (await shown.get(f"{path}?{asked}")).text
        assert 'class="chart histogram"' in page
        assert "The bins of the PSI" in page
        assert "Bars are finer" not in page
        (chart,) = re.findall(r'href="([^"]*/windows/[^"]*chart.svg[^"]*)"', page)
        assert (await shown.get(chart.replace("&amp;", "&"))).status_code == 200


async def test_statistics_are_beside_what_is_in_their_unit(shown: httpx.AsyncClient) -> None:
    page = (await shown.get(f"/models/{MODEL}?feature=x")).text
    table = page.split('aria-label="Statistics"')[1].split("</table>")[0]
    heads = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', table)
    assert heads == ["Statistic", "Effect", "Threshold", "p-value", "Value", "By chance"]
    (row,) = re.findall(r"<tr[^>]*><th[^>]*>PSI</th>(.*?)</tr>", table)
    cells = re.findall(r"<td[^>]*>(.*?)</td>", row)
    effect, value, by_chance = (float(cells[at]) for at in (0, 3, 4))
    assert value - by_chance == pytest.approx(effect, rel=1e-3)
    foot = page.split("<tfoot>")[1].split("</tfoot>")[0]
    total, less, psi = (float(one) for one in re.findall(r"\d+\.\d+", foot))
    assert (total, less, psi) == pytest.approx((value, by_chance, effect), abs=6e-4)


async def test_a_page_offers_no_picture_of_what_it_cannot_draw(shown: httpx.AsyncClient) -> None:
    page = (await shown.get(f"/models/{MODEL}?feature=none")).text
    assert not re.findall(r"/windows/[^\"]*chart.svg", page)
    there = (await shown.get(f"/models/{MODEL}?feature=x")).text
    assert re.findall(r"/windows/[^\"]*chart.svg", there)


async def test_the_past_is_shown_as_it_was_known(shown: httpx.AsyncClient) -> None:
    page = await shown.get(f"/models/{MODEL}?as_of=2020-01-01T00:00")
    assert "was judged yet" in page.text
    later = await shown.get(f"/models/{MODEL}?as_of=2199-01-01T00:00")
    assert "Drift in" in later.text


async def test_of_many_features_the_worst_are_shown_and_the_rest_is_found_by_name(
    shown: httpx.AsyncClient, app: FastAPI, name: str
) -> None:
    await with_baseline(shown, name, rows(500, **MANY))
    await post(shown, name, rows(500, START, **{**MANY, "f077": [999.0]}))
    await judged(shown, app, name)
    page = await shown.get(f"/models/{name}")
    assert page.text.count('<th scope="row"><a href="/models/') >= 30
    assert page.text.index("f077") < page.text.index("f001") if "f001" in page.text else True
    assert "50 features not shown" in page.text
    found = await shown.get(f"/models/{name}?q=F01")
    assert "f010" in found.text
    assert "f020" not in found.text


async def test_a_window_that_is_not_there_is_a_page(shown: httpx.AsyncClient) -> None:
    for start in (stamp(START + 99 * HOUR), "never", "2024-13-01"):
        page = await shown.get(f"/models/{MODEL}/windows/{start}")
        assert page.status_code in (404, 422)
        assert page.headers["content-type"].startswith("text/html")


async def test_without_its_database_a_page_says_so_and_when_to_come_back(
    shown: httpx.AsyncClient, app: FastAPI
) -> None:
    class Away:
        def read(self) -> object:
            raise Unavailable("the database does not answer", retry_after=3)

    known = app.state.dashboard
    app.state.dashboard = type(known)(Away(), known.code_version)
    try:
        for path in ("/", f"/models/{MODEL}"):
            page = await shown.get(path)
            assert page.status_code == 503
            assert page.headers["retry-after"] == "3"
            assert page.headers["refresh"] == "15"
            assert "looks again by itself every 15 seconds" in page.text
            assert "The database does not answer" in page.text
            assert "content-security-policy" in page.headers
        # a browser would send nothing again by itself, and must not ask for the form's address
        origin = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
        path = "/deliveries/1/redeliver"
        sent = await shown.post(path, data={"seen": "x"}, headers=origin)
        assert (sent.status_code, sent.headers.get("refresh")) == (503, None)
        assert "was not done" in sent.text
    finally:
        app.state.dashboard = known
    missing = await shown.get("/models/nobody")
    assert "refresh" not in missing.headers


async def test_files_hold_what_their_page_shows(shown: httpx.AsyncClient) -> None:
    heat = f"/models/{MODEL}/heat.json"
    for query, features in (("", {"x", "=cmd()"}), ("?q=CMD", {"=cmd()"}), ("?q=none", set())):
        items = (await shown.get(heat + query)).json()["items"]
        assert {one["feature"] for one in items} == features, query
    assert (await shown.get(f"{heat}?before={stamp(START)}")).json() == {"items": []}
    for query, count in ((f"q={MODEL}", 1), ("q=nobody", 0), (f"q={MODEL}&state=ok", 0)):
        assert len((await shown.get(f"/models.json?{query}")).json()["items"]) == count, query
        assert len((await shown.get(f"/models.csv?{query}")).text.splitlines()) == count + 1
    page = (await shown.get(f"/models/{MODEL}?before=2199-01-01&windows=7&q=x")).text
    for name in ("heat.csv", "heat.json", "timeline.csv", "timeline.json", "chart.svg"):
        (query,) = re.findall(rf'href="/models/{MODEL}/{re.escape(name)}\?([^"]*)"', page)
        assert "before=2199-01-01" in query, name
        assert "windows=7" in query, name
    fleet = (await shown.get(f"/?state=drift&q={MODEL}")).text
    assert f'href="/models.csv?state=drift&amp;q={MODEL}"' in fleet
