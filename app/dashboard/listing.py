"""A table of a page as a file: the same rows as CSV for a sheet, or as JSON for a program."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from app.dashboard.rendering import answer
from app.domain.alerts.event import rfc3339
from app.domain.errors import NotFound

FORMS = ("csv", "json")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows of a table under the names of their columns."""

    name: str
    rows: Sequence[Mapping[str, object]]


def file_of(request: Request) -> str | None:
    """Return the form in which the address asks for the table, ``.csv`` say; None: as a page."""
    form: str | None = request.path_params.get("form")
    if form is not None and form not in FORMS:
        raise NotFound("this is there as .csv and as .json")
    return form


def as_file(request: Request, listing: Listing, form: str) -> Response:
    """Return a table as a file."""
    rows = [{name: _plain(value) for name, value in row.items()} for row in listing.rows]
    headers = {"Content-Disposition": f'attachment; filename="{listing.name}.{form}"'}
    if form == "json":
        text = json.dumps({"items": rows}, ensure_ascii=False, indent=1, allow_nan=False)
        return answer(request, text, "application/json", headers)
    sheet = io.StringIO()
    written = csv.writer(sheet)
    if rows:
        written.writerow(rows[0])
    written.writerows([_cell(value) for value in row.values()] for row in rows)
    return answer(request, sheet.getvalue(), "text/csv; charset=utf-8", headers)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return rfc3339(value)
    return value.total_seconds() if isinstance(value, timedelta) else value


def _cell(value: object) -> object:
    """Return a value as a cell: what strangers named must be no formula in whoever's sheet."""
    if isinstance(value, (list, tuple)):
        value = "; ".join(str(one) for one in value)
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value
