"""Numbers as short text, the same on every page."""

from app.domain.telling.comparison import Compared
from app.domain.telling.wording import percent
from drift_core import State

VERDICTS = {
    State.DRIFT: "drift",
    State.OK: "ok",
    State.INSUFFICIENT_DATA: "unjudged",
    State.ERROR: "error",
}
WORDS = {"unjudged": "not judged"}
"""As people read them, where that is another word."""


def verdict_of(one: Compared) -> str:
    """Return a feature's verdict in one word."""
    if one.verdict.state is State.OK and one.verdict.warning:
        return "warning"
    return VERDICTS[one.verdict.state]


def word_of(verdict: str) -> str:
    """Return a verdict as people read it."""
    return WORDS.get(verdict, verdict)


def decimal(value: float | None) -> str:
    """Return an effect with two decimals; a PSI below its null mean is zero."""
    return "-" if value is None else f"{max(value, 0.0):.2f}"


def p_value(value: float | None) -> str:
    """Return a p-value: three decimals, or its order of magnitude where it is small."""
    if value is None:
        return "-"
    if value < 1e-99:
        return "<1e-99"
    return f"{value:.0e}" if value < 0.001 else f"{value:.3f}"


def missing(one: Compared) -> str:
    """Return the missing shares of both sides."""
    before, after = (
        percent(side.missing / side.rows if side.rows else None)
        for side in (one.reference, one.current)
    )
    return f"{before.removesuffix(' %')}→{after}" if before != after else before
