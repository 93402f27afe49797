"""A reference in chunks is the one built at once, or says by how much it is not."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drift_core import BadValues, reference, stream_reference
from drift_core.references.sketch import Sketch
from tests.core.nasty import SHAPES

values = st.lists(
    st.one_of(st.floats(), st.integers(-3, 3).map(float), st.none(), st.just("x")), max_size=60
)


def cut(column, places):
    bounds = [0, *sorted(place % (len(column) + 1) for place in places), len(column)]
    return [column[a:b] for a, b in itertools.pairwise(bounds)]


@given(values, st.lists(st.integers(0, 60), max_size=4))
def test_numbers_in_any_chunks_are_the_whole(column, places):
    found = stream_reference(lambda: cut(column, places), "numeric")
    assert (found.grid, found.counts) == reference(column, "numeric")
    assert found.rank_error == 0


@given(
    st.lists(st.sampled_from(["a", "b", "c", 1, 1.0, True, None, (1,)]), max_size=80),
    st.lists(st.integers(0, 80), max_size=4),
)
def test_levels_in_any_chunks_are_the_whole(column, places):
    found = stream_reference(lambda: cut(column, places), "categorical", key=b"k")
    assert (found.grid, found.counts) == reference(column, "categorical", key=b"k")


@pytest.mark.parametrize("shape", SHAPES)
def test_columns_of_every_shape_are_the_whole(shape):
    column = SHAPES[shape](np.random.default_rng(1), 20_000)
    found = stream_reference(lambda: np.array_split(column, 7), "numeric")
    assert (found.grid, found.counts) == reference(column, "numeric")


@settings(max_examples=30)
@given(st.sampled_from(sorted(SHAPES)), st.integers(0, 99), st.lists(st.integers(0, 2_999)))
def test_too_many_numbers_still_do_not_depend_on_the_chunks(shape, seed, places):
    column = SHAPES[shape](np.random.default_rng(seed), 3_000)
    whole = stream_reference(lambda: [column], "numeric", most_distinct=300)
    found = stream_reference(lambda: cut(column, places), "numeric", most_distinct=300)
    assert (found.grid, found.counts) == (whole.grid, whole.counts)
    assert found.rank_error == whole.rank_error
    shuffled = np.random.default_rng(0).permutation(column)
    assert stream_reference(lambda: [shuffled], "numeric", most_distinct=300).counts == whole.counts


@pytest.mark.parametrize("shape", SHAPES)
def test_the_error_is_as_stated(shape):
    column = SHAPES[shape](np.random.default_rng(2), 20_000)
    found = stream_reference(lambda: np.array_split(column, 3), "numeric", most_distinct=2_000)
    assert found.counts == found.grid.count(column)
    assert found.counts.rows == column.size
    open_cells = found.counts.values[~found.grid.points]
    assert open_cells.max() <= 0.002 * column.size + found.rank_error
    # about as fine as two thousand groups can be
    assert found.rank_error <= 0.01 * column.size


def test_mass_points_among_too_many_numbers_have_cells_of_their_own():
    rng = np.random.default_rng(3)
    column = np.where(rng.random(40_000) < 0.2, 0.1, rng.normal(0.1, 1e-3, 40_000))
    column[::50] = -1 / 3
    found = stream_reference(lambda: np.array_split(column, 9), "numeric", most_distinct=1_000)
    counts = dict(
        zip(
            found.grid.knots[found.grid.atoms],
            found.counts.values[found.grid.points],
            strict=True,
        )
    )
    assert counts[0.1] == (column == 0.1).sum()
    assert counts[-1 / 3] == 800


@given(st.lists(st.floats(allow_nan=False), max_size=80), st.integers(1, 30), st.integers(0, 80))
def test_a_sketch_depends_on_the_values_alone(column, most, place):
    array = np.array(column)
    whole = Sketch.of(array, most)
    parts = Sketch.of(array[:place], most).merged(Sketch.of(array[place:], most), most)
    for name in ("shift", "keys", "counts", "least", "greatest"):
        assert np.array_equal(getattr(whole, name), getattr(parts, name))
    assert whole.keys.size <= most or whole.keys.size <= 3
    assert whole.rows == array.size


def test_more_levels_than_allowed_are_refused_with_the_way_out():
    with pytest.raises(BadValues, match="leave it out, or derive a coarser one"):
        stream_reference(lambda: [[str(i) for i in range(100)]], "categorical", most_levels=50)


def test_what_looks_wrong_is_told():
    column = [*np.random.default_rng(4).random(50).tolist(), 1_048.0]
    (found,) = stream_reference(lambda: cut(column, [20]), "numeric").findings
    assert (found.code, found.value) == ("outlier", 1_048.0)


@pytest.mark.parametrize("kind", ["numeric", "categorical"])
def test_no_chunks(kind):
    found = stream_reference(list, kind)
    assert found.counts.rows == 0
