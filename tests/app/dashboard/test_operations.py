"""Pages for people who run the service, as a browser without a screen sees them."""

import csv
import io
import re

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from app.dashboard.rendering import POLICY
from app.domain.alerts.alert import AlertKey, AlertState, Step
from app.domain.alerts.alert import Reason as Why
from app.domain.alerts.delivery import Target
from app.steps.declare import find
from tests.app.api.service import HOUR, KEY, START, calling, problem, running, stamp
from tests.app.dashboard.conftest import HTML
from tests.app.dashboard.story import FORMULA, MARKUP, MODEL, Story, tell

pytestmark = pytest.mark.asyncio(loop_scope="module")
LISTS = ("/alerts", "/retrainings", "/deliveries", "/ingest")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def story(app: FastAPI, browser: httpx.AsyncClient) -> Story:
    for path in LISTS:  # first, while there is nothing
        page = await browser.get(path)
        assert page.status_code == 200
        assert 'class="card empty"' in page.text, path
        assert "curl " in page.text
    return await tell(app, browser)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def pages(story: Story) -> list[str]:
    """Every page of the story, each a link that can be shared."""
    return [
        *LISTS,
        f"/alerts?state=firing&severity=P2&model={MODEL}",
        f"/alerts/{story.alert}",
        f"/retrainings?model={MODEL}",
        f"/retrainings/{story.run}",
        "/deliveries?state=dead&target=hook",
        f"/deliveries/{story.request}",
        f"/deliveries/{story.told}",
        f"/deliveries/{story.told}/redeliver",
        f"/ingest/{MODEL}",
        f"/ingest/{MODEL}/rejections?reason=invalid&since=2024-01-01",
    ]


async def test_every_page_is_one_and_lets_no_name_act(
    browser: httpx.AsyncClient, pages: list[str]
) -> None:
    for path in pages:
        page = await browser.get(path)
        assert page.status_code == 200, (path, page.text[:400])
        assert page.headers["content-security-policy"] == POLICY
        assert page.text.count("<h1") == 1, path
        assert MARKUP not in page.text, path
        assert " style=" not in page.text, path


async def test_the_way_to_a_page_ends_with_a_name(
    browser: httpx.AsyncClient, pages: list[str]
) -> None:
    found = 0
    for path in pages:
        for crumbs in re.findall(
            r'class="crumbs"[^>]*>(.*?)</nav>', (await browser.get(path)).text
        ):
            assert crumbs.endswith("</a>"), path
            assert crumbs.count(" / ") == crumbs.count("</a>") - 1
            found += 1
    assert found >= 6


async def test_every_link_leads_somewhere(browser: httpx.AsyncClient, pages: list[str]) -> None:
    seen: set[str] = set()
    for path in pages:
        page = await browser.get(path)
        seen |= {link.replace("&amp;", "&") for link in re.findall(r'href="(/[^"#]*)', page.text)}
    links = {link for link in seen if not link.startswith("/assets/")}
    assert len(links) > 25
    for link in sorted(links):
        assert (await browser.get(link)).status_code == 200, link


async def test_an_alert_says_what_was_done(browser: httpx.AsyncClient, story: Story) -> None:
    page = (await browser.get(f"/alerts/{story.alert}")).text
    assert "evidence enough for an alert" in page
    assert f'href="/retrainings/{story.run}"' in page
    assert f'href="/deliveries/{story.told}"' in page
    assert "P2" in page


async def test_an_alert_that_is_over_says_when_it_fired(
    browser: httpx.AsyncClient, app: FastAPI, story: Story
) -> None:
    del story
    async with app.state.api.store.write() as unit:
        model = await find(unit, MODEL)
        steps = [
            Step(START, 1, AlertState.FIRING, Why.EVIDENCE, 0, START),
            Step(START + HOUR, 1, AlertState.RESOLVED, Why.CLEARED, 0, START + HOUR),
        ]
        key = AlertKey(model.id, "default", "", "over", START)
        id_ = await unit.alerts.replace(key, steps, ())
    for path, told in (
        ("/alerts?monitor=over", "</time> to <time"),
        (f"/models/{MODEL}", "</time> to <time"),
        (f"/alerts/{id_}", "it fired from <time"),
    ):
        page = (await browser.get(path)).text
        assert told in page, path
        assert page.index(told) < page.index(stamp(START + HOUR), page.index(told) - 200), path
    (line,) = csv.DictReader(io.StringIO((await browser.get("/alerts.csv?monitor=over")).text))
    assert (line["fired_from"], line["fired_until"]) == (stamp(START), stamp(START + HOUR))


