"""What takes part: us, and what anyone would write with a library; each loads the same files."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Protocol


class Contestant(Protocol):
    """Two tables in memory, and two questions to time.

    The reference is whatever its method keeps of it; the verdict is by feature, a size of the
    change that can be compared or a state.
    """

    def __init__(self, folder: Path, form: str) -> None:
        """Load both tables; `form` is ``coded`` or ``plain``, for categorical columns."""

    def prepare(self) -> None:
        """Keep of the reference what the method can keep."""

    def verdict(self) -> Mapping[str, object]:
        """Judge the current table against what is kept."""


CONTESTANTS = {
    "Leeway": "leeway.Leeway",
    "Leeway, two threads": "leeway.TwoThreads",
    "np.sum": "passes.Passes",
    "numpy PSI": "plain_numpy.Numpy",
    "Polars PSI": "plain_polars.Polars",
    "DuckDB PSI": "duck.Duck",
    "scipy loop": "scipy_loop.ScipyLoop",
}


def contestant(name: str, folder: Path, form: str) -> Contestant:
    """Load one by name; nothing is imported for the others."""
    module, _, kind = CONTESTANTS[name].partition(".")
    made: Contestant = getattr(import_module(f"{__name__}.{module}"), kind)(folder, form)
    return made
