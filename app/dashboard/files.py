"""The tables and charts of pages as files: CSV for sheets, SVG for mails and documents."""

import csv
import io
from collections.abc import Iterable, Sequence

from starlette.requests import Request
from starlette.responses import Response

from app.dashboard.charts.caption import Caption
from app.dashboard.charts.style import STYLE, STYLE_POLICY
from app.dashboard.rendering import Later, answer, environment

FORMULA = ("=", "+", "-", "@", "\t", "\r")
GUARDED = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}


def table(request: Request, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """Return a table as CSV, with nothing in it that a sheet would take for a formula."""

    def made() -> Response:
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(head)
        writer.writerows([_cell(value) for value in row] for row in rows)
        return answer(request, text.getvalue(), "text/csv; charset=utf-8", GUARDED)

    return Later(made)


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return "" if value is None else value


def drawing(request: Request, macro: str, chart: object, caption: Caption) -> Response:
    """Return a chart as a file that says what it shows, with its own style for light and dark."""
    values = {"macro": macro, "chart": chart, "caption": caption, "style": STYLE}
    headers = {"Content-Security-Policy": STYLE_POLICY}

    def made() -> Response:
        text = environment().get_template("alone.svg").render(values)
        return answer(request, text, "image/svg+xml; charset=utf-8", headers)

    return Later(made)
