"""How long windows are, on the wire: a duration, or the rows that each of them waits for."""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from app.api import durations
from app.domain.monitors.by_rows import MOST_ROWS, ByRows

WAY_OUT = f'is a duration such as 1h, or rows such as {{"rows": 5000}}, from 1 to {MOST_ROWS}'


def _shape(value: object) -> timedelta | ByRows:
    if isinstance(value, timedelta | ByRows):
        return value
    if isinstance(value, str):
        return durations.parse(value)
    rows = value.get("rows") if isinstance(value, dict) and len(value) == 1 else None
    if not isinstance(rows, int) or isinstance(rows, bool) or not 1 <= rows <= MOST_ROWS:
        raise ValueError(WAY_OUT)
    return ByRows(rows)


def _written(value: timedelta | ByRows) -> str | dict[str, Any]:
    return {"rows": value.rows} if isinstance(value, ByRows) else durations.text(value)


Shape = Annotated[
    timedelta | ByRows,
    BeforeValidator(_shape),
    PlainSerializer(_written),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": durations.PATTERN, "examples": ["7d"]},
                {
                    "type": "object",
                    "properties": {"rows": {"type": "integer", "minimum": 1, "maximum": MOST_ROWS}},
                    "required": ["rows"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
