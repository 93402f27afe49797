"""Alerts, retrainings, deliveries, ingest and the API's page, as people use them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opening
from tests.browser.site import CALM, DRIFTING, HOSTILE, MARKUP, Site
from tests.browser.trouble import make_trouble, receiving, until_settled

PLACES = ("alerts", "retrainings", "deliveries", "ingest")


@pytest.fixture(scope="module")
def troubled(site: Site) -> Iterator[Site]:
    with receiving() as receiver:
        make_trouble(site, receiver)
        until_settled(site)
        yield site


@pytest.fixture(scope="module")
def paths(troubled: Site) -> dict[str, str]:
    """Every page by its name."""
    first = {
        name: troubled.api.get(f"/v1/{name}").json()["items"]
        for name in ("alerts", "retrainings", "deliveries")
    }
    hostile = next(one["id"] for one in first["alerts"] if one["model"] == HOSTILE)
    dead = next(one["id"] for one in first["deliveries"] if one["state"] == "dead")
    return {name: f"/{name}" for name in (*PLACES, "docs")} | {
        "alert": f"/alerts/{hostile}",
        "retraining": f"/retrainings/{first['retrainings'][0]['id']}",
        "policy": f"/retrainings?model={DRIFTING}",
        "delivery": f"/deliveries/{first['deliveries'][-1]['id']}",
        "dead": f"/deliveries/{dead}",
        "resend": f"/deliveries/{dead}/redeliver",
        "intake": f"/ingest/{CALM}",
        "rejections": f"/ingest/{HOSTILE}/rejections",
        "objects": f"/ingest/{CALM}/sources/files",
        "wrong": "/alerts?state=odd",
    }


def title(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text(text)


@pytest.mark.usefixtures("troubled")
def test_from_an_alert_to_what_was_done(opened: Opening) -> None:
    page = opened("/")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Alerts").click()
    title(page, "Alerts")
    page.get_by_label("Model").fill(DRIFTING)
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile(f"model={DRIFTING}"))
    page.get_by_role("link", name=f"{DRIFTING} · default").click()
    title(page, f"{DRIFTING} · default")
    expect(page.get_by_role("main")).to_contain_text("P2, significant drift: firing since")
    history = page.get_by_role("region", name="History, newest first").get_by_role("row")
    expect(history.nth(1)).to_contain_text("still_firing")
    page.get_by_role("link", name="A retraining").click()
    title(page, f"Retraining of {DRIFTING}")
    expect(page.get_by_role("main")).to_contain_text("monitor default fired")
    page.get_by_role("region", name="The request").get_by_role("link").first.click()
    title(page, "Delivery")
    page.get_by_role("link", name="the retraining").click()
    title(page, f"Retraining of {DRIFTING}")


@pytest.mark.usefixtures("paths")
def test_a_dead_letter_is_sent_again_without_javascript(opened: Opening) -> None:
    page = opened("/deliveries", java_script_enabled=False)
    page.get_by_role("link", name="dead: 1").click()
    expect(page).to_have_url(re.compile("state=dead"))
    page.get_by_role("rowheader").get_by_role("link").click()
    expect(page.get_by_role("region", name="Every try")).to_contain_text("410")
    page.get_by_role("link", name="Send again…").click()
    title(page, "again?")
    expect(page.get_by_role("main")).to_contain_text("The target is switched off")
    other = page.context.new_page()
    other.goto(page.url)
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("status")).to_contain_text("It is queued")
    other.get_by_role("button", name="Send again").click()
    expect(other.get_by_role("status")).to_contain_text("Nothing was done")


@pytest.mark.usefixtures("troubled")
def test_what_was_refused_says_where_it_was_wrong(opened: Opening) -> None:
    page = opened("/ingest")
    page.get_by_role("link", name=f"refused batches of {HOSTILE}").click()
    page.get_by_label("Reason").select_option("invalid")
    expect(page).to_have_url(re.compile("reason=invalid"))
    expect(page.get_by_role("row")).to_have_count(3)
    expect(page.get_by_role("table")).to_contain_text("/0/timestamp")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert "/0/timestamp" in Path(download.value.path()).read_text()


@pytest.mark.usefixtures("troubled")
def test_an_object_that_cannot_be_read_is_found(opened: Opening) -> None:
    page = opened(f"/ingest/{CALM}")
    expect(page.get_by_role("region", name="Gaps")).to_contain_text("1 Jan 2024, 12:00")
    page.get_by_role("region", name="Object storage").get_by_role("link", name="1").click()
    row = page.get_by_role("row").nth(1)
    expect(row).to_contain_text("<b>bad & �gnp.ndjson")
    expect(row).to_contain_text("unreadable")


def test_the_api_is_read_by_its_contents(opened: Opening) -> None:
    page = opened("/docs")
    contents = page.get_by_role("navigation", name="Operations")
    contents.get_by_role("link", name="Send prediction logs").click()
    expect(page).to_have_url(re.compile("#post_batch$"))
    article = page.get_by_role("article", name="Send prediction logs")
    expect(article).to_be_in_viewport()
    expect(article).to_contain_text('curl -X POST "$LEEWAY/v1/models/flights/batches"')
    article.get_by_role("link", name="ReceiptAnswer").first.click()
    expect(page.get_by_role("article", name="ReceiptAnswer")).to_be_in_viewport()


def test_odd_names_stay_names(opened: Opening, paths: dict[str, str]) -> None:
    page = opened(paths["alert"])
    expect(page.get_by_role("link", name=MARKUP, exact=True)).to_be_visible()
    expect(page.locator("img[src='x']")).to_have_count(0)


SIDEWAYS = (
    "[...document.querySelectorAll('table.full')].map((one) => one.closest('.scroll') ?? one)"
    ".filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.id || one.innerText)"
)


def test_no_page_and_no_table_is_wider_than_a_phone(opened: Opening, paths: dict[str, str]) -> None:
    page = opened("/docs", viewport={"width": 390, "height": 800})
    origin = page.url.removesuffix("/docs")
    window = f"/models/{HOSTILE}/windows/2024-01-01T02:00:00Z"
    for name, path in (paths | {"window": window, "fleet": "/"}).items():
        page.goto(origin + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
        assert name == "docs" or page.evaluate(SIDEWAYS) == [], name


@pytest.mark.usefixtures("troubled")
def test_a_table_on_a_phone_is_cards_that_are_a_table_to_readers(opened: Opening) -> None:
    page = opened("/deliveries", viewport={"width": 390, "height": 800}, java_script_enabled=False)
    row = page.get_by_role("table").get_by_role("row").nth(1)
    state = row.get_by_role("cell").first
    expect(state).to_have_attribute("data-label", "State")
    assert '"State"' in state.evaluate("(one) => getComputedStyle(one, '::before').content")
    assert row.evaluate("(one) => getComputedStyle(one).display") == "grid"
    expect(page.get_by_role("columnheader", name="State")).to_have_count(1)
    # on paper there is room
    page.emulate_media(media="print")
    assert row.evaluate("(one) => getComputedStyle(one).display") == "table-row"


BUDGET, MOST_REQUESTS = 60_000, 8
TRANSFERRED = (
    "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
    ".map((one) => one.transferSize)"
)


def test_pages_keep_to_their_budgets(opened: Opening, paths: dict[str, str]) -> None:
    for name, path in paths.items():
        # a context of its own each: a cache that others filled would hide what a page takes
        sizes = opened(path).evaluate(TRANSFERRED)
        assert sizes[0] > 0, name
        assert len(sizes) <= MOST_REQUESTS, name
        assert sum(sizes) <= BUDGET, (name, sizes)


PARTS = ("header", ".contents", "#declare_model", "#errors", "#schema-ModelDeclaration")
"""Of the page of the API, whose other parts are made alike."""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everybody_can_read_it(opened: Opening, paths: dict[str, str], theme: str) -> None:
    page = opened("/docs", color_scheme=theme, bypass_csp=True)
    origin = page.url.removesuffix("/docs")
    # of all that is looked for, colours alone depend on the theme
    options = {"resultTypes": ["violations"]}
    options |= {"runOnly": ["color-contrast"]} if theme == "dark" else {}
    for name, path in paths.items():
        page.goto(origin + path)
        context = {"include": [[part] for part in PARTS]} if name == "docs" else None
        found = Axe().run(page, context=context, options=options).response["violations"]
        assert [one["id"] for one in found] == [], (name, found)


def test_all_is_there_without_javascript(opened: Opening, paths: dict[str, str]) -> None:
    page = opened("/docs", java_script_enabled=False)
    origin = page.url.removesuffix("/docs")
    for path in paths.values():
        page.goto(origin + path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
