"""A table of a page as a file: the same rows as CSV for a sheet, or as JSON for a program."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeAlias, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from app.dashboard.files import GUARDED, table
from app.dashboard.rendering import answer
from app.domain.alerts.event import rfc3339
from app.domain.errors import NotFound

FORMS = ("csv", "json")
Item = TypeVar("Item")
Columns: TypeAlias = Mapping[str, Callable[[Item], object]]
"""What a table's columns hold of an item, by their names."""


@dataclass(frozen=True, slots=True)
class Listing(Generic[Item]):
    """A table; its columns are known also where it has no rows."""

    name: str
    columns: Columns[Item]
    items: Sequence[Item]


def file_of(request: Request) -> str | None:
    """Return the form in which the address asks for the table, ``.csv`` say; None: as a page."""
    form: str | None = request.path_params.get("form")
    if form is not None and form not in FORMS:
        raise NotFound("this is there as .csv and as .json")
    return form


def as_file(request: Request, listing: Listing[Item], form: str) -> Response:
    """Return a table as a file."""
    head, cells = listing.columns.keys(), listing.columns.values()
    rows = [[_plain(cell(item)) for cell in cells] for item in listing.items]
    if form == "json":
        items = [dict(zip(head, row, strict=True)) for row in rows]
        text = json.dumps({"items": items}, ensure_ascii=False, indent=1, allow_nan=False)
        made = answer(request, text, "application/json", GUARDED)
    else:
        made = table(request, list(head), ([_joined(value) for value in row] for row in rows))
    made.headers["Content-Disposition"] = f'attachment; filename="{listing.name}.{form}"'
    return made


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return rfc3339(value)
    return value.total_seconds() if isinstance(value, timedelta) else value


def _joined(value: object) -> object:
    return "; ".join(str(one) for one in value) if isinstance(value, (list, tuple)) else value
