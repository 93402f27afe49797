"""What the terminal shows: by meaning, at any width, and harmless."""

from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console

from app.domain.telling.comparison import Comparison
from app.domain.telling.shape import Bar
from app.report.terminal import PLAIN, histograms, report
from tests.app.report import comparisons


def printed(comparison: Comparison, width: int = 80, *, plain: bool = False) -> str:
    console = Console(file=StringIO(), width=width)
    console.print(report(comparison, width, plain=plain))
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def row(text: str, name: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(name))


def test_the_sentence_comes_first_and_the_worst_feature_on_top() -> None:
    text = printed(comparisons.ordinary())
    assert text.startswith("Drift in 3 of 5 features: ")
    lines = [line.split()[0] for line in text.splitlines() if " num " in line or " cat " in line]
    assert lines[0] == "old"
    assert lines[-2:] == sorted(lines[-2:])
    assert set(lines) == {"size", "calm", "colour", "flat", "old"}


def test_a_row_holds_verdict_figures_and_both_shapes() -> None:
    text = printed(comparisons.ordinary(), 100)
    assert row(text, "size").split()[1:3] == ["num", "drift"]
    assert row(text, "calm").split()[1:4] == ["num", "ok", "0.01"]
    assert "0→100 %" in row(text, "old")
    assert sum(mark in "▁▂▃▄▅▆▇█" for mark in row(text, "size")) >= 10


def test_changes_warnings_and_odd_columns_are_said() -> None:
    text = " ".join(printed(comparisons.ordinary(), 120).split())
    assert "levels never seen before" in text
    assert "flat all its values are equal" in text
    assert "extra in the current rows only" in text
    assert "old in the reference only" in text
    assert "id its name" in text


def test_what_could_not_be_judged_is_never_called_ok() -> None:
    text = printed(comparisons.few(), 120)
    assert text.startswith("1 of 2 features could not be judged (size: too few rows")
    assert "; no drift in the other one." in " ".join(text.split())
    assert row(text, "size").split()[1:6] == ["num", "not", "judged", "-", "-"]
    assert row(text, "flag").split()[1:3] == ["cat", "ok"]
    assert "Not judged" in text


@pytest.mark.parametrize("width", [80, 100, 132, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    for comparison in (comparisons.ordinary(), comparisons.hostile()):
        assert all(cell_len(line) <= width for line in printed(comparison, width).splitlines())


def test_hostile_names_do_nothing() -> None:
    text = printed(comparisons.hostile())
    assert "\x1b" not in text
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in text
    assert "[bold red]loud[/]" in text
    assert comparisons.MARKUP[:15] in text


def test_a_plain_terminal_gets_plain_bars() -> None:
    text = printed(comparisons.calm(), plain=True)
    assert not any(mark in text for mark in "▁▂▃▄▅▆▇█")
    assert any(mark in row(text, "size") for mark in "#%@")


def test_what_is_there_never_looks_empty_and_both_share_a_scale() -> None:
    bars = (Bar("a", "range", 0.5, 0.001), Bar("b", "range", 0.0, 0.25), Bar("m", "missing", 1, 1))
    assert histograms(bars) == ("█ ", "▁▄")
    assert histograms(bars, PLAIN) == ("@ ", ".=")
