"""Rules over features, and limits of single features."""

from dataclasses import replace

import numpy as np
import pytest

from app.domain.monitors.criteria import Criteria, Limit, Rule, RuleKind
from app.domain.monitors.monitor import Monitor
from app.domain.monitors.ruling import decide, ruled
from drift_core import Estimate, FeatureVerdict, Grid, GridSet, Policy, State, WindowVerdict, judge

LETTERS = {
    "d": State.DRIFT,
    "D": State.DRIFT,
    "o": State.OK,
    "w": State.OK,
    "?": State.INSUFFICIENT_DATA,
    "-": State.INSUFFICIENT_DATA,
    "e": State.ERROR,
}
REASONS = {"?": "few_rows: 3 rows", "-": "no_reference_rows", "e": "no_counts"}


def feature(letter: str, effect: float = 0.3, p_value: float = 1e-6) -> FeatureVerdict:
    """d drifted, D with page evidence, o ok, w warning, ? too few rows, - hopeless, e error."""
    judged = letter in "dDow"
    psi = Estimate("psi", effect, effect, effect, 0.0, effect, p_value, 9, 9, None, "bins", None)
    return FeatureVerdict(
        state=LETTERS[letter],
        warning=letter == "w",
        page=letter == "D",
        reason=REASONS.get(letter),
        p_value=p_value if judged else None,
        p_adjusted=p_value if judged else None,
        rules=("psi",) if letter in "dD" else (),
        estimates={"psi": psi} if judged else {},
    )


def window(letters: str) -> WindowVerdict:
    features = {f"f{i}": feature(letter) for i, letter in enumerate(letters)}
    return WindowVerdict(State.ERROR, False, False, "to be decided", features)


ANY = Rule()
HALF = Rule(RuleKind.SHARE, share=0.5)
HEAVY = Rule(RuleKind.WEIGHTED_SHARE, share=0.5, weights=(("f0", 3.0), ("f1", 1.0)))
NAMED = Rule(RuleKind.NAMED, features=("f1", "f9"))


@pytest.mark.parametrize(
    ("rule", "letters", "state", "page"),
    [
        (ANY, "oo", "ok", False),
        (ANY, "od", "drift", False),
        (ANY, "oD", "drift", True),
        (ANY, "d?", "drift", False),
        (ANY, "o?", "insufficient_data", False),
        (ANY, "o-", "ok", False),
        (ANY, "--", "insufficient_data", False),
        (ANY, "oe?", "error", False),
        (ANY, "", "insufficient_data", False),
        (HALF, "Doo", "ok", False),
        (HALF, "Ddo", "drift", True),
        (HALF, "dddo", "drift", False),
        (HALF, "doo?", "insufficient_data", False),  # it might have been the second of four
        (HALF, "dooo?", "ok", False),  # two of five would not do
        (HALF, "Dd??", "drift", True),
        (HEAVY, "oDDD", "ok", False),
        (HEAVY, "Dooo", "drift", True),
        (HEAVY, "oo", "ok", False),
        (NAMED, "Do", "ok", False),
        (NAMED, "oD", "drift", True),
        (NAMED, "D?", "insufficient_data", False),
        (NAMED, "?o", "ok", False),
        (NAMED, "D", "insufficient_data", False),
    ],
)
def test_rules(rule: Rule, letters: str, state: str, page: bool) -> None:
    found = decide(window(letters), rule)
    assert (found.state.value, found.page) == (state, page)


def test_what_the_rule_did_not_heed_is_a_warning_with_a_reason() -> None:
    found = decide(window("doo"), HALF)
    assert (found.state, found.warning) == (State.OK, True)
    assert found.reason == "rule: 1 of 3 features drifted"
    assert decide(window("w"), ANY).warning
    assert decide(window("o?"), ANY).reason == "1 of 2 features; f1: few_rows: 3 rows"


def limited(drift: float | None, warning: float | None = None, page: float = 1e-5) -> Monitor:
    limits = (("f0", (Limit("psi", warning, drift),)),)
    return Monitor("m", 1, criteria=Criteria(overrides=limits), page_level=page)


@pytest.mark.parametrize(
    ("letter", "monitor", "state", "page", "warning"),
    [
        ("d", limited(0.4), "ok", False, True),
        ("o", limited(0.25), "drift", True, False),
        ("o", limited(0.25, page=1e-9), "drift", False, False),
        ("o", limited(0.4, warning=0.2), "ok", False, True),
        ("o", limited(None), "ok", False, False),
        ("?", limited(0.01), "insufficient_data", False, False),
    ],
)
def test_limits_of_one_feature(
    letter: str, monitor: Monitor, state: str, page: bool, warning: bool
) -> None:
    found = ruled(window(letter), monitor)
    assert (found.state.value, found.page, found.warning) == (state, page, warning)


def test_a_bin_that_moved_by_itself_stays_drift_whatever_the_limits() -> None:
    bins = replace(feature("d"), rules=("psi", "bin:3"))
    found = ruled(replace(window("d"), features={"f0": bins}), limited(0.9))
    assert found.features["f0"].rules == ("bin:3",)
    assert found.state is State.DRIFT


def test_evidence_is_needed_whatever_the_limits() -> None:
    weak = feature("o", effect=5.0, p_value=0.5)
    found = ruled(replace(window("o"), features={"f0": weak}), limited(0.1))
    assert found.state is State.OK


@pytest.mark.parametrize("shift", [0.0, 0.1, 0.5])
def test_the_usual_rule_says_what_the_core_says(shift: float) -> None:
    draw = np.random.default_rng(3)
    rows = draw.normal(size=(4_000, 3))
    grids = GridSet(tuple((name, Grid.numeric(rows[:, i])) for i, name in enumerate("abc")))
    moved = draw.normal(size=(600, 3)) + np.array([0.0, 0.0, shift])
    ref, cur = (
        {name: grids[name].count(side[:, i]) for i, name in enumerate("abc")}
        for side in (rows, moved)
    )
    said = judge(ref, cur, Policy(page_level=1e-4))
    again = decide(said, ANY)
    assert (again.state, again.page, again.warning) == (said.state, said.page, said.warning)
