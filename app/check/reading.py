"""Two files become a comparison, or a refusal that says which file, column and row is to blame."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.check.asking import Ask, Refused
from app.domain.batch import Table
from app.domain.errors import Fault, Invalid
from app.domain.references.reference import Reference
from app.domain.rows.joining import joined
from app.domain.telling.comparing import Wanted, compare, count_current, learn
from app.domain.telling.comparison import Comparison
from app.sources.files import open_file

Progress = Callable[[Path, float], None]
"""Is told which file is being read, and how much of it has been."""
MOST_FAULTS = 5


def compare_files(ask: Ask, progress: Progress) -> Comparison:
    """Read both files and compare them.

    The reference is held in memory as a whole, since all of it decides on the grids; of the
    current file only some rows at a time are.

    Raises
    ------
    Refused
        A file cannot be read, or holds nothing to compare.
    """
    wanted = ask.wanted
    with _blaming(ask.reference):
        reference = _learned(ask.reference, wanted, progress)
    with _blaming(ask.current):
        current = count_current(reference, _tables(ask.current, progress))
    names = (str(ask.reference), str(ask.current))
    return compare(reference, current, names, ask.policy, wanted)


def _learned(path: Path, wanted: Wanted, progress: Progress) -> Reference:
    return learn(joined(list(_tables(path, progress))), wanted)


def _tables(path: Path, progress: Progress) -> Iterator[Table]:
    empty = True
    for piece in open_file(path).pieces():
        progress(path, piece.done)
        empty = False
        yield piece.table
    if empty:
        raise Invalid("the file holds no rows", (Fault("no rows"),))


@contextmanager
def _blaming(path: Path) -> Iterator[None]:
    try:
        yield
    except Invalid as error:
        # the formats speak of the bodies of requests; here there are none
        detail = error.detail.replace("the body", "the file")
        raise Refused("\n".join([f"{path}: {detail}", *_places(error)])) from error
    except OSError as error:
        raise Refused(f"{path}: {error.strerror or 'it cannot be read'}") from error


def _places(error: Invalid) -> Iterator[str]:
    """Yield where it is wrong: column and row, the first row after a header being row 1."""
    for fault in error.faults[:MOST_FAULTS]:
        where = [f"column {fault.field!r}"] if fault.field is not None else []
        where += [f"row {fault.row + 1}"] if fault.row is not None else []
        if where:
            yield f"  {', '.join(where)}: {fault.detail}"
    more = len(error.faults) + error.left_out - MOST_FAULTS
    if more > 0:
        yield f"  and {more} more"
