"""JSON pointers to rows and fields."""

import pytest

from app.domain.batch import Layout
from app.domain.rows.pointing import fault_at, pointer


@pytest.mark.parametrize(
    ("path", "expected"),
    [((), ""), (("a", 0), "/a/0"), (("a/b", "c~d", "~1"), "/a~1b/c~0d/~01"), (("",), "/")],
)
def test_names_are_escaped(path: tuple[str | int, ...], expected: str) -> None:
    assert pointer(path) == expected


@pytest.mark.parametrize(
    ("layout", "row", "field", "expected"),
    [
        (Layout.ARRAY, 3, "a", "/3/a"),
        (Layout.ROWS, 3, "a", "/rows/3/a"),
        (Layout.COLUMNS, 3, "a", "/columns/a/3"),
        (Layout.ROWS, 3, None, "/rows/3"),
        (Layout.COLUMNS, None, "a", "/columns/a"),
        (Layout.ARRAY, None, "a", ""),
    ],
)
def test_layouts(layout: Layout, row: int | None, field: str | None, expected: str) -> None:
    fault = fault_at(layout, "wrong", row, field)
    assert (fault.pointer, fault.row, fault.field) == (expected, row, field)
