"""What a figure is: a column's cells merged into a few places that have a meaning."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from app.domain.model import Role, Schema
from drift_core import CategoricalGrid, Counts
from drift_core.types import FloatArray, IntArray

POSITIVE_RATE, CONFIDENCE = "positive_rate", "confidence"
LIMITS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {POSITIVE_RATE: (0.05, 0.1), CONFIDENCE: (0.025, 0.05)}
)
"""Differences worth a word, and those that matter: of a share, and of a mean from 1/2 to 1."""
OF_ROLE: Mapping[Role, tuple[str, ...]] = MappingProxyType(
    {Role.PREDICTION: (POSITIVE_RATE,), Role.SCORE: (POSITIVE_RATE, CONFIDENCE)}
)
HALF = 0.5
LONGEST_LEVEL = 255


@dataclass(frozen=True, slots=True)
class Outputs:
    """What is declared of figures; None: as it can be told from the reference."""

    positive: str | None = None
    """The level of a prediction that is the positive one."""
    threshold: float | None = None
    """The score from which on a row is positive; None: one half, where no prediction says it."""


def name_of(figure: str, column: str) -> str:
    """Return the name that a figure has among the features of a verdict."""
    return f"{figure}({column})"


def told(feature: str) -> tuple[str, str] | None:
    """Return the figure and the column that a feature's name tells; None: it is no figure."""
    figure, _, rest = feature.partition("(")
    return (figure, rest[:-1]) if figure in LIMITS and rest.endswith(")") else None


def names(schema: Schema) -> Iterator[str]:
    """Yield the names that figures of a schema's columns can have."""
    for column in schema.counted():
        for figure in OF_ROLE.get(column.role, ()):
            yield name_of(figure, column.name)


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """One that can be told of a reference and its windows.

    Attributes
    ----------
    kind
        ``positive_rate`` or ``confidence``.
    column
        Whose counts it is made from.
    grid
        Its own cells; rows without a meaning are in the one for levels that are not known.
    cells
        Shape (column's cells,): which of them each cell of the column belongs to.
    scores
        Shape (column's cells,): what a row of each cell counts in the mean.
    """

    kind: str
    column: str
    grid: CategoricalGrid
    cells: IntArray
    scores: FloatArray

    @property
    def name(self) -> str:
        return name_of(self.kind, self.column)

    def counts(self, column: Counts) -> Counts:
        """Return a column's counts on the figure's own grid."""
        made = np.zeros(self.grid.size, np.int64)
        np.add.at(made, self.cells, column.cells)
        return Counts(self.grid, made)


@dataclass(frozen=True, slots=True)
class Without:
    """A figure that cannot be told, and why."""

    name: str
    reason: str
