"""A verdict made again from what is stored, and what of it is not as it was given."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from math import isnan
from typing import Protocol

from app.domain.model import WHOLE, StoredGridSet
from app.domain.monitors.monitor import Monitor
from app.domain.telling.reports import StoredEstimate, StoredVerdict
from app.domain.verdicts import verifying_traffic as traffic
from app.domain.verdicts.judgement import REFERENCE, Gathered
from app.domain.verdicts.judges import Judges
from app.domain.verdicts.judging import judge_window
from app.domain.verdicts.verdict import Asked, Evidence, GivenVerdict
from drift_core import Estimate, FeatureVerdict, State, WindowVerdict

TOLERANCE = 1e-12
"""Relative: other processors may round the last bits of a statistic differently."""
NUMBERS = ("value", "lower", "upper", "null_mean", "effect", "p_value")
EXACT = ("n_ref", "n_cur", "reason")
SAID = ("state", "warning", "page", "reason")
DAMAGED = "counts damaged"
UNLIKE_COUNTS = (State.ERROR.value, DAMAGED)


class Outcome(StrEnum):
    """What became of a verdict that was made again."""

    VERIFIED = "verified"
    DIFFERS = "differs"
    REMOVED = "removed"
    """Its counts are gone by retention; what else is stored of it is as it was."""
    OTHER_TRAFFIC = "other_traffic"
    """Held against traffic before counts of such were kept; what is stored of it is as it was."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not as it was given. ``inputs``: that it was made from."""

    what: str
    given: object
    found: object
    feature: str | None = None
    inputs: bool = False


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of one verdict."""

    given: GivenVerdict
    outcome: Outcome
    differences: tuple[Difference, ...]
    code: str
    """Of this program."""

    @property
    def other_code(self) -> bool:
        """Whether another version of the program gave it."""
        return self.given.revision.code_version != self.code

    @property
    def excusable(self) -> bool:
        """Whether other code may be the reason: all that it was made from is as it was."""
        return self.other_code and not any(one.inputs for one in self.differences)


class GridDigests(Protocol):
    """Knows the digests of grid sets; to work one out takes a while."""

    def __call__(self, grids: StoredGridSet) -> str: ...


def plain_digest(grids: StoredGridSet) -> str:
    return grids.grids.digest


@dataclass(frozen=True, slots=True)
class Verifier:
    """Makes verdicts again; what it prepared for one serves the next."""

    code: str
    judges: Judges
    digests: GridDigests = plain_digest

    def verify(self, given: GivenVerdict, evidence: Evidence) -> Verification:
        """Make a verdict again from the evidence, and hold it against what was given."""
        found = [*_inputs(given, evidence), *self._grids(given, evidence)]
        removed = evidence.counts.removed or bool(evidence.traffic and evidence.traffic.removed)
        monitor = None if given.asked is None else _as_judged(given, given.asked)
        outcome = Outcome.REMOVED if removed else Outcome.VERIFIED
        if traffic.unknown(given):
            outcome = Outcome.OTHER_TRAFFIC
        elif monitor is not None and not evidence.damaged and not removed:
            again = self._again(given, evidence, monitor)
            found += _differences(given, again, monitor) if again else ()
        outcome = Outcome.DIFFERS if found else outcome
        return Verification(given, outcome, tuple(found), self.code)

    def _grids(self, given: GivenVerdict, evidence: Evidence) -> Iterator[Difference]:
        if evidence.grids is None or given.grid_digest is None:
            return
        digest = self.digests(evidence.grids)
        if digest != given.grid_digest:
            yield Difference("grid set", given.grid_digest, digest, inputs=True)

    def _again(
        self, given: GivenVerdict, evidence: Evidence, monitor: Monitor
    ) -> WindowVerdict | None:
        """Make it again; None where what it takes is not there, which is a difference by itself."""
        counts, stored = evidence.counts, given.revision
        # counts that were damaged when it was judged were not kept
        damaged = counts.vector is None and (stored.state, stored.reason) == UNLIKE_COUNTS
        gathered = Gathered(
            stored.rows, counts.grid_set, counts.vector, damaged, evidence.sightings
        )
        if given.comparison != REFERENCE:
            return traffic.again(given, evidence, monitor, gathered)
        baseline, grids = evidence.baseline, evidence.reference_grids
        if baseline is None or grids is None:
            return None
        return judge_window(gathered, baseline, grids, monitor, self.judges.ready)


def _as_judged(given: GivenVerdict, asked: Asked) -> Monitor:
    """Return the monitor with what its look was allowed then."""
    criteria = asked.monitor.criteria
    level = criteria.level if given.level is None else given.level
    return replace(
        asked.monitor, criteria=replace(criteria, level=level), page_level=given.page_level
    )


def _inputs(given: GivenVerdict, evidence: Evidence) -> Iterator[Difference]:
    """Yield what is not as it was of all that the verdict was made from."""
    for part in evidence.damaged:
        yield Difference(part, "readable", "damaged", inputs=True)
    lacking = evidence.baseline is None and "reference" not in evidence.damaged
    if lacking and (given.comparison == REFERENCE or given.against is not None):
        number = given.against.baseline if given.against else given.revision.baseline
        yield Difference("reference", number, "not stored", inputs=True)
    yield from _declaration(given)
    for what, then, now in traffic.changed(given, evidence):
        yield Difference(what, then, now, inputs=what != traffic.PLACE)
    if evidence.damaged:
        return
    if evidence.counts.vector is not None or not evidence.counts.removed:
        digest = given.revision.digest
        if evidence.digest != digest:
            yield Difference("counts", digest, evidence.digest, inputs=True)
        yield from _rows(given, evidence)


def _declaration(given: GivenVerdict) -> Iterator[Difference]:
    if given.asked is None:
        yield Difference("monitor", given.revision.monitor_version, "not stored", inputs=True)
        return
    if given.declaration is not None and given.declaration != given.asked.digest:
        yield Difference("declaration", given.declaration, given.asked.digest, inputs=True)
    declared = given.asked.monitor.criteria.level
    if given.level is not None and not _part_of(given, declared):
        yield Difference("level", given.level, declared, inputs=True)


def _part_of(given: GivenVerdict, declared: float) -> bool:
    """Whether a look's level is the declared one; segments have a whole part of it each."""
    if given.level is None or given.level <= 0:
        return False
    parts = round(declared / given.level)
    if given.window.segment == WHOLE:
        return given.level == declared
    return parts >= 1 and declared / parts == given.level


