"""The scorecard judges as the core does: in arrays, window for window."""

import numpy as np
import pytest

from benchmarks.scorecard import ours
from benchmarks.scorecard.real import tables_of
from benchmarks.scorecard.streams import STREAMS, tables
from drift_core import STATISTICS, State, judge, reference
from drift_core.judging.pieces import OWN
from drift_core.paging.budget import Budget


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def windows(rng):
    """Windows of three columns, some of which drift, some a little, and some with few rows."""
    for at in range(60):
        rows = (60, 300, 1_000)[at % 3]
        shift = (0.0, 0.2, 0.6, 1.5)[at % 4]
        yield {
            "normal": rng.normal(shift * (at % 5 == 0), 1, rows),
            "counts": rng.poisson(1 + shift * (at % 7 == 0), rows),
            "levels": rng.choice(list("abcde"), rows, p=[0.3, 0.3, 0.2, 0.1, 0.1]).tolist(),
        }


def test_array_verdicts_are_the_public_verdicts(rng):
    known = {
        "normal": reference(rng.normal(size=3_000), "numeric"),
        "counts": reference(rng.poisson(1, 3_000), "numeric"),
        "levels": reference(rng.choice(list("abcde"), 3_000).tolist(), "categorical"),
    }
    base = {name: counts for name, (_, counts) in known.items()}
    cur = [{name: known[name][0].count(row[name]) for name in known} for row in windows(rng)]
    verdicts = [judge(base, one) for one in cur]
    drift, significant = ours.judged(
        [tables_of(base[name], [one[name] for one in cur]) for name in base]
    )
    assert drift.tolist() == [one.state is State.DRIFT for one in verdicts]
    level = ours.POLICY.level
    least = [
        min((f.p_adjusted for f in one.features.values() if f.p_adjusted is not None), default=1.0)
        for one in verdicts
    ]
    assert significant.tolist() == [p <= level for p in least]
    assert 0 < drift.sum() < len(cur)


def test_every_piece_of_evidence_is_shown(rng):
    shown = {
        name for stream in STREAMS for name in ours.all_p_values(tables(stream, 1_000, 100, 3, rng))
    }
    brought = {
        one.evidence
        for name, one in STATISTICS.items()
        for stream in STREAMS
        if (drawn := tables(stream, 1_000, 100, 3, rng)).kind in one.kinds
        and not np.isnan(ours.estimates(drawn)[name].p_value).all()
    }
    assert shown == brought | set(OWN) | {ours.EVIDENCE}


def test_pages_need_what_was_learned_from_such_traffic(rng):
    share, budget = np.full(10, 0.1), Budget(looks=150, long=6, learn=120, resolve=6)
    ref = 5 * rng.multinomial(2_000, share, 4)
    repeated = 5 * rng.multinomial(200, share, (270, 4))
    paged, opens = ours.paged(ref, repeated[:120], repeated[120:], budget)
    assert (paged.shape, opens.shape) == ((150,), (150,))
    assert opens.sum() <= budget.pages
    # the control: what was learned from independent rows does not know of the repetition
    independent = rng.multinomial(1_000, share, (120, 4))
    gate = Budget(looks=150, long=6, learn=120, resolve=6, gate=0.0)
    paged, _ = ours.paged(ref, independent, repeated[120:], gate)
    assert paged.sum() >= 5
