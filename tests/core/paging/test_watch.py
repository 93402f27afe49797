"""A watch is a value that can be put away."""

import json

import numpy as np

from drift_core import Budget, Watch, fresh, learned, look_many


def test_it_goes_on_from_json_and_stored_counts_as_if_nothing_had_been():
    rng, budget = np.random.default_rng(1), Budget(long=4, learn=40)
    looks = rng.multinomial(500, np.full(5, 0.2), (70, 3))
    looks[55:, 1, 0] += 400
    ref = rng.multinomial(9_000, np.full(5, 0.2), 3)
    watch, _ = look_many(fresh(3, 5), ref, looks[:60], budget)
    watch = learned(watch, looks[:40], budget)
    stored = json.loads(json.dumps(watch.to_json(), allow_nan=False))
    back = Watch.from_json(stored, looks[56:60])
    found, again = (look_many(one, ref, looks[60:], budget) for one in (watch, back))
    for one, other in zip(found[1], again[1], strict=True):
        np.testing.assert_array_equal(one, other)
    assert found[1].firing.all()
    assert found[0].looks == again[0].looks == 70


def test_a_watch_that_learned_nothing_comes_back_too():
    watch = fresh(2, 3)
    assert Watch.from_json(watch.to_json(), watch.recent).traffic is None
