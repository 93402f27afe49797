"""The pilot: a repeatable fifth that depends on the key alone."""

import hashlib

import numpy as np
import pytest

from drift_core import pilot_rows
from drift_core.references.pilot import _splitmix64


def test_a_fifth_the_same_every_time():
    rows = pilot_rows(100_000, b"model")
    assert np.array_equal(rows, pilot_rows(100_000, b"model"))
    assert abs(rows.mean() - 0.2) < 4 * np.sqrt(0.16 / 100_000)
    assert np.array_equal(rows[:500], pilot_rows(500, b"model"))


def test_another_key_splits_otherwise():
    both = (pilot_rows(100_000, b"a") & pilot_rows(100_000, b"b")).mean()
    assert abs(both - 0.04) < 0.005


@pytest.mark.parametrize("step", [2, 5, 7, 24])
def test_no_period_of_the_rows_shows(step):
    assert abs(pilot_rows(200_000, b"k")[::step].mean() - 0.2) < 0.01


def test_the_mixer_is_splitmix64():
    # the published generator's first outputs from seed 0
    first = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]
    assert _splitmix64(np.arange(1, 4, dtype=np.uint64)).tolist() == first


def test_no_rows():
    assert pilot_rows(0, b"").shape == (0,)


@pytest.mark.parametrize("start", [0, 7, 40_000])
def test_it_is_the_rows_whose_high_bits_are_multiples_of_five(start):
    seed = np.uint64(int.from_bytes(hashlib.blake2b(b"k", digest_size=8).digest(), "little"))
    mixed = _splitmix64(np.arange(start, start + 100_000, dtype=np.uint64) + seed)
    expected = (mixed >> np.uint64(32)) % np.uint64(5) == 0
    assert np.array_equal(pilot_rows(100_000, b"k", start), expected)
