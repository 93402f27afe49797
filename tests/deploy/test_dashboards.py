"""The dashboards: as the script writes them; each panel says what it shows, in which unit."""

from typing import Any

import pytest

from scripts.dashboards.__main__ import texts
from tests.deploy.expressions import dashboards

PANELS = [
    pytest.param(panel, id=f"{name}: {panel['title']}")
    for name, dashboard in dashboards().items()
    for panel in dashboard["panels"]
    if panel["type"] != "row"
]


def test_the_files_are_as_the_script_writes_them() -> None:
    for path, text in texts().items():
        assert path.read_text() == text, f"{path} differs: run 'make dashboards'"


@pytest.mark.parametrize("panel", PANELS)
def test_every_panel_has_a_meaning_a_unit_and_the_chosen_source(panel: dict[str, Any]) -> None:
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["datasource"]["uid"] == "${datasource}"
    assert all(target["datasource"]["uid"] == "${datasource}" for target in panel["targets"])


@pytest.mark.parametrize("name", dashboards())
def test_panels_fill_the_width_and_do_not_lie_on_each_other(name: str) -> None:
    taken: dict[tuple[int, int], str] = {}
    for panel in dashboards()[name]["panels"]:
        place = panel["gridPos"]
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert (x, y) not in taken, (panel["title"], taken[x, y])
                taken[x, y] = panel["title"]
    assert {x for x, _ in taken} == set(range(24))


def test_each_dashboard_leads_to_the_others_and_to_leeway() -> None:
    for dashboard in dashboards().values():
        assert {link["type"] for link in dashboard["links"]} == {"dashboards", "link"}
        names = {variable["name"] for variable in dashboard["templating"]["list"]}
        assert {"datasource", "leeway"} <= names
    model = dashboards()["model"]["templating"]["list"]
    assert [variable["name"] for variable in model][2:] == ["model", "version", "monitor"]


def test_no_number_is_good_while_nothing_is_known() -> None:
    for panel in (one for dashboard in dashboards().values() for one in dashboard["panels"]):
        found = [one["expr"] for one in panel.get("targets", ()) if "vector(" in one["expr"]]
        assert all(one.startswith("count(leeway_build_info)") for one in found), found
        if panel["type"] == "stat":
            assert panel["fieldConfig"]["defaults"]["noValue"] == "unknown"
