"""A body that its content type does not fit: where reading stopped, and what it looks like."""

import re

BYTE = re.compile(r"\(byte (\d+)\)$")
BOUND = 4_096
"""Bytes at the beginning by which a format is guessed."""
CSV_HINT = "; it looks like CSV, which is sent with Content-Type: text/csv"
JSON_HINT = "; it looks like JSON, which is sent with Content-Type: application/json"


def place(body: bytes, error: Exception) -> str:
    """Return where a parser stopped, as people count lines and columns; never what stands there."""
    if isinstance(error, UnicodeDecodeError):
        # the parser tells of one text; what is not UTF-8 it meets for the first time
        at = max(0, body.find(error.object)) + error.start
    else:
        told = BYTE.search(str(error))
        at = int(told[1]) if told else len(body)
    before = body[:at]
    line, column = before.count(b"\n") + 1, at - before.rfind(b"\n")
    return f" (line {line}, column {column})"


def hint(body: bytes) -> str:
    """Return what to add where a body sent as JSON begins with a line of CSV."""
    start = body[:BOUND].lstrip()
    first = start.partition(b"\n")[0]
    return CSV_HINT if start[:1] not in (b"{", b"[") and b"," in first else ""


def looks_like_json(body: bytes) -> bool:
    """Whether a body begins as a document of rows does."""
    return body[:64].lstrip()[:1] in (b"{", b"[")
