"""Tables of levels: no look-up can be made long, and nothing is compiled at that time."""

import importlib
import pkgutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba.core.dispatcher import Dispatcher

from drift_core import Texts, kernels
from drift_core.columns.numbering import number, seed_of
from drift_core.grids.vocabulary import IntegerLookup, TextLookup, _longest_run
from drift_core.kernels.keys import salt_of


def runs_of(slots):
    """Lengths of the runs of filled slots, found one slot after another."""
    filled = (slots[3::4] != 0).tolist()
    lengths, run = [], 0
    for taken in filled + filled:
        run = run + 1 if taken else 0
        lengths.append(run)
    return max(lengths)


@pytest.mark.parametrize("size", [0, 1, 700, 1_300, 40_000])
def test_runs_of_filled_slots_stay_short(size):
    names = [f"level {i}" for i in range(size)]
    lookup = TextLookup.of({name: 2 + i for i, name in enumerate(names)}, 2 + size).lookup
    assert (lookup.slots[3::4] != 0).sum() == size
    assert runs_of(lookup.slots) <= 128
    assert size * 2 <= lookup.slots.size // 4


@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_runs_are_found_around_the_end_too(filled):
    # one slot is always empty: no table is ever full
    slots = np.zeros(4 * (len(filled) + 1), np.uint64)
    slots[3:-4:4] = filled
    for turn in range(len(filled) + 1):
        turned = np.roll(slots, 4 * turn)
        assert _longest_run(turned) == runs_of(turned)


def test_the_seed_comes_from_every_byte():
    texts = ["a", "b" * 30, ""]
    seeds = {seed_of(Texts.of(texts))}
    for changed in (["b", "b" * 30, ""], ["a", "b" * 29 + "c", ""], ["ab", "b" * 29, ""]):
        seeds.add(seed_of(Texts.of(changed)))
    seeds.add(seed_of(Texts.of(texts), attempt=1))
    assert len(seeds) == 5


def test_texts_that_cancel_in_simpler_hashes_do_not_here():
    # flips of the highest bits that a hash of products and shifts, without a fold, undoes
    rng = np.random.default_rng(1)
    words = np.tile(rng.integers(0, 2**63, 24, np.uint64), (4_096, 1))
    bits = np.arange(4_096)[:, None] >> np.arange(12) & 1
    words[:, 0::2] ^= bits.astype(np.uint64) << np.uint64(63)
    words[:, 1::2] ^= bits.astype(np.uint64) * np.uint64((1 << 63) | (1 << 31))
    offsets = np.arange(0, 4_097) * 24 * 8
    found = number(Texts(offsets, words.reshape(-1).view(np.uint8)), 7)
    assert found.firsts.size == 4_096
    assert np.unique(found.slots[0::4]).size == 4_097
    assert runs_of(found.slots) < 128


def words_of(*rows):
    """Lay out texts of as many bytes each, given as words."""
    words = np.array(rows, np.uint64)
    return Texts(np.arange(len(rows) + 1) * words.shape[1] * 8, words.reshape(-1).view(np.uint8))


def test_texts_of_one_hash_are_told_apart_by_their_bytes():
    salt = int(salt_of(np.uint64(7)))
    # the first product is nought, and so is the second: the last word has no part in the hash
    last = words_of((salt, 1, 0, 1), (salt, 1, 0, 2), (salt, 1, 0, 1 << 63), (salt, 1, 0, 1))
    # the last factor is nought: only the last word has a part
    end = salt ^ 40
    any_word = words_of((1, 2, 3, 4, end), (0, 2, 3, 4, end), (1, 2, 0, 4, end), (1, 2, 3, 5, end))
    for texts, numbers in ((last, [1, 2, 3, 1]), (any_word, [1, 2, 3, 4])):
        found = number(texts, 7)
        assert found.numbers.tolist() == numbers
        # they share a hash, of which a slot keeps the upper half, and lie in one run
        held = found.slots[3::4]
        assert np.unique(held[held != 0] & np.uint64(0xFFFFFFFF)).tolist() == [0]


def test_the_bytes_after_the_last_whole_word_are_compared_too():
    # bytes from 12 to 20 and the first product are nought, so that the last eight hide
    start = np.array([int(salt_of(np.uint64(7))), 1, 0], np.uint64).tobytes()
    data = b"".join(start + end for end in (b"abcd", b"abce", b"bbcd", b"abcd"))
    found = number(Texts(np.arange(5) * 28, np.frombuffer(data, np.uint8)), 7)
    assert found.numbers.tolist() == [1, 2, 3, 1]
    held = found.slots[3::4]
    assert np.unique(held[held != 0] & np.uint64(0xFFFFFFFF)).tolist() == [0]


def test_constants_of_the_hash_are_no_way_to_make_texts_collide():
    known = 0xA0761D6478BD642F
    rows = [(known, i) for i in range(500)]
    long = [(i, 2, 3, known ^ 32) for i in range(500)] + [(known, i, 0, 5) for i in range(500)]
    for texts in (words_of(*rows), words_of(*long)):
        found = number(texts, 7)
        assert found.firsts.size == texts.rows
        assert runs_of(found.slots) < 60


def test_integers_far_apart_go_to_a_table():
    near = IntegerLookup.of({"1": 2, "3": 3, "x": 4}, 7)
    far = IntegerLookup.of({"1": 2, str(10**15): 3, "x": 4, str(2**63): 5}, 7)
    column = np.array([1, 3, 10**15, 2, -5])
    assert (near.index is None, far.index is None) == (False, True)
    assert near.tally(column, kernels.EVERY_ROW).tolist() == [0, 0, 1, 1, 0, 0, 3]
    assert far.tally(column, kernels.EVERY_ROW).tolist() == [0, 0, 1, 1, 0, 0, 3]


def test_nothing_is_left_to_compile_once_kernels_are_imported():
    kernels.warm_up()
    names = [module.name for module in pkgutil.iter_modules(kernels.__path__)]
    modules = [importlib.import_module(f"{kernels.__name__}.{name}") for name in names]
    loops = {
        id(value): value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, Dispatcher)
    }
    assert len(loops) > 20
    # one that may compile does so for the first array of a new type
    assert [loop.py_func.__name__ for loop in loops.values() if loop._can_compile] == []
