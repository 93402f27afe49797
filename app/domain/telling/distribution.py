"""One feature of one window beside its reference, bin by bin, for people to look at."""

import math
from dataclasses import dataclass

from drift_core import STATISTICS, BinLabel, Counts


@dataclass(frozen=True, slots=True)
class BinShare:
    """One bin of a feature. ``contribution`` is its part of the PSI; None where there is no PSI."""

    label: str
    kind: str
    lower: float | None
    upper: float | None
    reference: int
    current: int
    reference_share: float | None
    current_share: float | None
    contribution: float | None


def distribution(ref: Counts, cur: Counts, *, sensitive: bool = False) -> tuple[BinShare, ...]:
    """Return the bins of a feature, in the grid's order, with both sides' rows and shares.

    Bins are those of the reference, so contributions sum to the PSI. A sensitive feature's levels
    and limits stay hidden; the bins are numbered in their place.
    """
    bins = ref.grid.bins(ref)
    reference, current = bins.coarsen(ref.cells), bins.coarsen(cur.cells)
    parts = STATISTICS["psi"](ref, cur, bins).contributions
    rows: list[BinShare] = []
    for index, label in enumerate(bins.labels):
        hidden = sensitive and label.kind in {"level", "value", "range"}
        rows.append(
            BinShare(
                label=f"{label.kind} {index}" if hidden else describe(label),
                kind=label.kind,
                lower=None if hidden else _finite(label.lower),
                upper=None if hidden else _finite(label.upper),
                reference=int(reference[index]),
                current=int(current[index]),
                reference_share=_share(int(reference[index]), ref.rows),
                current_share=_share(int(current[index]), cur.rows),
                contribution=None if parts is None else _finite(float(parts[index])),
            )
        )
    return tuple(rows)


def describe(label: BinLabel) -> str:
    """Return what a bin holds, in a few characters."""
    match label.kind:
        case "level":
            return label.text or ""
        case "value":
            return f"{label.lower:.6g}" if label.lower is not None else "value"
        case "range":
            return _range(label.lower, label.upper)
        case _:
            return label.kind


def _range(lower: float | None, upper: float | None) -> str:
    if lower is None and upper is None:
        return "any value"
    if lower is None:
        return f"below {upper:.6g}"
    return f"from {lower:.6g}" if upper is None else f"{lower:.6g} to {upper:.6g}"


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
