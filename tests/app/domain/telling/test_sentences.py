"""The sentence of a feature: each state, each kind of rule, and names that are far too long."""

import numpy as np
import pytest

from app.domain.telling.sentences import LONGEST_NAME, sentence
from drift_core import Estimate, FeatureVerdict, State

LIMITS = {"psi": 0.2, "ks": 0.1, "missing": None}


def estimate(name: str, effect: float | None) -> Estimate:
    return Estimate(name, effect, None, None, 0.0, effect, 0.5, 9, 9, np.zeros(1), "bins", None)


def verdict(state: State, *rules: str, reason: str | None = None, **effects: float | None):
    found = {name: estimate(name, effect) for name, effect in effects.items()}
    return FeatureVerdict(state, False, False, reason, 0.5, 0.5, rules, found)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            verdict(State.DRIFT, "psi", psi=1.2249, ks=0.01),
            "temp drifted: PSI 1.22 (0.2 or more is drift)",
        ),
        (
            verdict(State.DRIFT, "psi", "ks", psi=0.5, ks=0.25),
            "temp drifted: PSI 0.5 (0.2 or more is drift); KS 0.25 (0.1 or more is drift)",
        ),
        (verdict(State.DRIFT, "bin:3", psi=0.1), "temp drifted: 1 bin changed enough on its own"),
        (
            verdict(State.DRIFT, "bin:3", "bin:4"),
            "temp drifted: 2 bins changed enough on their own",
        ),
        (
            verdict(State.DRIFT, "missing", "absent", missing=1.0),
            "temp drifted: missing 1; batches came without it",
        ),
        (verdict(State.DRIFT, psi=0.1), "temp drifted"),
        (
            verdict(State.OK, psi=-0.004, ks=None),
            "temp is within its limits: PSI 0 (0.2 or more is drift)",
        ),
        (
            verdict(State.INSUFFICIENT_DATA, reason="few_rows: 3 rows, at least 9 are needed"),
            "temp could not be judged: too few rows, 3 rows, at least 9 are needed",
        ),
    ],
)
def test_a_feature_is_told_in_one_sentence(said: FeatureVerdict, words: str) -> None:
    assert sentence("temp", said, LIMITS) == words


def test_a_long_name_is_cut() -> None:
    told = sentence("x" * 1_000, verdict(State.DRIFT), LIMITS)
    assert told == "x" * (LONGEST_NAME - 1) + "… drifted"
