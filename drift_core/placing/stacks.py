"""Plans of many grids end to end, so that all columns of a table are counted by one call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from drift_core.kernels import Stack, read_only, tally_stacked
from drift_core.placing.plans import Mapped
from drift_core.types import AnyArray, IntArray


@dataclass(frozen=True, slots=True)
class Stacked:
    """Grids that are counted by bucket.

    Attributes
    ----------
    stack
        What the loop reads.
    numbers
        By feature its place in the stack.
    """

    stack: Stack
    numbers: dict[str, int]

    @classmethod
    def of(cls, plans: Sequence[tuple[str, int, Mapped]], dtype: type) -> Self:
        """Stack plans for values of one type; with each a feature, and where its cells begin."""
        shapes = [plan.symlog.shape for _, _, plan in plans]
        lines = [np.zeros((0, 4)), *(lines for lines, _ in shapes)]
        turns = [np.zeros((0, 2), np.int64), *(turns for _, turns in shapes)]
        steps = [np.zeros(0, dtype), *(plan.steps for _, _, plan in plans)]
        starts = [np.zeros(0, np.int64), *(plan.starts for _, _, plan in plans)]
        bounds = np.zeros((len(plans), 8), np.int64)
        for column, parts in enumerate((lines, steps, starts)):
            ends = np.cumsum([len(part) for part in parts])
            bounds[:, 2 * column], bounds[:, 2 * column + 1] = ends[:-1], ends[1:]
        bounds[:, 6] = [plan.symlog.size + plan.steps.size for _, _, plan in plans]
        bounds[:, 7] = [first for _, first, _ in plans]
        laid = [np.concatenate(each) for each in (lines, turns, steps, starts)]
        names = {name: number for number, (name, _, _) in enumerate(plans)}
        return cls(Stack._make((*laid, bounds)), names)

    def tally(self, columns: Mapping[str, AnyArray], rows: int, out: IntArray) -> set[str]:
        """Write the counts of those columns that are known, and say which they are.

        They have the stack's type and so many rows, and lie aligned and without gaps.
        """
        known = {name: column for name, column in columns.items() if name in self.numbers}
        addresses = np.array([column.ctypes.data for column in known.values()], np.uint64)
        which = np.array([self.numbers[name] for name in known], np.int64)
        stack = Stack._make(map(read_only, self.stack))
        tally_stacked(read_only(addresses), rows, read_only(which), stack, out)
        return set(known)