async def test_choices_narrow_a_list(browser: httpx.AsyncClient, story: Story) -> None:
    def row(page: httpx.Response) -> bool:
        return f'href="/alerts/{story.alert}"' in page.text

    for query in ("", "?state=firing", "?severity=P2", f"?model={MODEL}", "?monitor=default"):
        assert row(await browser.get(f"/alerts{query}")), query
    for query in ("?state=pending", "?severity=P1", "?model=x", "?monitor=x", "?version=x"):
        page = await browser.get(f"/alerts{query}")
        assert not row(page), query
        assert "No alert is like that" in page.text


@pytest.mark.parametrize(
    "path",
    [
        "/alerts?state=odd",
        "/alerts?skip=-1",
        "/alerts?severity=P9",
        f"/alerts?model={'x' * 401}",
        "/alerts?model=%00",
        "/deliveries?before=99999999999999999999",
        "/deliveries?before=1e3",
        "/retrainings?state=firing",
        f"/ingest/{MODEL}/rejections?since=yesterday",
        f"/ingest/{MODEL}/rejections?since=0001-01-01T00:00%2B23:00",
    ],
)
@pytest.mark.usefixtures("story")
async def test_a_wrong_address_is_told_and_not_guessed(
    browser: httpx.AsyncClient, path: str
) -> None:
    page = await browser.get(path)
    assert page.status_code == 422
    assert "<h1" in page.text


@pytest.mark.parametrize(
    "path",
    [
        "/alerts/999999",
        "/alerts/99999999999999999999999",
        "/deliveries/99999999999999999999999",
        "/alerts/" + "9" * 5_000,
        "/deliveries/99999999999999999999999/redeliver",
        "/retrainings/rtr_none",
        "/retrainings?model=none",
        "/ingest/none",
        f"/ingest/{MODEL}/sources/none",
        "/alerts.xml",
    ],
)
@pytest.mark.usefixtures("story")
async def test_what_is_not_there_is_a_page_of_404(browser: httpx.AsyncClient, path: str) -> None:
    page = await browser.get(path)
    assert page.status_code == 404
    assert "<h1" in page.text


async def test_tables_are_files_too(browser: httpx.AsyncClient, story: Story) -> None:
    as_json = (await browser.get("/alerts.json?state=firing")).json()["items"]
    assert [one["id"] for one in as_json] == [story.alert]
    assert set(as_json[0]["features"]) == {MARKUP, FORMULA}
    for path in (
        "/alerts.csv",
        f"/alerts/{story.alert}/history.csv",
        "/retrainings.csv",
        f"/retrainings/{story.run}/history.csv",
        "/deliveries.csv",
        f"/deliveries/{story.told}/attempts.csv",
        "/ingest.csv",
        f"/ingest/{MODEL}/senders.csv",
        f"/ingest/{MODEL}/rejections.csv",
    ):
        file = await browser.get(path)
        assert file.headers["content-type"] == "text/csv; charset=utf-8"
        assert file.headers["content-disposition"].startswith("attachment")
        head, *lines = list(csv.reader(io.StringIO(file.text)))
        assert lines, path
        assert all(len(line) == len(head) for line in lines)


@pytest.mark.usefixtures("story")
async def test_a_file_without_rows_has_its_columns(browser: httpx.AsyncClient) -> None:
    for path in ("/alerts.csv?model=x", "/deliveries.csv?target=x", "/ingest.csv?model=x"):
        empty = list(csv.reader(io.StringIO((await browser.get(path)).text)))
        (head, *_) = csv.reader(io.StringIO((await browser.get(path.partition("?")[0])).text))
        assert empty == [head], path
    assert (await browser.get("/alerts.json?model=x")).json() == {"items": []}


@pytest.mark.usefixtures("story")
async def test_a_target_that_is_off_is_told_in_the_head(
    app: FastAPI, browser: httpx.AsyncClient
) -> None:
    def head(page: httpx.Response) -> str:
        return page.text.partition("<h1>Deliveries</h1>")[2].partition("</div>")[0]

    async with app.state.api.store.write() as unit:
        await unit.targets.put(Target("quiet", "webhook", {"url": "https://x"}, enabled=False))
    page = await browser.get("/deliveries")
    assert "1 target switched off" in head(page)
    assert "enabled: false" in page.text
    async with app.state.api.store.write() as unit:
        await unit.targets.disable("quiet", "the receiver answered 410: no more deliveries")
    page = await browser.get("/deliveries")
    assert 'class="badge error"' in head(page)
    assert "answered 410" in page.text
    async with app.state.api.store.write() as unit:
        await unit.targets.delete("quiet")
    assert "switched off" not in (await browser.get("/deliveries")).text


