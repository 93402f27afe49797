"""Two sets of rows, compared: verdicts, order, words, columns of one side, exit statuses."""

import numpy as np
import polars as pl
import pytest

from app.domain.batch import Table
from app.domain.errors import Invalid
from app.domain.model import Kind, Role
from app.domain.telling.comparing import Wanted, compare, count_current, learn
from app.domain.telling.comparison import Comparison, FailOn, exit_status, summary
from drift_core import Policy, State
from tests.app.domain.tables import table

ROWS = 3_000


def frame(shift: float = 0.0, rows: int = ROWS, seed: int = 1) -> dict[str, object]:
    rng = np.random.default_rng(seed)
    return {
        "timestamp": np.arange(rows),
        "id": np.arange(rows),
        "size": rng.normal(shift, 1.0, rows),
        "calm": rng.normal(0.0, 1.0, rows),
        "colour": rng.choice(["red", "blue"], rows, p=[0.5 + shift / 4, 0.5 - shift / 4]),
        "label": rng.integers(0, 2, rows),
    }


def rows_of(columns: dict[str, object]) -> Table:
    return table(**{name: pl.Series(name, values) for name, values in columns.items()})  # type: ignore[arg-type]


def compared(
    ref: dict[str, object], cur: dict[str, object], wanted: Wanted | None = None, parts: int = 1
) -> Comparison:
    wanted = wanted or Wanted()
    learned = learn(rows_of(ref), wanted)
    whole = pl.DataFrame(cur)
    size = -(-whole.height // parts)
    pieces = [Table(piece.to_dict(), piece.height) for piece in whole.iter_slices(size)]
    current = count_current(learned, pieces)
    return compare(learned, current, ("then", "now"), Policy(), wanted)


def test_what_drifted_comes_first_and_is_said() -> None:
    found = compared(frame(), frame(1.0, seed=2))
    assert [one.name for one in found.features[:2]] == ["size", "colour"]
    assert {one.name: one.verdict.state for one in found.features} == {
        "size": State.DRIFT,
        "colour": State.DRIFT,
        "calm": State.OK,
        "label": State.OK,
    }
    assert summary(found) == "Drift in 2 of 4 features: size, colour; 2 ok."
    size, colour = found.features[:2]
    assert size.changes[0].startswith("median ")
    assert "“red”: 49 % → 75 %" in colour.changes
    assert 0.5 < (size.psi or 0) < 1.5
    assert 0.3 < (size.distance or 0) < 0.5


def test_two_samples_of_one_law_are_ok() -> None:
    found = compared(frame(), frame(seed=2))
    assert found.verdict.state is State.OK
    assert summary(found) == "No drift in 4 of 4 features."


def test_pieces_add_up_to_the_whole() -> None:
    whole, cut = (compared(frame(), frame(0.3, seed=2), parts=parts) for parts in (1, 7))
    assert [(o.name, o.current, o.verdict.p_value) for o in whole.features] == [
        (o.name, o.current, o.verdict.p_value) for o in cut.features
    ]


def test_ids_and_times_are_not_compared_and_labels_are() -> None:
    found = compared(frame(), frame(seed=2))
    assert {one.name for one in found.not_compared} == {"timestamp", "id"}
    assert {one.name: one.role for one in found.features}["label"] is Role.LABEL


def test_a_lost_feature_drifts_and_a_lost_label_does_not() -> None:
    cur = frame(seed=2)
    del cur["calm"], cur["label"]
    cur["extra"] = np.zeros(ROWS)
    found = compared(frame(), cur)
    assert found.features[0].name == "calm"
    assert found.features[0].verdict.state is State.DRIFT
    assert "not there" in found.features[0].changes[0]
    assert found.only_reference == ("calm",)
    assert found.only_current == ("extra",)
    assert "label" in {one.name for one in found.not_compared}


def test_a_type_that_changed_drifts_and_is_named() -> None:
    cur = frame(seed=2) | {"size": ["big"] * ROWS}
    worst = compared(frame(), cur).features[0]
    assert (worst.name, worst.verdict.state) == ("size", State.DRIFT)
    assert worst.changes[0] == "of the wrong type 0 % → 100 %"


def test_missing_values_are_told_first() -> None:
    cur = frame(seed=2)
    cur["calm"] = [None if row % 10 == 0 else 0.1 * (row % 31) for row in range(ROWS)]
    worst = compared(frame(), cur).features[0]
    assert worst.changes[0] == "missing 0 % → 10 %"


def test_levels_never_seen_are_told() -> None:
    cur = frame(seed=2) | {"colour": ["red", "green"] * (ROWS // 2)}
    worst = compared(frame(), cur).features[0]
    assert worst.changes[0] == "levels never seen before 50 %"


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (Wanted(only=frozenset({"size"})), {"size"}),
        (Wanted(ignored=frozenset({"size", "label"})), {"calm", "colour"}),
    ],
)
def test_only_what_is_wanted_is_compared(wanted: Wanted, names: set[str]) -> None:
    found = compared(frame(), frame(1.0, seed=2), wanted)
    assert {one.name for one in found.features} == names
    assert found.only_current == ()
    assert found.warnings == ()


def test_kinds_can_be_said() -> None:
    found = compared(frame(), frame(seed=2), Wanted(kinds={"label": Kind.CATEGORICAL}))
    assert {one.name: one.kind for one in found.features}["label"] is Kind.CATEGORICAL


def test_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        learn(rows_of(frame()), Wanted(only=frozenset({"sizes"})))
    assert [fault.field for fault in refused.value.faults] == ["sizes"]


def test_too_many_columns_are_refused_with_the_way_out() -> None:
    wide = {f"x{i}": [1.0, 2.0] for i in range(1_001)}
    with pytest.raises(Invalid, match="1001 columns would be compared, at most 1000"):
        learn(rows_of(wide), Wanted())
    assert len(learn(rows_of(wide), Wanted(ignored=frozenset({"x7"}))).schema.counted()) == 1_000


def test_suspicions_about_the_reference_are_handed_on() -> None:
    ref = frame() | {"flat": np.ones(ROWS), "wind": [*range(1, ROWS), 1_048_000]}
    found = compared(ref, ref)
    assert {(w.feature, w.code) for w in found.warnings} == {
        ("flat", "constant"),
        ("wind", "outlier"),
    }


def test_names_too_long_to_keep_are_left_out_and_said() -> None:
    long = "x" * 10_000
    found = compared(frame() | {long: np.ones(ROWS)}, frame(seed=2) | {long: np.ones(ROWS)})
    assert [one.reason for one in found.not_compared if one.name == long] == [
        "its name is longer than 1024 bytes"
    ]
    assert found.only_current == ()


def test_few_rows_are_not_judged_rather_than_ok() -> None:
    found = compared(frame(), frame(rows=20, seed=2))
    assert found.verdict.state is State.INSUFFICIENT_DATA
    assert "could not be judged" in summary(found)
    assert "too few rows" in summary(found)


def test_where_nothing_was_judged_no_sentence_or_figure_says_no_drift() -> None:
    found = compared(frame(), frame(rows=3, seed=2))
    said = summary(found)
    assert said.startswith("Nothing could be judged: too few rows, 3 rows, at least ")
    assert {(one.psi, one.distance) for one in found.features} == {(None, None)}


@pytest.mark.parametrize(
    ("rows", "shift", "fail_on", "status"),
    [
        (ROWS, 0.0, FailOn.INSUFFICIENT, 0),
        (ROWS, 1.0, FailOn.INSUFFICIENT, 1),
        (ROWS, 1.0, FailOn.DRIFT, 1),
        (ROWS, 1.0, FailOn.NEVER, 0),
        (20, 0.0, FailOn.INSUFFICIENT, 3),
        (20, 0.0, FailOn.DRIFT, 0),
        (20, 0.0, FailOn.NEVER, 0),
    ],
)
def test_the_exit_status_says_what_was_found(
    rows: int, shift: float, fail_on: FailOn, status: int
) -> None:
    found = compared(frame(), frame(shift, rows, seed=2))
    assert exit_status(found, fail_on) == status
