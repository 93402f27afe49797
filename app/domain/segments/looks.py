"""How sure a segment's look must be: many segments together err no more often than the whole."""

from collections.abc import Sequence
from dataclasses import replace

from app.domain.model import WHOLE
from app.domain.monitors.monitor import Monitor
from app.domain.segments.segment import Plan, Segmentation

PAGES_OF_WHOLE = 0.5
"""The part of a look's page level that stays with all rows together; segments share the rest."""


def shared(
    monitors: Sequence[Monitor], segment: str, plan: Plan | None, declared: Segmentation | None
) -> Sequence[Monitor]:
    """Return the monitors as they judge one segment, or all rows, where rows are divided.

    A segment's features are corrected among themselves, and its level is divided by the number
    of segments: where one of them drifts, that asks of it just what correcting all features of
    all segments together would. And what is said of it hangs on its own rows alone, so that late
    rows of one segment rewrite nothing of another.
    """
    if plan is None or not (segment or plan.declared(declared)):
        return monitors
    return [_shared(one, segment, plan.size) for one in monitors]


def _shared(monitor: Monitor, segment: str, segments: int) -> Monitor:
    page = monitor.page_level
    if segment == WHOLE:
        return replace(monitor, page_level=None if page is None else page * PAGES_OF_WHOLE)
    criteria = replace(monitor.criteria, level=monitor.criteria.level / segments)
    left = None if page is None else page * (1 - PAGES_OF_WHOLE) / segments
    return replace(monitor, criteria=criteria, page_level=left)
