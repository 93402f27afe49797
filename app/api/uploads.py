"""Request bodies of uploads, as the OpenAPI document says them: one entry for each format."""

from typing import Any

from app.sources.formats import FORMATS

ROW = {"time_hour": "2013-03-04T05:15:00Z", "temp": 39.9, "carrier": "UA"}
CELL = {"description": "A number, text, boolean or null; anything else counts as invalid."}
ROWS = {"type": "array", "items": {"type": "object", "additionalProperties": CELL}}
COLUMNS = {"type": "object", "additionalProperties": {"type": "array", "items": CELL}}


def _wrapped(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: schema},
        "required": [name],
        "additionalProperties": False,
    }


JSON_ROWS: dict[str, Any] = {
    "schema": {"oneOf": [ROWS, _wrapped("rows", ROWS), _wrapped("columns", COLUMNS)]},
    "examples": {
        "rows": {"summary": "An array of rows", "value": [ROW]},
        "columns": {
            "summary": "Columns of equal length",
            "value": {"columns": {name: [value] for name, value in ROW.items()}},
        },
    },
}
CSV_ROWS: dict[str, Any] = {
    "schema": {"type": "string"},
    "example": "time_hour,temp,carrier\n2013-03-04T05:15:00Z,39.9,UA\n",
}
LINES: dict[str, Any] = {
    "schema": {"type": "string"},
    "example": '{"time_hour": "2013-03-04T05:15:00Z", "temp": 39.9, "carrier": "UA"}\n',
}
BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
WRITTEN = {
    "application/json": JSON_ROWS,
    "text/csv": CSV_ROWS,
    "application/x-ndjson": LINES,
    "application/jsonl": LINES,
    "application/x-jsonlines": LINES,
}
"""Formats whose bodies can be shown as text; the others are binary."""

SPAN: dict[str, Any] = {
    "summary": "Freeze what is stored",
    "value": {"windows": {"from": "2013-03-04T00:00:00Z", "to": "2013-04-01T00:00:00Z"}},
}


def _body(text: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"description": text, "required": True, "content": content}


BATCH_BODY = _body(
    "Rows, in any of these formats; ``Content-Encoding: gzip`` and ``zstd`` are understood.",
    {media_type: WRITTEN.get(media_type, BINARY) for media_type in sorted(FORMATS)},
)
BASELINE_BODY = _body(
    "Rows, in any of these formats, or the stored windows to freeze.",
    BATCH_BODY["content"]
    | {
        "application/json": {
            "schema": {
                "oneOf": [
                    *JSON_ROWS["schema"]["oneOf"],
                    {"$ref": "#/components/schemas/WindowsDeclaration"},
                ]
            },
            "examples": JSON_ROWS["examples"] | {"windows": SPAN},
        }
    },
)
