"""One model: the six questions, by role and name, by keys, without script, for everybody."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opening, violations
from tests.browser.site import (
    CALM,
    DRIFTING,
    EMOJI,
    EMPTY,
    HOSTILE,
    LONG,
    MARKUP,
    WAITING,
    Site,
)


def test_the_page_answers_the_six_questions(opened: Opening) -> None:
    page = opened(f"/models/{DRIFTING}")
    expect(page.get_by_role("heading", level=1)).to_have_text(DRIFTING)
    lead = page.locator("[data-verdict]")
    expect(lead).to_contain_text("Drift in")
    expect(lead).to_contain_text("without a break since 1 Jan 2024, 08:00")
    grid = page.get_by_role("grid", name="Drift of features by window")
    expect(grid.get_by_role("row")).to_have_count(6)
    expect(grid.get_by_role("row").nth(2)).to_contain_text("drift")
    changed = page.get_by_role("region", name=re.compile("What changed in"))
    expect(changed.get_by_role("img")).to_be_visible()
    trust = page.get_by_role("region", name="Can I trust it")
    expect(trust).to_contain_text("Received in all")
    done = page.get_by_role("region", name="What was done")
    expect(done).to_contain_text("firing")
    expect(done).to_contain_text("running")


def test_a_calm_model_is_calm(opened: Opening) -> None:
    page = opened(f"/models/{CALM}")
    expect(page.locator("[data-verdict]")).to_contain_text("Nothing is wrong")
    expect(page.get_by_role("region", name="What was done")).to_contain_text("No alert ever fired")


def test_the_grid_goes_by_keys_alone(opened: Opening) -> None:
    page = opened(f"/models/{DRIFTING}")
    grid = page.get_by_role("grid")
    stop = grid.locator("td[tabindex='0']")
    expect(stop).to_have_count(1)
    stop.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#c1-0")).to_be_focused()
    feature = grid.get_by_role("rowheader").nth(1).inner_text().strip()
    page.keyboard.press("Enter")
    page.wait_for_url("**window=2024-01-01T00*")
    assert f"feature={feature}" in page.url
    expect(page.locator("#c1-0, #c0-0, #c2-0, #c3-0").and_(page.locator(":focus"))).to_have_count(1)
    expect(page.get_by_role("heading", name=f"What changed in {feature}")).to_be_visible()
    page.go_back()
    expect(page.locator("[data-verdict]")).to_contain_text("Drift in")


def test_the_grid_is_one_tab_stop_and_arrows_reach_its_heads(opened: Opening) -> None:
    page = opened(f"/models/{DRIFTING}")
    grid = page.get_by_role("grid")
    stop = grid.locator("td[tabindex='0']")
    expect(stop).to_have_count(1)
    stop.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(stop).to_be_focused()
    page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.closest('[role=grid]')")
    stop.focus()
    for key in ("Control+Home", "ArrowUp"):
        page.keyboard.press(key)
    head = grid.get_by_role("link", name="1 Jan 2024", exact=True)
    expect(head).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(head).to_be_focused()
    for key in ("ArrowDown", "ArrowLeft"):
        page.keyboard.press(key)
    expect(grid.get_by_role("rowheader").first.get_by_role("link")).to_be_focused()
    expect(grid.locator("[tabindex='0']")).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url("**feature=*")


def test_a_head_of_the_grid_keeps_the_focus_where_the_page_changes(opened: Opening) -> None:
    page = opened(f"/models/{DRIFTING}")
    lead = page.locator("[data-verdict]")
    grid = page.get_by_role("grid")
    grid.locator("td[tabindex='0']").focus()
    for key in ("Home", "Enter"):
        page.keyboard.press(key)
    expect(lead).not_to_contain_text("without a break")
    for key in ("ArrowUp", "ArrowDown", "ArrowLeft"):
        page.keyboard.press(key)
    head = grid.get_by_role("rowheader").first.get_by_role("link")
    expect(head).to_be_focused()
    page.go_back()
    expect(lead).to_contain_text("without a break")
    expect(head).to_be_focused()
    expect(grid.locator("[tabindex='0']")).to_have_count(1)


def test_an_earlier_window_has_a_column_of_its_own(opened: Opening) -> None:
    page = opened(f"/models/{DRIFTING}?window=2024-01-01T08:00:00Z")
    grid = page.get_by_role("grid")
    expect(grid.get_by_role("columnheader", name="1 Jan 2024, 08:00", exact=True)).to_have_count(2)
    first = grid.get_by_role("row").nth(2).locator("td.now")
    expect(first).to_have_count(2)
    newest = opened(f"/models/{DRIFTING}").get_by_role("grid").get_by_role("row").nth(2)
    expect(newest.locator("td.now")).to_have_count(1)


def test_a_phone_shows_the_axis_what_was_done_and_nothing_through_gaps(opened: Opening) -> None:
    page = opened(f"/models/{DRIFTING}", viewport={"width": 390, "height": 800})
    done = page.get_by_role("region", name="What was done")
    expect(done.get_by_text("Because")).to_be_attached()
    expect(done.get_by_text("the window had evidence enough").first).to_be_visible()
    place = "(one) => one.getBoundingClientRect().left"
    box, axis = page.locator("#line-scroll"), page.locator("#line-scroll .axis")
    box.evaluate("(one) => { one.scrollLeft = 1e4; }")
    assert box.evaluate("(one) => one.scrollLeft") > 0
    assert abs(axis.evaluate(place) - box.evaluate(place)) < 1
    page.locator("#heat-scroll").evaluate("(one) => { one.scrollLeft = 1e4; }")
    between = """() => {
      const heads = [...document.querySelectorAll(".heat tbody th")].slice(0, 2);
      const [one, two] = heads.map((head) => head.getBoundingClientRect());
      return [two.top - one.bottom, getComputedStyle(heads[1]).boxShadow];
    }"""
    gap, shadow = page.evaluate(between)
    assert 0 < gap <= 2
    assert shadow != "none"


def test_features_and_windows_are_links_without_javascript(opened: Opening) -> None:
    page = opened(f"/models/{DRIFTING}", java_script_enabled=False)
    page.get_by_role("grid").get_by_role("link", name="colour").click()
    expect(page.get_by_role("heading", name="What changed in colour")).to_be_visible()
    expect(page.get_by_role("region", name=re.compile("What changed"))).to_contain_text("missing")
    page.get_by_role("grid").get_by_role("link", name=re.compile("1 Jan 2024, 03:00")).click()
    expect(page.locator("[data-verdict]")).to_contain_text("Nothing drifted in")


def test_a_page_that_changed_is_shown_without_moving_the_focus(opened: Opening) -> None:
    page = opened(f"/models/{DRIFTING}")
    page.evaluate("document.documentElement.dataset.period = '200'")
    cell = page.locator("#c0-3")
    page.get_by_role("grid").locator("td[tabindex='0']").focus()
    for key in ("Home", "ArrowRight", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    expect(cell).to_be_focused()
    before = page.locator("#live").inner_text()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#live")).not_to_have_text(before)
    expect(cell).to_be_focused()


def test_hostile_names_are_shown_and_obeyed_by_nobody(opened: Opening) -> None:
    page = opened(f"/models/{HOSTILE}")
    names = page.get_by_role("grid").get_by_role("rowheader").all_inner_texts()
    shown = " ".join(names)
    assert "<script>" in shown
    assert EMOJI[:6] in shown
    assert "\u202e" not in shown
    assert max(map(len, names)) < 40
    assert LONG not in page.content()
    page.get_by_role("link", name=MARKUP[:20]).click()
    expect(page.get_by_role("heading", name="What changed in <script>")).to_be_visible()
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0


@pytest.mark.parametrize(("model", "told"), [(EMPTY, "learned from"), (WAITING, "predicts on")])
def test_nothing_yet_says_the_next_step(opened: Opening, site: Site, model: str, told: str) -> None:
    page = opened(f"/models/{model}")
    expect(page.get_by_role("heading", name=re.compile(told))).to_be_visible()
    expect(page.locator("pre")).to_contain_text(f"curl {site.url}/v1/models/{model}/")


def test_a_window_has_all_numbers(opened: Opening) -> None:
    page = opened(f"/models/{DRIFTING}")
    page.get_by_role("link", name="All numbers of this window").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("1 Jan 2024, 11:00")
    table = page.get_by_role("region", name="All features").get_by_role("table")
    expect(table.get_by_role("row")).to_have_count(5)
    expect(page.get_by_role("region", name="By what recipe")).to_contain_text("Fingerprint")
    page.get_by_role("link", name="Earlier: 1 Jan 2024, 10:00").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("1 Jan 2024, 10:00")


def test_what_is_not_there_is_a_page(opened: Opening) -> None:
    page = opened("/models/nobody")
    expect(page.get_by_role("heading", level=1)).to_have_text("Not here")
    page.get_by_role("link", name="All models").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Models")


def test_the_theme_is_remembered(opened: Opening) -> None:
    page = opened(f"/models/{CALM}", color_scheme="light")
    page.get_by_role("button", name="Change between light and dark").click()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "path",
    [
        f"/models/{DRIFTING}",
        f"/models/{HOSTILE}",
        f"/models/{EMPTY}",
        f"/models/{DRIFTING}/windows/2024-01-01T09:00:00Z",
        "/models/nobody",
    ],
)
def test_everybody_can_read_it(opened: Opening, path: str, theme: str) -> None:
    assert violations(opened(path, color_scheme=theme, bypass_csp=True)) == []


@pytest.mark.parametrize("width", [1440, 390])
def test_pages_fit_their_screen_and_their_budget(opened: Opening, width: int) -> None:
    for path in ("/", f"/models/{DRIFTING}", f"/models/{HOSTILE}"):
        page = opened(path, viewport={"width": width, "height": 800})
        taken = page.evaluate("performance.getEntriesByType('resource').length + 1")
        sizes = page.evaluate(
            "[...performance.getEntriesByType('navigation'),"
            " ...performance.getEntriesByType('resource')].map((one) => one.transferSize)"
        )
        assert taken <= 8
        assert sum(sizes) <= 60_000
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_files_lie_beside_tables(opened: Opening, site: Site) -> None:
    for path in (f"/models/{DRIFTING}", f"/models/{DRIFTING}/windows/2024-01-01T09:00:00Z", "/"):
        page = opened(path)
        links = page.locator(".files a").all()
        assert links
        for link in links:
            href = link.get_attribute("href") or ""
            if link.inner_text() in ("CSV", "JSON", "SVG"):
                answer = site.api.get(href)
                assert answer.status_code == 200, href
                kinds = {"CSV": "text/csv", "JSON": "application/json", "SVG": "image/svg+xml"}
                assert answer.headers["content-type"].startswith(kinds[link.inner_text()])
