"""Many windows judged at once: the numbers and the rule are those of one window."""

from collections.abc import Sequence

import numpy as np

from app.domain.model import Baseline, StoredGridSet
from app.domain.monitors.monitor import Monitor, MonitorKind
from app.domain.verdicts.drifting import Prepare, finished
from app.domain.verdicts.figuring import columns_of
from app.domain.verdicts.judgement import Gathered
from app.domain.verdicts.judges import ready
from app.domain.verdicts.judging import judge_window
from drift_core import WindowVerdict

AS_ARRAYS = (MonitorKind.DATA_DRIFT, MonitorKind.PREDICTION_DRIFT)
"""Kinds whose windows the core judges several at a time."""


def judge_windows(
    gathered: Sequence[Gathered],
    baseline: Baseline,
    grids: StoredGridSet,
    monitor: Monitor,
    prepare: Prepare = ready,
) -> list[WindowVerdict]:
    """Return what `judge_window` says of each; only each bin's part is left out."""
    fit = [at for at, one in enumerate(gathered) if _fits(one, baseline)]
    if len(fit) > 1 and monitor.kind in AS_ARRAYS and monitor.columns(baseline.schema):
        try:
            some = _together([gathered[at] for at in fit], baseline, grids, monitor, prepare)
        except ArithmeticError:
            some = []  # one of them cannot be judged: each is tried by itself
    else:
        some = []
    found = dict(zip(fit, some, strict=False))
    return [
        found[at] if at in found else judge_window(one, baseline, grids, monitor, prepare)
        for at, one in enumerate(gathered)
    ]


def _fits(one: Gathered, baseline: Baseline) -> bool:
    return not one.damaged and one.vector is not None and one.grid_set == baseline.grid_set


def _together(
    gathered: Sequence[Gathered],
    baseline: Baseline,
    grids: StoredGridSet,
    monitor: Monitor,
    prepare: Prepare,
) -> list[WindowVerdict]:
    judge = prepare(baseline, grids, monitor)
    looked = columns_of(monitor, baseline, grids)
    vectors = [one.vector for one in gathered if one.vector is not None]
    verdicts = judge.windows(np.stack([judge.grids.join(looked.counts(one)) for one in vectors]))
    return [
        finished(verdicts.window(at), looked, vector, baseline, monitor)
        for at, vector in enumerate(vectors)
    ]