@pytest.mark.usefixtures("story")
async def test_no_cell_of_a_sheet_is_a_formula(browser: httpx.AsyncClient) -> None:
    sheet = await browser.get(f"/ingest/{MODEL}/rejections.csv")
    line = next(csv.DictReader(io.StringIO(sheet.text)))
    assert line["key"] == "'" + FORMULA


async def test_the_token_of_a_run_is_shown_nowhere(
    browser: httpx.AsyncClient, story: Story, pages: list[str]
) -> None:
    assert story.token.startswith("rtt_")
    page = await browser.get(f"/deliveries/{story.request}")
    assert "callback" in page.text
    assert "•••" in page.text
    for path in pages:
        assert story.token not in (await browser.get(path)).text


async def test_what_came_back_stands_with_its_try(browser: httpx.AsyncClient, story: Story) -> None:
    page = (await browser.get(f"/deliveries/{story.told}")).text
    assert "the receiver said: &lt;script&gt;" in page
    assert "asked us to wait 7 s" in page
    assert "dead" in page


@pytest.mark.usefixtures("story")
async def test_gaps_and_heartbeats_are_told(browser: httpx.AsyncClient) -> None:
    page = (await browser.get(f"/ingest/{MODEL}")).text
    assert "gateway" in page
    gaps = page.split('id="gaps-table"')[1].split("</table>")[0]
    assert ">300<" in gaps
    assert ">500<" in gaps
    assert "nobody said" in gaps


async def _seen(browser: httpx.AsyncClient, path: str) -> str:
    page = await browser.get(path)
    # without a referrer, browsers would not say whose form it is
    assert page.headers["referrer-policy"] == "same-origin"
    found = re.search(r'name="seen" value="([^"]*)"', page.text)
    assert found is not None
    return found[1]


async def test_a_dead_letter_is_sent_again_once(
    browser: httpx.AsyncClient, app: FastAPI, story: Story
) -> None:
    path = f"/deliveries/{story.told}/redeliver"
    form = {"seen": await _seen(browser, path)}
    ours = {"Sec-Fetch-Site": "same-origin"}
    first = await browser.post(path, data=form, headers=ours)
    assert (first.status_code, first.headers["location"]) == (
        303,
        f"/deliveries/{story.told}?sent=queued",
    )
    assert "It is queued" in (await browser.get(first.headers["location"])).text
    again = await browser.post(path, data=form, headers=ours)
    assert again.headers["location"].endswith("?sent=already")
    assert "Nothing was done" in (await browser.get(again.headers["location"])).text
    async with app.state.api.store.read() as unit:
        found = await unit.views.delivery(story.told)
    assert found is not None
    assert found[0].state == "pending"


async def test_a_form_of_another_site_does_nothing(
    browser: httpx.AsyncClient, story: Story
) -> None:
    path = f"/deliveries/{story.told}/redeliver"
    form = {"seen": await _seen(browser, path)}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        problem(await browser.post(path, data=form, headers=headers), 403)
    assert {"seen": await _seen(browser, path)} == form


async def test_a_form_is_small_and_a_form(browser: httpx.AsyncClient, story: Story) -> None:
    path = f"/deliveries/{story.told}/redeliver"
    for body, headers, status in (
        (b"{}", {"Content-Type": "application/json"}, 415),
        (b"seen=" + b"x" * 20_000, FORM, 413),
        (b"seen", FORM, 422),
        (b"\xff=\xff", FORM, 422),
        (b"&".join(b"a=1" for _ in range(50)), FORM, 422),
    ):
        answer = await browser.post(path, content=body, headers=headers)
        assert answer.status_code == status
        assert "<h1" in answer.text


async def test_a_run_that_is_over_is_not_asked_for_again(
    browser: httpx.AsyncClient, story: Story
) -> None:
    said = {"state": "failed"}
    await browser.post(f"/v1/retrainings/{story.run}/events", json=said)
    path = f"/deliveries/{story.request}/redeliver"
    answer = await browser.post(path, data={"seen": await _seen(browser, path)})
    assert answer.status_code == 409
    assert "ask for another one" in answer.text
    page = (await browser.get(f"/retrainings/{story.run}")).text
    assert "a person, with an API key" in page
    assert "the run failed" in page


async def test_pages_open_to_a_key_alone(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("keyed")
    async with running(folder, api_keys=(KEY,)) as served, calling(served, headers=HTML) as client:
        for path in (*LISTS, "/", "/docs", "/alerts.csv", "/deliveries/1/redeliver"):
            assert (await client.get(path)).status_code == 401
            opened = await client.get(path, auth=("anybody", KEY))
            assert opened.status_code in {200, 404}
        assert (await client.post("/deliveries/1/redeliver", content=b"")).status_code == 401
