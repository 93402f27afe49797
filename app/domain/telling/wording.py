"""What changed in a column, in words that need no statistics: shares and medians, then and now."""

from collections.abc import Iterator

from app.domain.telling.brief import brief
from app.domain.telling.distribution import BinShare, distribution
from app.domain.telling.shape import quantile
from drift_core import CategoricalGrid, Counts

MOST = 3
NOTABLE_POINTS = 0.01
"""Change of a share that is worth a word."""
LONGEST_LEVEL = 40
NOTABLE_MOVE = 0.1
"""Move of a median, in interquartile ranges, that is worth a word."""
NARROW = 0.1


def changes(ref: Counts, cur: Counts) -> tuple[str, ...]:
    """Return what changed most, at most three phrases, none where nothing did.

    Missing and wrongly typed values first; then the median of numbers, or levels that are new;
    then the bins that make up most of the PSI.
    """
    bins = distribution(ref, cur)
    told = [*_lost(bins), *_centre(ref, cur), *_unseen(ref, cur), *_moved(bins)]
    return tuple(told[:MOST])


def _lost(bins: tuple[BinShare, ...]) -> Iterator[str]:
    names = {"missing": "missing", "invalid": "of the wrong type"}
    for one in bins:
        if one.kind in names and _moves(one):
            yield f"{names[one.kind]} {_then_now(one)}"


def _centre(ref: Counts, cur: Counts) -> Iterator[str]:
    before, after = quantile(ref, 0.5), quantile(cur, 0.5)
    first, third = quantile(ref, 0.25), quantile(ref, 0.75)
    if before is None or after is None or first is None or third is None:
        return
    spread = third[1] - first[0]
    then, now = _number(before, spread), _number(after, spread)
    if then != now and abs(sum(after) - sum(before)) / 2 > NOTABLE_MOVE * spread:
        yield f"median {then} → {now}"


def _number(limits: tuple[float, float], spread: float) -> str:
    """Say a number known up to its cell: as one where the cell is narrow, else both its ends."""
    low, high = limits
    if high - low <= NARROW * spread:
        return brief((low + high) / 2)
    return f"{brief(low)} to {brief(high)}"


def _unseen(ref: Counts, cur: Counts) -> Iterator[str]:
    if isinstance(ref.grid, CategoricalGrid) and cur.rows:
        share = int(cur.cells[ref.grid.unseen_cell]) / cur.rows
        if share >= NOTABLE_POINTS:
            yield f"levels never seen before {percent(share)}"


def _moved(bins: tuple[BinShare, ...]) -> Iterator[str]:
    told = [one for one in bins if one.kind not in ("missing", "invalid") and _moves(one)]
    told.sort(key=lambda one: -(one.contribution or 0.0))
    for one in told[:MOST]:
        yield f"{_label(one)}: {_then_now(one)}"


def _label(one: BinShare) -> str:
    match one.kind:
        case "range":
            return _range(one.lower, one.upper)
        case "level":
            long = len(one.label) > LONGEST_LEVEL
            return f"“{one.label[:LONGEST_LEVEL]}{'…' if long else ''}”"
        case "other":
            return "all other levels"
        case _:
            return one.label


def _range(lower: float | None, upper: float | None) -> str:
    if lower is None or upper is None:
        known = lower if upper is None else upper
        word = "from" if upper is None else "below"
        return "any value" if known is None else f"{word} {brief(known)}"
    return f"{brief(lower)} to {brief(upper)}"


def _moves(one: BinShare) -> bool:
    before, after = one.reference_share, one.current_share
    return before is not None and after is not None and abs(after - before) >= NOTABLE_POINTS


def _then_now(one: BinShare) -> str:
    return f"{percent(one.reference_share)} → {percent(one.current_share)}"


def percent(share: float | None) -> str:
    """Return a share as a percentage of two or three digits; what is tiny is not called zero."""
    if share is None:
        return "-"
    if 0 < share < 0.0005:
        return "<0.1 %"
    return f"{100 * share:.1f} %" if 0 < share < 0.0995 else f"{100 * share:.0f} %"
