"""Maps that part dictated knots, wherever these lie."""

import numpy as np
import pytest

from drift_core.placing.crowds import lay_out
from drift_core.placing.spread import spread_knots
from drift_core.placing.symlogs import Symlogs
from tests.core.nasty import CONTINUOUS, FAR_APART

RESOLVED = [
    "0 and 1e12",
    "0 and 1e9",
    "five clusters",
    "steep poles",
    "four poles",
    "subnormal integers",
    "consecutive large",
    "neighbours",
]


def quantiles(shape, knots=1_000):
    values = (CONTINUOUS | FAR_APART)[shape](np.random.default_rng(1), 100_000)
    return np.unique(np.quantile(values, np.linspace(0, 1, knots)) + 0.0)


def shared(places):
    return float((np.bincount(places)[places] > 1).mean())


@pytest.mark.parametrize("shape", [*CONTINUOUS, *RESOLVED])
def test_nearly_every_knot_has_a_bucket_of_its_own(shape):
    knots = quantiles(shape)
    laid = lay_out(knots)
    assert shared(laid.line.place(knots)) <= 0.03
    assert laid.table.inner.size == 0


@pytest.mark.parametrize("shape", CONTINUOUS)
def test_one_map_is_enough_for_what_is_in_one_place(shape):
    assert len(lay_out(quantiles(shape)).line.parts) == 1


def test_clusters_get_a_map_each_until_there_are_too_many():
    assert len(lay_out(quantiles("0 and 1e12")).line.parts) == 2
    assert len(lay_out(quantiles("five clusters")).line.parts) == 5
    assert len(lay_out(quantiles("twenty clusters")).line.parts) < 3


@pytest.mark.parametrize("shape", FAR_APART)
def test_a_sum_of_maps_never_decreases(shape):
    knots = quantiles(shape)
    line = Symlogs(spread_knots(knots))
    rng = np.random.default_rng(2)
    bits = rng.integers(0, 2**64 - 1, 5_000, dtype=np.uint64).view(np.float64)
    near = [knots, np.nextafter(knots, -np.inf), np.nextafter(knots, np.inf), bits]
    places = line.place(np.sort(np.concatenate([*near, [-np.inf, np.inf]])))
    nan = np.isnan(bits).sum()
    assert (places[places.size - nan :] == 0).all()
    places = places[: places.size - nan]
    assert (np.diff(places) >= 0).all()
    assert places[0] >= 1
    assert places[-1] < line.size


def test_crowded_buckets_are_cut_until_few_knots_share_a_part():
    knots = quantiles("twenty clusters")
    line, table, _ = lay_out(knots)
    assert shared(line.place(knots)) > 0.5
    assert table.inner.shape == (line.size, 2)
    assert np.isfinite(table.only).sum() >= 0.9 * knots.size


def test_knots_that_are_parted_are_not_cut():
    knots = quantiles("normal")
    table = lay_out(knots).table
    assert table.inner.size == 0
    assert table.step == 1
    assert np.array_equal(table.only[np.isfinite(table.only)], knots)


@pytest.mark.parametrize("shape", FAR_APART)
def test_what_is_laid_out_fits_what_the_loops_count_with(shape):
    knots = quantiles(shape)
    line, table, _ = lay_out(knots)
    assert table.size == knots.size
    assert np.isnan(table.knots[knots.size :]).all()
    assert table.knots.size >= knots.size + table.step
    ends = table.first + table.step - 1
    assert ends.max() < table.knots.size
    parts = table.below.size
    assert parts >= line.size
    if table.inner.size:
        begins, lasts = table.inner[:, 1] >> 32, (table.inner[:, 1] >> 8) & 0xFFFFFF
        assert (begins + lasts).max() < parts
        assert (np.diff(begins) == lasts[:-1] + 1).all()


@pytest.mark.parametrize("knots", [[], [1.0], [np.inf], [-np.inf, 0.0, np.inf]])
def test_fewer_than_two_finite_knots_need_no_map(knots):
    assert spread_knots(np.array(knots)) == ()
    assert lay_out(np.array(knots)) is None
