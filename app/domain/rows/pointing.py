"""Where in a request something is: JSON pointers from rows and fields."""

from collections.abc import Sequence

from app.domain.batch import Layout
from app.domain.errors import Fault


def pointer(tokens: Sequence[str | int]) -> str:
    """Return the JSON pointer (RFC 6901) of a path of member names and positions."""
    escaped = (str(token).replace("~", "~0").replace("/", "~1") for token in tokens)
    return "".join(f"/{token}" for token in escaped)


def path_to(layout: Layout, row: int | None, field: str | None) -> tuple[str | int, ...]:
    """Return the path of a value in a body of this layout; CSV and Parquet count as rows."""
    match layout:
        case Layout.ARRAY:
            path: tuple[str | int | None, ...] = (row, field)
        case Layout.ROWS:
            path = ("rows", row, field)
        case _:
            path = ("columns", field, row)
    return tuple(token for token in path if token is not None)


def fault_at(layout: Layout, detail: str, row: int | None, field: str | None) -> Fault:
    """Return a fault that names row (from 0), field and pointer."""
    if row is None and layout is not Layout.COLUMNS:
        return Fault(detail, row=row, field=field)
    return Fault(detail, pointer(path_to(layout, row, field)), row, field)
