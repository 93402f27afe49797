"""The monotone map: order, exact bucket edges, and a stored form that cannot lie."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift_core import BadGrid, Symlog

MAPS = [
    Symlog(0.0, 0.5, 9, -2046, 4092),
    Symlog(1e6, 2.0**-8, 8, -100, 4092),
    Symlog(-3.25, 2.0**40, 5, -500, 900),
    Symlog(0.0, 2.0**-1040, 11, -10, 3000),
]
floats = st.floats(allow_nan=False)


@pytest.mark.parametrize("symlog", MAPS)
@given(st.lists(st.one_of(floats, st.floats(width=32, allow_nan=False)), max_size=60))
def test_it_never_decreases_and_never_leaves_its_buckets(symlog, values):
    ordered = np.sort(np.array([-np.inf, np.inf, 0.0, -0.0, symlog.centre, *values]))
    places = symlog.place(ordered)
    assert (np.diff(places) >= 0).all()
    assert places[0] >= 1
    assert places[-1] < symlog.size
    assert symlog.place(np.array([np.nan])).tolist() == [0]
    assert len(set(symlog.place(np.array([0.0, -0.0])).tolist())) == 1


@pytest.mark.parametrize("symlog", MAPS)
def test_a_bucket_begins_at_its_least_value(symlog):
    low, high = symlog.place(np.array([-np.inf, np.inf])).tolist()
    buckets = np.arange(low + 1, high + 1)
    begins = symlog.begins(buckets)
    assert (symlog.place(begins) >= buckets).all()
    assert (symlog.place(np.nextafter(begins, -np.inf)) < buckets).all()


def test_it_is_linear_near_the_centre_and_logarithmic_beyond():
    symlog = Symlog(0.0, 1.0, 8, -2000, 4000)
    zero = symlog.place(np.array([0.0]))[0]
    there = symlog.place(np.array([0.25, 0.5, 1.0, 3.0, 7.0, -0.5, -3.0])) - zero
    assert there.tolist() == [64, 128, 256, 512, 768, -128, -512]


@pytest.mark.parametrize("symlog", MAPS)
def test_json_round_trips(symlog):
    assert Symlog.parse(json.loads(json.dumps(symlog.to_json()))) == symlog


def test_no_map_and_maps_of_later_versions_are_none():
    assert Symlog.parse(None) is None
    assert Symlog.parse({"form": "spline", "pieces": []}) is None


@pytest.mark.parametrize(
    "shape",
    [
        (0.0, 0.0, 8, -10, 20),
        (0.0, -1.0, 8, -10, 20),
        (0.0, np.nan, 8, -10, 20),
        (np.nan, 1.0, 8, -10, 20),
        (np.inf, 1.0, 8, -10, 20),
        (0.0, np.inf, 8, -10, 20),
        (0.0, 1.0, 0, -10, 20),
        (0.0, 1.0, 60, -10, 20),
        (0.0, 1.0, 8, -10, 0),
        (0.0, 1.0, 8, -10, 10**9),
        (0.0, 1.0, 8, -(10**12), 20),
        (0.0, 1.0, 4, 30_000, 20),
    ],
)
def test_what_would_write_beyond_its_buckets_is_refused(shape):
    with pytest.raises(BadGrid):
        Symlog(*shape)
