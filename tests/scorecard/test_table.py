"""The table, the picture and the goals, from values made by hand."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from benchmarks.scorecard.across_time import BUDGET
from benchmarks.scorecard.goals import goals, within_two
from benchmarks.scorecard.picture import svg
from benchmarks.scorecard.rates import Rate
from benchmarks.scorecard.results import (
    Gap,
    NullRow,
    Pages,
    PowerRow,
    QuarterRow,
    RealRow,
    Scorecard,
    TailRow,
    WindowRow,
)
from benchmarks.scorecard.run import jobs
from benchmarks.scorecard.size import FULL, QUICK
from benchmarks.scorecard.table import BEGIN, END, markdown, placed
from benchmarks.scorecard.traffic import INDEPENDENT, WANDERING
from benchmarks.scorecard.windows import VERDICT

PAGE = Path(__file__).parents[2] / "docs" / "scorecard.md"


def of(hits, trials=1_000):
    return Rate(hits, trials)


def card(bins=50, verdict=2, kept=1_000, ours=80, far=10):
    return Scorecard(
        nulls=(
            NullRow("few rows", 500, 50, 1.0, {"bins": of(10), "evidence": of(10)}),
            NullRow("continuous", 10_000, 1_000, 100.0,
                    {"bins": of(bins), "evidence": of(45), "goodness of fit": of(300)}),
        ),
        tails=(TailRow("continuous", 10_000, 1_000,
                       {"bins": {1e-3: of(1_000, 10**6), 1e-5: of(far, 10**6)}}),),
        power=(PowerRow("continuous", "mean + 0.1 sd", 10_000, 1_000,
                        {"evidence": (of(ours, 100), of(30, 100))},
                        {"K-S": (of(73, 100), of(22, 100)), "PSI": (of(49, 100), of(9, 100))},
                        {name: (Gap(ours / 100 - best, 0.04), Gap(0.1, 0.04))
                         for name, best in (("K-S", 0.73), ("PSI", 0.49))}),),
        windows=(WindowRow("none", 10_000, 1_000, {VERDICT: of(verdict), "always": of(1_000)}),),
        quarters=(
            QuarterRow(INDEPENDENT.name, "none", 10_000, 1_000,
                       {BUDGET: Pages(of(kept), 0.01, 0.0), "always": Pages(of(1_000), 1.0, 1.0)}),
            QuarterRow(WANDERING.name, "none", 10_000, 1_000,
                       {BUDGET: Pages(of(10), 9.0, 0.5)}),
            QuarterRow(INDEPENDENT.name, "mean + 1 sd", 10_000, 1_000,
                       {BUDGET: Pages(of(1_000), 0.0, 0.0, of(999), of(990), 1.0),
                        "never": Pages(of(1_000), 0.0, 0.0, of(0), of(0), None),
                        "always": Pages(of(1_000), 1.0, 1.0, of(1_000), of(1_000), 1.0)}),
        ),
        real=(RealRow("loans", {VERDICT: of(0, 5)}, {VERDICT: of(5, 5)}),
              RealRow("census", {VERDICT: of(0, 3)}, {})),
    )  # fmt: skip


def missed(found):
    return [goal.name.split(":")[0] for goal in goals(found) if not goal.met]


def test_goals_are_met_where_every_case_is():
    assert missed(card()) == []
    assert [goal.cases for goal in goals(card())] == [2, 2, 1, 1, 1, 1, 1, 1]
    assert goals(Scorecard()) == ()


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"bins": 61}, "p-values"), ({"bins": 39}, "p-values"), ({"verdict": 51}, "verdicts"),
        ({"kept": 949}, "budget"), ({"ours": 50}, "power at 5.0%"), ({"far": 60}, "p-values"),
    ],
)  # fmt: skip
def test_a_goal_is_missed_by_a_single_case(change, name):
    assert missed(card(**change)) == [name]


def test_a_factor_of_two_is_missed_only_where_that_is_sure():
    assert within_two(of(15, 10**6), 1e-5)
    assert within_two(of(25, 10**6), 1e-5)
    assert not within_two(of(40, 10**6), 1e-5)
    assert not within_two(of(400, 10**6), 1e-3)


def test_the_table_says_what_was_found():
    text = markdown(card(bins=61))
    assert "| p-values: 4 to 6 % at 5 % where every bin expects 5 rows | **no** | 1 of 2 |" in text
    assert "- bins, continuous, n = 10,000, m = 1,000: 6.1 (4.7 to 7.8) %" in text
    assert "| continuous | 10,000 | 1,000 | bins | 1 (0.94 to 1.1) | 1 (0.48 to 1.8) |" in text
    gaps = "K-S 73.0 | +7.0 ± 4.0 | K-S 22.0 | +10.0 ± 4.0"
    assert f"| continuous | mean + 0.1 sd | 10,000 | 1,000 | 80 / 30 | {gaps} |" in text
    assert f"| {BUDGET} | 0.01; 100.0 (99.6-100.0); 0.0 | 9.00; 1.0 (0.5-1.8); 50.0 |" in text
    assert f"- {WANDERING.name}: 9.00 pages a quarter, at most one in 1.0 (0.5 to 1.8) %" in text
    assert f"| {BUDGET} | 1 (100) |\n| never | never |" in text
    assert f"| {VERDICT} | 0 of 5 | 5 of 5 | 0 of 3 |" in text


def test_sections_without_rows_are_left_out():
    assert "###" not in markdown(Scorecard())


def test_a_table_takes_the_place_of_the_one_before():
    page = f"# Title\n\n{BEGIN}\nold\n{END}\n\nprose\n"
    once = placed(page, "new")
    assert once == f"# Title\n\n{BEGIN}\n\nnew\n{END}\n\nprose\n"
    assert placed(once, "new") == once


def test_the_page_has_the_markers_once():
    text = PAGE.read_text("utf-8")
    assert text.count(BEGIN) == text.count(END) == 1
    assert text.index(BEGIN) < text.index(END)


def test_the_picture_is_small_text_that_is_drawn_alike_twice():
    picture = svg(card())
    assert picture == svg(card())
    assert len(picture) < 50_000
    root = ET.fromstring(picture)  # noqa: S314 - our own
    said = {"".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {
        BUDGET,
        "always",
        " 99",
        "hours in alarm, nothing drifts, %",
        "changes found within a day, %",
    } <= said
    assert "#ffffff" not in picture
    assert svg(Scorecard()) == ""


def test_jobs_of_one_row_stand_together_and_cover_every_section():
    for size in (FULL, QUICK):
        keys = [(job.section, job.key) for job in jobs(size)]
        assert {section for section, _ in keys} == {
            "nulls", "tails", "power", "windows", "public", "quarters", "real",
        }  # fmt: skip
        runs = [key for at, key in enumerate(keys) if at == 0 or keys[at - 1] != key]
        assert len(runs) == len(set(runs))
    quarters = [job.arguments[2] for job in jobs(FULL) if job.section == "quarters"
                if job.key == (INDEPENDENT, None)]  # fmt: skip
    assert sum(quarters) == FULL.quarters