def _rows(given: GivenVerdict, evidence: Evidence) -> Iterator[Difference]:
    vector, grids = evidence.counts.vector, evidence.grids
    if vector is None or grids is None or not grids.grids.names:
        return
    held = grids.grids.counts(vector, grids.grids.names[0]).rows
    if held != given.revision.rows:
        yield Difference("rows", given.revision.rows, held, inputs=True)


def _differences(
    given: GivenVerdict, again: WindowVerdict, monitor: Monitor
) -> Iterator[Difference]:
    stored = given.revision
    for name in SAID:
        yield from _exact(name, getattr(stored, name), getattr(again, name))
    features = {one.feature: one for one in given.features}
    for name in sorted(features.keys() | again.features.keys()):
        ours, theirs = features.get(name), again.features.get(name)
        if ours is None or theirs is None:
            yield Difference("feature", _there(ours), _there(theirs), name)
        else:
            yield from (replace(d, feature=name) for d in _feature(ours, theirs, monitor))


def _there(value: object) -> str:
    return "missing" if value is None else "there"


def _feature(given: StoredVerdict, again: FeatureVerdict, monitor: Monitor) -> Iterator[Difference]:
    for name in SAID:
        yield from _exact(name, getattr(given, name), getattr(again, name))
    yield from _exact("rules", list(given.rules), list(again.rules))
    for name in ("p_value", "p_adjusted"):
        yield from _close(name, getattr(given, name), getattr(again, name))
    estimates = {one.statistic: one for one in given.estimates}
    for name in sorted(estimates.keys() | again.estimates.keys()):
        ours, theirs = estimates.get(name), again.estimates.get(name)
        if ours is None or theirs is None:
            yield Difference(name, _there(ours), _there(theirs))
        else:
            threshold = monitor.criteria.threshold(given.feature, name)
            yield from _estimate(ours, theirs, threshold)


def _estimate(
    given: StoredEstimate, again: Estimate, threshold: float | None
) -> Iterator[Difference]:
    name = given.statistic
    for member in NUMBERS:
        yield from _close(f"{name}.{member}", getattr(given, member), getattr(again, member))
    for member in EXACT:
        yield from _exact(f"{name}.{member}", getattr(given, member), getattr(again, member))
    yield from _exact(f"{name}.threshold", given.threshold, threshold)


def _exact(what: str, given: object, again: object) -> Iterator[Difference]:
    if given != again:
        yield Difference(what, given, again)


def _close(what: str, given: float | None, again: float | None) -> Iterator[Difference]:
    given, again = _known(given), _known(again)
    if given == again:
        return
    known = given is not None and again is not None
    if not (known and _near(given or 0.0, again or 0.0)):
        yield Difference(what, given, again)


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= TOLERANCE * max(abs(one), abs(other))


def _known(value: float | None) -> float | None:
    """Databases differ in whether they keep what is not a number."""
    return None if value is None or isnan(value) else value
