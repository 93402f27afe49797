"""Segments that appear in a window, or vanish from it, beside the reference's rows."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from app.domain.segments.segment import Grouping
from app.domain.verdicts.quality import Finding
from drift_core.evidence.two_bins import two_bins_p_value

LEAST_SHARE = 0.01
"""Of all rows, on one side or the other, from which on a segment is worth a word."""
FACTOR = 2.0
LEVEL = 0.001
"""Of all segments of a window together."""
GONE = "no row of this window is in this segment, of which the reference has rows"
NEW = "the reference has no row in this segment, or far fewer, and this window has"


def changes(
    groupings: Sequence[Grouping], reference: Mapping[str, int], window: Mapping[str, int]
) -> tuple[Finding, ...]:
    """Return the segments that appeared or vanished, those with most rows first.

    One vanished if it has no rows in a window where its share of the reference is such that this
    is no chance. One appeared if the reference has none of its rows; the segment of all other
    values, which may hold any number, where its share more than doubled. Each with evidence.

    Parameters
    ----------
    groupings
        Those that the window was counted in.
    reference, window
        Rows by segment; what is not named has none.
    """
    asked = sum(len(one.texts) for one in groupings)
    found = [
        finding
        for one in groupings
        for finding in _of_group(one, reference, window, LEVEL / max(1, asked))
    ]
    return tuple(sorted(found, key=lambda one: (one.code, -(one.rows or 0), one.feature)))


def _of_group(
    grouping: Grouping, reference: Mapping[str, int], window: Mapping[str, int], level: float
) -> Iterable[Finding]:
    texts = grouping.texts
    ref = np.array([reference.get(text, 0) for text in texts])
    cur = np.array([window.get(text, 0) for text in texts])
    n, m = ref.sum(), cur.sum()
    if not n or not m:
        return
    shares, usual = cur / m, ref / n
    surely = np.nan_to_num(two_bins_p_value(ref, cur, n, m), nan=1.0) <= level
    gone = surely & (cur == 0) & (usual >= LEAST_SHARE)
    grown = (shares >= LEAST_SHARE) & (shares > FACTOR * usual)
    new = surely & grown & ((ref == 0) | (np.arange(len(texts)) == len(texts) - 1))
    for place in np.flatnonzero(gone | new).tolist():
        code, message = ("segment_vanished", GONE) if gone[place] else ("segment_appeared", NEW)
        yield Finding(code, texts[place], message, int(cur[place]), float(shares[place]))
