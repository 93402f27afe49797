"""Columns counted at once count as each does on its own grid; what cannot be is left alone."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift_core import Grid, GridSet

ROWS = 1_500
RNG = np.random.default_rng(5)
SHAPES = {
    "normal": RNG.normal(size=20_000),
    "wide": RNG.lognormal(0, 3, 20_000),
    "zeros": np.where(RNG.random(20_000) < 0.4, 0.0, RNG.normal(size=20_000)),
}
GRIDS = GridSet(
    (*((name, Grid.numeric(values)) for name, values in SHAPES.items()),
     ("level", Grid.categorical(["a", "b"])),
     ("constant", Grid.numeric([1.0] * 100)))
)  # fmt: skip
ODD = st.sampled_from([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-310, 1e300])


def counted(columns, rows=ROWS, grids=GRIDS):
    vector = grids.zero()
    return grids.tally(columns, rows, vector), vector


@given(st.lists(st.floats(width=32) | ODD, min_size=1, max_size=50), st.data())
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_as_each_alone(dtype, drawn, data):
    names = data.draw(st.lists(st.sampled_from(list(SHAPES)), unique=True))
    with np.errstate(over="ignore"):
        columns = {
            name: np.concatenate([drawn, SHAPES[name][: ROWS - len(drawn)]]).astype(dtype)
            for name in names
        }
    found, vector = counted(columns)
    assert found == set(names)
    one_by_one = {name: GRIDS[name].count(column) for name, column in columns.items()}
    assert vector.tolist() == GRIDS.join(one_by_one).tolist()


def test_columns_of_either_width_and_those_that_nobody_may_write():
    wide, narrow = SHAPES["normal"][:ROWS].copy(), SHAPES["wide"][:ROWS].astype(np.float32)
    wide.flags.writeable = False
    found, vector = counted({"normal": wide, "wide": narrow})
    assert found == {"normal", "wide"}
    assert GRIDS.counts(vector, "normal") == GRIDS["normal"].count(wide)
    assert GRIDS.counts(vector, "wide") == GRIDS["wide"].count(narrow)


UNALIGNED = np.frombuffer(bytes(8 * ROWS + 4), np.float64, ROWS, 4)


@pytest.mark.parametrize(
    "column",
    [
        np.zeros(2 * ROWS)[::2],
        np.zeros(ROWS, ">f8"),
        np.zeros(ROWS, np.float16),
        np.zeros(ROWS, np.int64),
        np.zeros(ROWS - 1),
        UNALIGNED,
    ],
)
def test_what_the_loop_does_not_read_is_left_to_the_grid(column):
    found, vector = counted({"normal": column, "wide": np.zeros(ROWS)})
    assert (found, vector.sum()) == ({"wide"}, ROWS)


def test_other_grids_and_few_rows_are_left_too():
    assert counted({"level": np.zeros(ROWS), "constant": np.ones(ROWS)})[0] <= {"constant"}
    few = counted({"normal": np.zeros(3)}, rows=3)
    assert (few[0], few[1].sum()) == (set(), 0)
    assert counted({})[0] == set()


def test_a_set_that_came_from_another_process():
    columns = {name: values[:ROWS] for name, values in SHAPES.items()}
    _, here = counted(columns)
    found, there = counted(columns, grids=pickle.loads(pickle.dumps(GRIDS)))  # noqa: S301  our own
    assert found == set(SHAPES)
    assert here.tolist() == there.tolist()
