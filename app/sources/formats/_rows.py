"""Rows as Python's dictionaries become columns."""

from app.domain.batch import Layout, RawColumn, Table
from app.domain.errors import Fault, Invalid, NoRows, TooLarge
from app.domain.rows.pointing import fault_at
from app.sources.formats._spec import Limits


def from_rows(rows: list[object], layout: Layout, limits: Limits) -> Table:
    hold_rows(len(rows), limits)
    dicts = [row for row in rows if isinstance(row, dict)]
    if len(dicts) != len(rows):
        row = next(i for i, row in enumerate(rows) if not isinstance(row, dict))
        fault = fault_at(layout, "a row must be an object", row, None)
        raise Invalid("the body cannot be read: a row must be an object", (fault,))
    columns = _gathered(dicts, limits)
    return Table(columns, len(rows), layout=layout)


def _gathered(rows: list[dict[str, object]], limits: Limits) -> dict[str, RawColumn]:
    """Return the values of each name, ``None`` where a row does not have it."""
    names: dict[str, object] = {}
    for row in rows:
        names.update(row)
        if len(names) > limits.columns:
            raise TooLarge(
                f"the rows have more than {limits.columns} columns", (Fault("too many columns"),)
            )
    if len(names) * len(rows) > limits.values:
        raise TooLarge(
            f"the body stands for more than {limits.values} values; split it, or send Parquet",
            (Fault("too many values"),),
        )
    if len(rows) == 1:
        return {name: [value] for name, value in names.items()}
    return {name: [row.get(name) for row in rows] for name in names}


def hold_rows(rows: int, limits: Limits) -> None:
    if rows == 0:
        raise NoRows("the body holds no rows", (Fault("no rows"),))
    if rows > limits.rows:
        raise TooLarge(f"the body holds more than {limits.rows} rows", (Fault("too many rows"),))
