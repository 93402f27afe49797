"""Judging: a reference made ready once, and windows judged against it as arrays."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from drift_core.errors import BadCounts
from drift_core.evidence.calibration import adjust_bh
from drift_core.grids.bins import Bins
from drift_core.grids.counts import Counts
from drift_core.grids.gridset import GridSet
from drift_core.judging.evidence import Evidence, weigh
from drift_core.judging.policy import Policy
from drift_core.judging.refusal import Demands, Refusal, demands
from drift_core.judging.sheet import Sheet
from drift_core.judging.stacks import Stack, stacks_of
from drift_core.judging.verdict import WindowVerdict
from drift_core.judging.verdicts import Verdicts
from drift_core.types import IntArray

_DEFAULT = Policy()
_CELLS = 1 << 21


@dataclass(frozen=True, slots=True, eq=False)
class Judge:
    """A reference made ready to judge windows; `Judge.of` makes one.

    Attributes
    ----------
    grids
        The features' grids, in the reference's order; windows' vectors are laid out by it.
    policy
        How sure and how large a change must be.
    """

    grids: GridSet
    policy: Policy
    _stacks: tuple[Stack, ...] = field(repr=False)
    _demands: Demands = field(repr=False)
    _bins: IntArray = field(repr=False)

    @classmethod
    def of(
        cls,
        ref: Mapping[str, Counts],
        policy: Policy = _DEFAULT,
        *,
        bins: Mapping[str, Bins] | None = None,
    ) -> Self:
        """Make a reference ready.

        Parameters
        ----------
        ref
            Counts by feature.
        policy
            How sure and how large a change must be.
        bins
            Bins by feature, where they were fixed before; the reference's own by default.
        """
        grids = GridSet(tuple((name, counts.grid) for name, counts in ref.items()))
        given = bins or {}
        chosen = {
            name: given[name] if name in given else counts.grid.bins(counts)
            for name, counts in ref.items()
        }
        rows = [counts.rows for counts in ref.values()]
        filled = [
            np.count_nonzero(chosen[name].coarsen(counts.cells)) for name, counts in ref.items()
        ]
        return cls(
            grids,
            policy,
            stacks_of(grids, ref, chosen),
            demands(np.array(rows, np.int64), np.array(filled, np.int64), policy),
            np.array([one.size for one in chosen.values()], np.int64),
        )

    def windows(self, vectors: IntArray, *, contributions: bool = False) -> Verdicts:
        """Judge many windows, each all features together; see `judge`.

        Memory beyond the vectors and the answer is bounded: features and windows are judged in
        blocks.

        Parameters
        ----------
        vectors
            Shape (W, grids.size): each window's counts, laid out by `grids`.
        contributions
            Whether to keep each bin's part of the statistics that are sums.

        Raises
        ------
        BadCounts
            For another shape, another type than integers, or a negative count.
        """
        given = np.asarray(vectors)
        if given.dtype.kind not in "iu" or given.ndim != 2 or given.shape[1] != self.grids.size:
            raise BadCounts(
                f"vectors of {given.shape} and {given.dtype} are not integers of shape "
                f"(windows, {self.grids.size})"
            )
        cells = np.ascontiguousarray(given, np.int64)
        if cells.size and cells.min() < 0:
            raise BadCounts("counts are never negative")
        nothing = np.zeros((cells.shape[0], len(self.grids.names)), np.int64)
        return self._judge(cells, nothing, contributions)

    def window(self, cur: Mapping[str, Counts]) -> WindowVerdict:
        """Judge one window by its counts, which may lack features or bring others; see `judge`."""
        unfit = {
            name: Refusal.GRID_MISMATCH if name in cur else Refusal.NO_COUNTS
            for name, grid in self.grids.grids
            if name not in cur or (cur[name].grid is not grid and cur[name].grid != grid)
        }
        fit = {name: cur[name] for name in self.grids.names if name not in unfit}
        refused = [unfit.get(name, Refusal.NONE) for name in self.grids.names]
        vector = self.grids.join(fit)[None]
        verdicts = self._judge(vector, np.array([refused], np.int64), contributions=True)
        return verdicts.window(0, [name for name in cur if name not in self.grids])

    def _judge(self, vectors: IntArray, refused: IntArray, contributions: bool) -> Verdicts:
        windows, features = refused.shape
        sheet = Sheet(windows, features, int(self._bins.max(initial=0)))
        for stack, some in self._blocks(windows):
            table = stack.table(vectors[some])
            at = (some, stack.features)
            sheet.enter(("rows",), at, table.bins.cur.sum(-1))
            _enter(sheet, at, weigh(table, self.policy), contributions)
        return self._verdicts(sheet, refused)

    def _blocks(self, windows: int) -> Iterator[tuple[Stack, slice]]:
        for stack in self._stacks:
            step = max(_CELLS // stack.cells, 1)
            for start in range(0, windows, step):
                yield stack, slice(start, start + step)

    def _verdicts(self, sheet: Sheet, refused: IntArray) -> Verdicts:
        policy, rows = self.policy, sheet.read(("rows",), 0)
        short = self._demands.refusals(rows, sheet.read(("bracket",), 0.0), policy)
        refusal = np.where(refused == Refusal.NONE, short, refused)
        p_value = np.where(refusal == Refusal.NONE, sheet.read(("p_value",), np.nan), np.nan)
        adjusted = adjust_bh(p_value)
        matters = sheet.group("matters")
        moved = sheet.read(("moved",), False, wide=True)
        # a comparison with NaN is false: what is not judged did not drift
        sure = adjusted <= policy.level
        drift = sure & np.any([moved.any(-1), *matters.values()], axis=0)
        paging = 0.0 if policy.page_level is None else policy.page_level
        kinds = [grid.kind for _, grid in self.grids.grids]
        return Verdicts(
            names=self.grids.names,
            drift=drift,
            warning=sure & sheet.read(("noteworthy",), False) & ~drift,
            page=drift & (adjusted <= paging),
            refusal=refusal,
            p_value=p_value,
            p_adjusted=adjusted,
            estimates={name: sheet.estimates(name) for name in matters},
            matters=matters,
            moved=moved,
            rows=rows,
            bins=self._bins,
            statistics=[policy.statistics.get(kind, ()) for kind in kinds],
            demands=self._demands,
        )


def _enter(sheet: Sheet, at: tuple[slice, IntArray], found: Evidence, contributions: bool) -> None:
    for name in ("p_value", "moved", "noteworthy", "bracket"):
        sheet.enter((name,), at, getattr(found, name))
    for name, many in found.estimates.items():
        sheet.enter(("matters", name), at, found.matters[name])
        sheet.enter_estimates(
            name, at, many if contributions else replace(many, contributions=None)
        )


def judge(
    ref: Mapping[str, Counts],
    cur: Mapping[str, Counts],
    policy: Policy = _DEFAULT,
    *,
    bins: Mapping[str, Bins] | None = None,
) -> WindowVerdict:
    """Judge a window of traffic against a reference, all features together.

    A feature drifted when its evidence survives Benjamini-Hochberg among the features that
    could be judged, *and* an effect matters: a statistic at its threshold, or a single bin
    that moved far enough. Which pieces of evidence are combined, and with
    which weights, is the policy's to say.

    Parameters
    ----------
    ref, cur
        Counts by feature; a feature's counts share a grid.
    policy
        How sure and how large a change must be.
    bins
        Bins by feature, where they were fixed before; the reference's own by default.

    See Also
    --------
    Judge : Many windows against one reference.
    """
    return Judge.of(ref, policy, bins=bins).window(cur)
