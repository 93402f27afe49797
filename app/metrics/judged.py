"""What one judgement says, as samples: nothing of it ever changes."""

from collections.abc import Mapping, Sequence

from app.domain.telling.reports import FeatureClass, LatestJudgement, StoredVerdict
from app.metrics.series import Series
from app.metrics.text import Parts, Samples, labels
from drift_core import State

STATES = tuple(state.value for state in State)


def judged(
    found: LatestJudgement, classes: Mapping[FeatureClass, int], shown: Sequence[StoredVerdict]
) -> Parts:
    """Return its samples; ``shown`` are the features that have series of their own."""
    made, who = Samples(), asked(found)
    made.add(Series.WINDOW_ROWS, who, found.rows)
    made.add(Series.WINDOW_END, who, found.end)
    made.add(Series.JUDGED, who, found.judged_at)
    made.one_of(Series.WINDOW_STATE, who, STATES, found.state)
    made.add(Series.LEFT_OUT, who, sum(classes.values()) - len(shown))
    for state in STATES:
        number = sum(count for (said, _, _), count in classes.items() if said == state)
        made.add(Series.WINDOW_FEATURES, f'{who},state="{state}"', number)
    for feature in shown:
        _add_feature(made, who, feature)
    return made.parts()


def asked(found: LatestJudgement) -> str:
    return labels(("model", found.model), ("version", found.version), ("monitor", found.monitor))


def _add_feature(made: Samples, who: str, found: StoredVerdict) -> None:
    feature = f"{who},{labels(('feature', found.feature))}"
    made.add(Series.FEATURE_P, feature, found.p_adjusted)
    made.one_of(Series.FEATURE_STATE, feature, STATES, found.state)
    for estimate in found.estimates:
        statistic = f'{feature},statistic="{estimate.statistic}"'
        made.add(Series.VALUE, statistic, estimate.value)
        made.add(Series.EFFECT, statistic, estimate.effect)
        made.add(Series.THRESHOLD, statistic, estimate.threshold)
        made.add(Series.STATISTIC_P, statistic, estimate.p_value)
        made.add(Series.ROWS_COMPARED, f'{statistic},side="reference"', estimate.n_ref)
        made.add(Series.ROWS_COMPARED, f'{statistic},side="window"', estimate.n_cur)
