"""All models on one page: what a person finds there, and that everybody can."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Opening, violations
from tests.browser.site import CALM, DRIFTING, EMPTY, WAITING


def test_the_worst_model_comes_first_and_says_what_is_wrong(opened: Opening) -> None:
    page = opened("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Models")
    worst = page.get_by_role("row").nth(1)
    expect(worst.get_by_role("rowheader")).to_contain_text(DRIFTING)
    expect(worst).to_contain_text("without a break since 1 Jan 2024, 08:00")
    expect(worst).to_contain_text("P2 fires")
    expect(worst).to_contain_text("Retraining: running")
    expect(worst.get_by_role("img")).to_have_attribute(
        "aria-label", "last 12 windows: 4 drift, 8 ok"
    )
    calm = page.get_by_role("row").filter(has=page.get_by_role("link", name=CALM))
    expect(calm).to_contain_text("Nothing is wrong.")


def test_models_without_windows_say_what_they_wait_for(opened: Opening) -> None:
    page = opened("/?state=waiting")
    expect(page.get_by_role("row")).to_have_count(3)
    for model, told in ((EMPTY, "no reference yet"), (WAITING, "no rows came yet")):
        row = page.get_by_role("row").filter(has=page.get_by_role("link", name=model))
        expect(row).to_contain_text(told)


def test_choosing_a_state_is_a_link_that_can_be_shared(opened: Opening) -> None:
    page = opened("/")
    page.get_by_label("State").select_option("drift")
    page.wait_for_url("**/?state=drift&q=")
    expect(page.get_by_role("row").filter(has=page.get_by_role("link", name=CALM))).to_have_count(0)


def test_all_works_without_javascript(opened: Opening) -> None:
    page = opened("/", java_script_enabled=False)
    page.get_by_label("State").select_option("ok")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("link", name=CALM)).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everybody_can_read_it(opened: Opening, theme: str) -> None:
    assert violations(opened("/", color_scheme=theme, bypass_csp=True)) == []


def test_a_page_that_gets_no_answer_says_since_when_it_is_stale(opened: Opening) -> None:
    page = opened("/")
    stale = page.get_by_role("status")
    expect(stale).to_be_hidden()
    before = page.locator("main").inner_text()
    for broken in (lambda route: route.fulfill(status=503, body="<main>away</main>"), _gone):
        page.route("**/*", broken)
        _look(page)
        expect(stale).to_contain_text("This page is as of")
        expect(page.locator("#live")).to_contain_text("not live since")
        assert page.locator("main").inner_text() == before
        page.unroute("**/*")
        _look(page)
        expect(stale).to_be_hidden()
        expect(page.locator("#live")).to_contain_text("live, looked at")


def test_a_page_that_failed_comes_back_by_itself_without_javascript(
    opened: Opening,
) -> None:
    page = opened("/", java_script_enabled=False)
    failed = {"status": 503, "headers": {"Refresh": "1"}, "body": "<h1>The database is away</h1>"}
    page.route("**/*", lambda route: route.fulfill(**failed), times=1)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Models")


def test_on_a_phone_a_model_is_a_card_that_fits(opened: Opening) -> None:
    page = opened("/", viewport={"width": 390, "height": 800})
    worst = page.get_by_role("row").filter(has=page.get_by_role("link", name=DRIFTING))
    expect(worst.get_by_role("img")).to_be_visible()
    expect(worst).to_contain_text("says default")
    box, strip = worst.bounding_box(), worst.get_by_role("img").bounding_box()
    assert box is not None
    assert strip is not None
    assert strip["width"] == box["width"]
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def _gone(route: Route) -> None:
    route.abort("connectionrefused")


def _look(page: Page) -> None:
    """Have the page look again at once, as it does when it comes into view."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
