"""The documents' tables are what the committed results render to."""

import re
from dataclasses import replace

import pytest

from benchmarks.blocks import BLOCKS, NOT_RUN
from benchmarks.findings import FOLDER, Found, Line, Table, load, save
from benchmarks.markdown import duration, times
from benchmarks.report import DOCUMENTS, ROOT, render

MARKER = re.compile(r"<!-- bench: (\w+) -->")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_shows_the_committed_results(name):
    text = (ROOT / name).read_text()
    assert MARKER.search(text)
    assert render(text, load) == text


def test_every_table_stands_in_a_document():
    texts = "".join((ROOT / name).read_text() for name in DOCUMENTS)
    assert set(MARKER.findall(texts)) == set(BLOCKS)


def test_other_results_make_another_table():
    text = (ROOT / "docs/performance.md").read_text()

    def slower(part: str) -> Found | None:
        found = load(part)
        return None if found is None else replace(found, tables=tuple(map(doubled, found.tables)))

    def doubled(table: Table) -> Table:
        return replace(
            table, lines=tuple(replace(each, best=each.best * 2) for each in table.lines)
        )

    assert render(text, slower) != text


def test_a_table_without_results_says_so():
    text = "<!-- bench: types -->\nold\n<!-- bench end -->\nkept"
    new = f"<!-- bench: types -->\n{NOT_RUN}\n<!-- bench end -->\nkept"
    assert render(text, lambda _: None) == new


def test_an_unknown_table_is_an_error():
    with pytest.raises(KeyError):
        render("<!-- bench: nothing -->\n<!-- bench end -->", load)


def test_results_come_back_as_they_were_saved(tmp_path):
    lines = (Line("one", 0.25, 0.5, 10), Line("two", 1.0, 2.0, 10, peak_mb=3.0, extra_mb=1.0))
    found = Found({"cpu": "abacus"}, (Table("key", "title", "one", lines),), {"x": 1.5}, ("note",))
    save("part", found, tmp_path)
    assert load("part", tmp_path) == found
    assert load("other", tmp_path) is None


def test_every_committed_result_can_be_read():
    for path in FOLDER.glob("*.json"):
        found = load(path.stem)
        assert found is not None
        for table in found.tables:
            assert table.ratio(table.base) == 1


def test_ratios_are_by_value_where_lines_went_over_different_numbers():
    table = Table("k", "t", "base", (Line("base", 2.0, 2.0, 10), Line("half", 3.0, 3.0, 5)))
    assert table.ratio("half") == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("ratio", "text"), [(1.26, "1.3 x"), (12.3, "12 x"), (123.4, "120 x"), (12_345.0, "12,000 x")]
)
def test_ratios_in_words(ratio, text):
    assert times(ratio) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0123, "12 ms"), (0.96, "960 ms"), (1.26, "1.3 s"), (153.0, "153 s"), (0.1234, "123 ms")],
)
def test_durations_in_words(seconds, text):
    assert duration(seconds) == text
