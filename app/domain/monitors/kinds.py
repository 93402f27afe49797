"""Who judges for which kind of monitor: another kind is one file and one line here."""

from collections.abc import Mapping
from typing import Protocol

from app.domain.model import Baseline, StoredGridSet
from app.domain.monitors.monitor import Monitor, MonitorKind
from app.domain.verdicts.drifting import Prepare, drift
from app.domain.verdicts.judgement import Gathered
from app.domain.verdicts.quality_judging import judge_quality
from drift_core import WindowVerdict


class JudgeOf(Protocol):
    """Judges a window whose counts are whole and lie on the baseline's grid set; pure."""

    def __call__(
        self,
        gathered: Gathered,
        baseline: Baseline,
        grids: StoredGridSet,
        monitor: Monitor,
        prepare: Prepare,
    ) -> WindowVerdict: ...


JUDGES_OF: Mapping[MonitorKind, JudgeOf] = {
    MonitorKind.DATA_DRIFT: drift,
    MonitorKind.PREDICTION_DRIFT: drift,
    MonitorKind.DATA_QUALITY: judge_quality,
}
