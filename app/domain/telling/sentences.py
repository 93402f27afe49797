"""What is said of one feature in a message: one sentence for people. Pure; no value of a row."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from app.domain.telling.brief import brief
from app.domain.telling.comparison import reason
from drift_core import State

STATISTICS = {
    "psi": "PSI",
    "ks": "KS",
    "chi2": "Cramér's V",
    "js": "Jensen-Shannon",
    "anderson_darling": "Anderson-Darling",
    "invalid": "wrong type",
    "unseen": "never seen",
}
BATCHES = {
    "absent": "batches came without it",
    "unknown": "the schema does not know it",
}
"""What is said of a column for what batches brought, whatever its values."""
LONGEST_NAME = 200


class Sized(Protocol):
    """What a statistic says, as it was computed or as it is stored."""

    @property
    def value(self) -> float | None: ...
    @property
    def effect(self) -> float | None: ...
    @property
    def p_value(self) -> float | None: ...


class Said(Protocol):
    """What is said of a feature, as it was judged or as it is stored."""

    @property
    def state(self) -> State: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def p_adjusted(self) -> float | None: ...
    @property
    def rules(self) -> Sequence[str]: ...
    @property
    def estimates(self) -> Mapping[str, Sized]: ...


def statistic(name: str) -> str:
    """Return what people call a statistic."""
    return STATISTICS.get(name, name.replace("_", " "))


def sentence(name: str, verdict: Said, thresholds: Mapping[str, float | None]) -> str:
    """Return how a feature stands, its effects beside what they are held against.

    Parameters
    ----------
    name
        Of the feature.
    verdict
        What was said of it.
    thresholds
        Effects from which on a statistic matters, by its name; None where none does.
    """
    short = name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
    match verdict.state:
        case State.DRIFT:
            said = f"{short} drifted"
        case State.OK:
            said = f"{short} is within its limits"
        case _:
            return f"{short} could not be judged: {reason(verdict.reason)}"
    parts = [*_effects(verdict, thresholds), *_others(verdict.rules)]
    return f"{said}: {'; '.join(parts)}" if parts else said


def _effects(verdict: Said, thresholds: Mapping[str, float | None]) -> Sequence[str]:
    """Say what reached its threshold; of what is calm all that was asked."""
    broken = [one for one in verdict.rules if one in verdict.estimates]
    told = broken if verdict.state is State.DRIFT else list(verdict.estimates)
    return [
        _effect(one, effect, thresholds.get(one))
        for one in told
        if (effect := verdict.estimates[one].effect) is not None
    ]


def _effect(name: str, effect: float, threshold: float | None) -> str:
    value = f"{statistic(name)} {brief(max(effect, 0.0))}"
    return value if threshold is None else f"{value} ({brief(threshold)} or more is drift)"


def bins_alone(count: int) -> str:
    """Return what is said of bins that are drift by themselves, whatever the statistics.

    Examples
    --------
    >>> bins_alone(1), bins_alone(6)
    ('1 bin changed enough on its own', '6 bins changed enough on their own')
    """
    if count == 1:
        return "1 bin changed enough on its own"
    return f"{count} bins changed enough on their own"


def _others(rules: Sequence[str]) -> Sequence[str]:
    single = sum(":" in rule for rule in rules)
    parts = [bins_alone(single)] if single else []
    return parts + [words for rule, words in BATCHES.items() if rule in rules]
