"""What every text must keep, whatever the format: no NUL, and no more bytes than the limit."""

import pyarrow as pa
import pyarrow.compute as pc

from app.domain.batch import Layout
from app.domain.errors import Invalid, TooLarge
from app.domain.pointing import fault_at


def hold_text(column: pa.ChunkedArray, name: str, longest: int) -> None:
    """Refuse a column of text that holds NUL or too long a text; names the first such row.

    Raises
    ------
    TooLarge, Invalid
        Names row and field.
    """
    lengths = pc.binary_length(column)
    if (pc.max(lengths).as_py() or 0) > longest:
        row = pc.index(pc.greater(lengths, longest), True).as_py()
        detail = f"a text is longer than {longest} bytes"
        raise TooLarge(detail, (fault_at(Layout.ROWS, detail, row, name),))
    nul = pc.match_substring(column, "\0")
    if pc.any(nul).as_py():
        row = pc.index(nul, True).as_py()
        detail = "text must not hold NUL"
        raise Invalid(
            f"the body cannot be read: {detail}", (fault_at(Layout.ROWS, detail, row, name),)
        )
