"""Which features have series of their own, where all of them would be too many. Pure.

The worst come first, over the whole service: those that page, that drifted, that warn, and then the
rest. Of a class that does not fit as a whole each judgement gets as many as the others, so that
what is shown changes little from window to window.
"""

from collections.abc import Mapping, Sequence

from app.domain.telling.reports import FeatureClass, StoredVerdict
from drift_core import State

CLASSES = 4


def allotted(features: Sequence[Mapping[FeatureClass, int]], limit: int) -> list[int]:
    """Return of how many features each judgement may tell."""
    shown, room = [0] * len(features), limit
    for wanted in zip(*(_by_class(one) for one in features), strict=True):
        taken = list(wanted) if sum(wanted) <= room else _fair(wanted, room)
        shown = [had + more for had, more in zip(shown, taken, strict=True)]
        room -= sum(taken)
    return shown


def worst(features: Sequence[StoredVerdict], most: int) -> list[StoredVerdict]:
    """Return the worst features of one judgement, by class, evidence and name."""
    return sorted(features, key=_badness)[:most]


def _badness(found: StoredVerdict) -> tuple[int, float, str]:
    p = 1.0 if found.p_adjusted is None else found.p_adjusted
    return _class_of((found.state, found.warning, found.page)), p, found.feature


def _class_of(found: FeatureClass) -> int:
    state, warning, page = found
    if page:
        return 0
    if state == State.DRIFT.value:
        return 1
    return 2 if warning or state == State.ERROR.value else 3


def _by_class(features: Mapping[FeatureClass, int]) -> list[int]:
    counts = [0] * CLASSES
    for one, number in features.items():
        counts[_class_of(one)] += number
    return counts


def _fair(wanted: Sequence[int], room: int) -> list[int]:
    """Return what each gets of ``room``, one after the other in turns."""
    low, high = 0, max(wanted)
    while low < high:
        level = (low + high + 1) // 2
        if sum(min(one, level) for one in wanted) <= room:
            low = level
        else:
            high = level - 1
    taken = [min(one, low) for one in wanted]
    over = room - sum(taken)
    for place, one in enumerate(wanted):
        if over and one > low:
            taken[place] += 1
            over -= 1
    return taken
