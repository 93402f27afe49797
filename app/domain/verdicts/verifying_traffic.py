"""What a window was held against beside the reference, looked at again."""

from collections.abc import Iterator

from app.domain.monitors.monitor import Against, Monitor
from app.domain.verdicts import against
from app.domain.verdicts.judgement import REFERENCE, Gathered, unjudged
from app.domain.verdicts.verdict import Evidence, GivenTraffic, GivenVerdict
from drift_core import State, WindowVerdict

Changed = tuple[str, object, object]
"""What it is, what it was, and what it is now."""
PLACE = "place of traffic"
"""Worked out anew, by calendars that other versions of the program may know otherwise."""


def unknown(given: GivenVerdict) -> bool:
    """Whether it was held against traffic of which nothing was kept then."""
    excluded = given.revision.reason == against.EXCLUDED
    return given.comparison != REFERENCE and given.against is None and not excluded


def changed(given: GivenVerdict, evidence: Evidence) -> Iterator[Changed]:
    """Yield what of the traffic is not as it was."""
    then, now = given.against, evidence.traffic
    monitor = given.asked.monitor if given.asked else None
    asked = _asked(monitor, given.comparison) if monitor else None
    if given.comparison != REFERENCE and monitor is not None and asked is None:
        yield "comparison", given.comparison, "not declared"
    if then is None or now is None:
        return
    if monitor is not None and asked is not None:
        yield from _elsewhere(given, then, monitor, asked)
    if now.removed:
        return
    if now.digest != then.digest:
        yield "counts of traffic", then.digest, now.digest
    grids = evidence.grids
    if now.vector is not None and grids is not None and grids.number == then.grid_set:
        held = grids.grids.counts(now.vector, grids.grids.names[0]).rows
        if held != then.rows:
            yield "rows of traffic", then.rows, held


def again(
    given: GivenVerdict, evidence: Evidence, monitor: Monitor, gathered: Gathered
) -> WindowVerdict | None:
    """Make the verdict again; None where what it takes is not there."""
    asked = _asked(monitor, given.comparison)
    if asked is None:
        return None
    if against.barred(asked, monitor.calendar, given.window.start, given.end):
        return against.excluded(monitor, asked).verdict
    if given.against is None:  # it was called excluded, and is not
        return unjudged(State.INSUFFICIENT_DATA, None)
    baseline, grids, stored = evidence.baseline, evidence.reference_grids, evidence.traffic
    if baseline is None or grids is None or stored is None:
        return None
    # counts that were damaged when it was judged were not kept
    damaged = stored.vector is None and given.revision.state == State.ERROR.value
    other = Gathered(given.against.rows, given.against.grid_set, stored.vector, damaged)
    held = gathered, other, (baseline, grids), monitor, asked
    return against.judge_against(*held).verdict


def _asked(monitor: Monitor, comparison: str) -> Against | None:
    return next((one for one in monitor.also if one.name == comparison), None)


def _elsewhere(
    given: GivenVerdict, then: GivenTraffic, monitor: Monitor, asked: Against
) -> Iterator[Changed]:
    """Yield where it ought to have lain, by the declaration."""
    where = asked, given.window, given.end, then.version, monitor.calendar
    found = against.stretches(*where)
    start = min((one.key.start for one in found), default=None)
    end = max((one.end for one in found), default=None)
    if (start, end) != (then.start, then.end):
        yield PLACE, f"{then.start} to {then.end}", f"{start} to {end}"
