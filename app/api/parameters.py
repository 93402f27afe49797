"""Parameters of paths, queries and headers that routes share."""

from typing import Annotated

from fastapi import Header, Path, Query
from starlette.requests import Request

from app.api.problems import MALFORMED
from app.api.schemas.base import NAME_PATTERN, NAME_RULE, Time
from app.domain.errors import Fault, Invalid
from app.domain.sources.sequence import SPELLED

LARGEST_NUMBER = 2**31 - 1
LARGEST_ID = 2**63 - 1
NO_NUL = r"^[^\x00]*$"
"""PostgreSQL takes none in a text."""
KEY_PATTERN = r"^[\x21-\x7e]+$"
LONGEST_KEY = 255
SOURCE = "http"
"""Of batches that name none."""

ModelName = Annotated[
    str, Path(pattern=NAME_PATTERN, description=f"Model. {NAME_RULE}", examples=["flights"])
]
VersionName = Annotated[
    str, Path(pattern=NAME_PATTERN, description=f"Version. {NAME_RULE}", examples=["2013-03"])
]
TargetName = Annotated[
    str, Path(pattern=NAME_PATTERN, description=f"Target. {NAME_RULE}", examples=["oncall"])
]
MonitorName = Annotated[
    str, Path(pattern=NAME_PATTERN, description=f"Monitor. {NAME_RULE}", examples=["default"])
]
FeaturePath = Annotated[
    str,
    Path(
        min_length=1,
        pattern=NO_NUL,
        description="Feature: any text, percent-encoded; the rest of the path belongs to it.",
        examples=["temp"],
    ),
]
BaselineId = Annotated[
    int, Path(ge=1, le=LARGEST_NUMBER, description="Number of the baseline.", examples=[1])
]
RowId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="Its number.", examples=[1])]
WindowStart = Annotated[
    Time, Path(description="Start of the window.", examples=["2013-03-04T00:00:00Z"])
]

VersionQuery = Annotated[
    str | None,
    Query(pattern=NAME_PATTERN, description="Version; the champion when not given."),
]
RowsVersionQuery = Annotated[
    str | None,
    Query(
        pattern=NAME_PATTERN,
        description="Version that made these rows; the champion when not given. "
        "A model's first version becomes champion, unknown ones start as shadows.",
    ),
]
Limit = Annotated[int, Query(ge=1, le=500, description="How many items at most.")]
Cursor = Annotated[
    str | None, Query(max_length=1024, description="``next_cursor`` of the page before.")
]

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=LONGEST_KEY,
        pattern=KEY_PATTERN,
        description="Names this batch: the same key and body are counted once, for at least 31 "
        "days (``LEEWAY_RECEIPT_DAYS``) and as long as the model's windows can change. Without it "
        "the body's digest serves, where rows have an id or a time. Sent once, or refused.",
    ),
]
SourceName = Annotated[
    str,
    Header(
        alias="Leeway-Source",
        pattern=NAME_PATTERN,
        description="Which of several senders this is; the slowest one holds windows open.",
    ),
]

Sequence = Annotated[
    str | None,
    Header(
        alias="Leeway-Sequence",
        pattern=f"^{SPELLED.pattern}$",
        description="Number of this batch among those of its source, counting up by one, behind "
        "a name of the run and a slash if there are several: ``17``, ``boot-7f3a/17``. Windows in "
        "which numbers are missing are ``incomplete``. The same number when it is sent again.",
        examples=["boot-7f3a/17"],
    ),
]


def refuse_repeated(request: Request, *names: str) -> None:
    """Refuse headers that were sent twice: whichever were taken, the sender may mean the other.

    Raises
    ------
    Invalid
        Names the header.
    """
    faults = [
        Fault("is sent more than once", field=name)
        for name in names
        if len(request.headers.getlist(name)) > 1
    ]
    if faults:
        raise Invalid("a header is sent more than once", tuple(faults), code=MALFORMED)
