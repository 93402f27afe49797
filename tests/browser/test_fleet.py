"""All models on one page: what a person finds there, and that everybody can."""

import pytest
from playwright.sync_api import expect

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
