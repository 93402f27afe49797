"""Verdicts on many windows as arrays; values for people are made when they are asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from drift_core.judging.refusal import ERRORS, HOPELESS, Demands, Refusal
from drift_core.judging.verdict import FeatureVerdict, State, WindowVerdict
from drift_core.stats import STATISTICS, Estimate, Estimates
from drift_core.types import BoolArray, FloatArray, IntArray

_STATES = tuple(State)


@dataclass(frozen=True, slots=True, eq=False)
class Verdicts:
    """What was found in W windows of F features; arrays of shape (W, F) unless said otherwise.

    Attributes
    ----------
    names
        The features.
    drift, warning, page
        As in `FeatureVerdict`.
    refusal
        Codes of `Refusal`: zero where the feature was judged.
    p_value, p_adjusted
        Evidence; NaN where the feature was not judged.
    estimates
        By statistic; NaN where a feature's kind does not ask for it. Contributions have shape
        (W, F, B) and are there if they were asked for.
    matters
        By statistic: its effect matters.
    moved
        Shape (W, F, B): the bin matters by itself.
    rows
        The windows' rows.
    bins
        Shape (F,): bins of each feature, the rest of B being padding.
    statistics
        For each feature the statistics computed.
    demands
        What the references ask for.
    """

    names: tuple[str, ...]
    drift: BoolArray
    warning: BoolArray
    page: BoolArray
    refusal: IntArray
    p_value: FloatArray
    p_adjusted: FloatArray
    estimates: Mapping[str, Estimates]
    matters: Mapping[str, BoolArray]
    moved: BoolArray
    rows: IntArray
    bins: IntArray
    statistics: Sequence[tuple[str, ...]] = field(repr=False)
    demands: Demands = field(repr=False)

    def where(self, state: State) -> BoolArray:
        """Say which features are in a state: shape (W, F)."""
        error: BoolArray = np.isin(self.refusal, ERRORS)
        judged: BoolArray = self.refusal == Refusal.NONE
        found = {
            State.ERROR: error,
            State.INSUFFICIENT_DATA: ~judged & ~error,
            State.DRIFT: self.drift,
            State.OK: judged & ~self.drift,
        }
        return found[state]

    def windows_where(self, state: State) -> BoolArray:
        """Say which windows are in a state: shape (W,).

        What is known of any feature that drifted outweighs what is not known of others; but that
        no feature drifted cannot be said while one that could be judged was not.
        """
        heard = ~np.isin(self.refusal, HOPELESS)
        drift: BoolArray = np.asarray(self.drift.any(-1))
        error: BoolArray = np.asarray(self.where(State.ERROR).any(-1))
        short = (self.where(State.INSUFFICIENT_DATA) & heard).any(-1) | ~heard.any(-1)
        found = {
            State.DRIFT: drift,
            State.ERROR: error & ~drift,
            State.INSUFFICIENT_DATA: short & ~drift & ~error,
            State.OK: ~(drift | error | short),
        }
        return found[state]

    def window(self, at: int, unknown: Sequence[str] = ()) -> WindowVerdict:
        """Tell one window's verdict; `unknown` names features that the reference does not have."""
        features = {name: self.feature(at, number) for number, name in enumerate(self.names)}
        refused = FeatureVerdict(
            State.INSUFFICIENT_DATA, False, False, "no_reference_rows", None, None, (), {}
        )
        features |= dict.fromkeys(unknown, refused)
        state = next(state for state in _STATES if self.windows_where(state)[at])
        hopeless = np.isin(self.refusal[at], HOPELESS)
        heard = {name: features[name] for name in np.array(self.names, object)[~hopeless]}
        return WindowVerdict(
            state=state,
            warning=bool(self.warning[at].any()),
            page=bool(self.page[at].any()),
            reason=_reason(state, heard or features),
            features=features,
        )

    def feature(self, at: int, number: int) -> FeatureVerdict:
        """Tell one feature's verdict in one window."""
        place = at, number
        refusal = Refusal(self.refusal[place])
        estimates = {} if refusal in ERRORS else self._estimates(place)
        reason = self.demands.reason(refusal, number, int(self.rows[place]))
        if refusal is not Refusal.NONE:
            state = State.ERROR if refusal in ERRORS else State.INSUFFICIENT_DATA
            return FeatureVerdict(state, False, False, reason, None, None, (), estimates)
        rules = [name for name in estimates if self.matters[name][place]]
        rules += [f"bin:{at}" for at in np.flatnonzero(self.moved[place])]
        return FeatureVerdict(
            state=State.DRIFT if self.drift[place] else State.OK,
            warning=bool(self.warning[place]),
            page=bool(self.page[place]),
            reason=None,
            p_value=float(self.p_value[place]),
            p_adjusted=float(self.p_adjusted[place]),
            rules=tuple(rules),
            estimates=estimates,
        )

    def _estimates(self, place: tuple[int, int]) -> dict[str, Estimate]:
        size = int(self.bins[place[1]])
        return {
            name: STATISTICS[name].pick(self.estimates[name], place, size)
            for name in self.statistics[place[1]]
        }


def _reason(state: State, features: Mapping[str, FeatureVerdict]) -> str | None:
    if not features:
        return "no_features"
    if state not in (State.INSUFFICIENT_DATA, State.ERROR):
        return None
    why = [(name, verdict.reason) for name, verdict in features.items() if verdict.state is state]
    reason = f"{why[0][0]}: {why[0][1]}"
    return reason if len(features) == 1 else f"{len(why)} of {len(features)} features; {reason}"
