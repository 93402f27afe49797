"""Two sets of rows held against each other once: a value that reports are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.model import Kind, Role, Warned
from drift_core import Counts, FeatureVerdict, Policy, State, WindowVerdict

NAMED = 5
"""Features named in a summary; the rest are counted."""
REASONS = 2
"""Reasons told in a summary."""
LONGEST = 40
"""Characters of a name in a summary."""


class FailOn(StrEnum):
    """What makes a comparison fail whoever asked for it."""

    DRIFT = "drift"
    INSUFFICIENT = "insufficient"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two sets: what it is called, and its rows."""

    name: str
    rows: int


@dataclass(frozen=True, slots=True)
class Compared:
    """One column on both sides, with its verdict and what changed, in words."""

    name: str
    kind: Kind
    role: Role
    verdict: FeatureVerdict
    reference: Counts
    current: Counts
    changes: tuple[str, ...]

    @property
    def psi(self) -> float | None:
        """The PSI beyond what chance alone would show; None where nothing was judged."""
        return self._effect("psi")

    @property
    def distance(self) -> float | None:
        """The KS distance of a numeric column, Cramér's V of a categorical one."""
        return self._effect("ks" if self.kind is Kind.NUMERIC else "chi2")

    def _effect(self, name: str) -> float | None:
        # A few rows have an estimate too, but shown beside "unjudged" it reads as "no drift".
        found = self.verdict.estimates.get(name)
        judged = self.verdict.state in (State.OK, State.DRIFT)
        return found.effect if judged and found is not None else None


@dataclass(frozen=True, slots=True)
class NotCompared:
    """A column that took no part, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that is known after holding two sets of rows against each other.

    Attributes
    ----------
    features
        The columns that were compared, worst first.
    only_reference, only_current
        Columns of one side; a feature that the current rows lack is compared all the same, since
        all its values are missing.
    """

    reference: Side
    current: Side
    policy: Policy
    verdict: WindowVerdict
    features: tuple[Compared, ...]
    not_compared: tuple[NotCompared, ...]
    only_reference: tuple[str, ...]
    only_current: tuple[str, ...]
    warnings: tuple[Warned, ...]

    def of_state(self, state: State) -> tuple[Compared, ...]:
        return tuple(one for one in self.features if one.verdict.state is state)


def exit_status(comparison: Comparison, fail_on: FailOn) -> int:
    """Return 0 where all is well, 1 for drift, 3 where it could not be judged."""
    if fail_on is FailOn.NEVER:
        return 0
    match comparison.verdict.state:
        case State.OK:
            return 0
        case State.DRIFT:
            return 1
        case _:
            return 3 if fail_on is FailOn.INSUFFICIENT else 0


def summary(comparison: Comparison) -> str:
    """Return one sentence on the whole: what drifted or could not be judged first, then the rest.

    "No drift" is never the first word where something was not judged.
    """
    drifted, fine = comparison.of_state(State.DRIFT), comparison.of_state(State.OK)
    every = comparison.features
    unjudged = tuple(one for one in every if one not in (*drifted, *fine))
    if every and len(unjudged) == len(every):
        return f"Nothing could be judged: {reason(every[0].verdict.reason)}."
    total = f"{len(every)} feature{'' if len(every) == 1 else 's'}"
    lost = f"could not be judged ({_why_not(unjudged)})"
    if drifted:
        parts = [f"Drift in {len(drifted)} of {total}: {_named(drifted)}"]
        parts += [f"{len(fine)} ok"] if fine else []
        parts += [f"{len(unjudged)} {lost}"] if unjudged else []
    elif unjudged:
        rest = "one" if len(fine) == 1 else str(len(fine))
        parts = [f"{len(unjudged)} of {total} {lost}", f"no drift in the other {rest}"]
    else:
        parts = [f"No drift in {len(fine)} of {total}"]
    return "; ".join(parts) + "."


def _why_not(features: Sequence[Compared]) -> str:
    """Name features with the reason why they were not judged, those with the same one together."""
    by_reason: dict[str, list[Compared]] = {}
    for one in features:
        by_reason.setdefault(reason(one.verdict.reason), []).append(one)
    parts = [f"{_named(mine)}: {why}" for why, mine in by_reason.items()]
    more = sum(len(mine) for mine in list(by_reason.values())[REASONS:])
    return "; ".join([*parts[:REASONS], *([f"and {more} more"] if more else [])])


def _named(features: Sequence[Compared]) -> str:
    names = ", ".join(_cut(one.name) for one in features[:NAMED])
    more = len(features) - NAMED
    return f"{names} and {more} more" if more > 0 else names


def _cut(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def reason(code: str | None) -> str:
    """Return in words why a feature was not judged."""
    known, _, detail = (code or "").partition(": ")
    match known:
        case "few_rows":
            return f"too few rows, {detail}"
        case "small_reference":
            return f"the reference is too small, {detail}"
        case "no_reference_rows":
            return "the reference has no rows"
        case "grid":
            return "its values lie where the reference had too few to compare them by"
        case _:
            return code or "unknown"
