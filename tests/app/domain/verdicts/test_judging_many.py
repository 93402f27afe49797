"""Windows that are judged together get what each gets alone."""

from dataclasses import replace

import numpy as np
import pytest

from app.domain.monitors.criteria import Criteria, Limit, Rule, RuleKind
from app.domain.monitors.monitor import Monitor, MonitorKind
from app.domain.verdicts.judgement import Gathered
from app.domain.verdicts.judging import judge_window
from app.domain.verdicts.judging_many import judge_windows
from tests.app.domain.verdicts.test_judging import MONITOR, STORED, baseline, window

MONITORS = {
    "default": MONITOR,
    "one column": replace(MONITOR, include=("moving",)),
    "rule and overrides": replace(
        MONITOR,
        criteria=Criteria(overrides=(("moving", (Limit("psi", 0.1, 0.5),)),)),
        rule=Rule(RuleKind.SHARE, 0.5),
    ),
    "quality": replace(MONITOR, kind=MonitorKind.DATA_QUALITY),
    "no columns": replace(MONITOR, roles=()),
}
GATHERED = [
    window(0.0),
    Gathered(10, None, None),
    window(0.3),
    window(2.0),
    Gathered(10, 2, window(0.0).vector),
    window(0.0, rows=20),
    replace(window(1.0), damaged=True),
    Gathered(0, 1, np.zeros_like(window(0.0).vector)),
]


@pytest.mark.parametrize("monitor", MONITORS.values(), ids=MONITORS)
def test_together_as_alone(monitor: Monitor) -> None:
    together = judge_windows(GATHERED, baseline(), STORED, monitor)
    assert len(together) == len(GATHERED)
    for one, gathered in zip(together, GATHERED, strict=True):
        alone = judge_window(gathered, baseline(), STORED, monitor)
        assert replace(one, features={}) == replace(alone, features={})
        assert list(one.features) == list(alone.features)
        for name, found in alone.features.items():
            twin = one.features[name]
            assert replace(twin, estimates={}) == replace(found, estimates={})
            for statistic, estimate in found.estimates.items():
                other = twin.estimates[statistic]
                assert (other.value, other.effect, other.p_value) == (
                    estimate.value,
                    estimate.effect,
                    estimate.p_value,
                )
