import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.api.schemas.base import parse_time

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2013-03-04T00:00:00Z", datetime(2013, 3, 4, tzinfo=UTC)),
        ("2013-03-04t00:00:00z", datetime(2013, 3, 4, tzinfo=UTC)),
        ("2013-03-04T00:00:00", datetime(2013, 3, 4, tzinfo=UTC)),
        # as Python prints it, and so as generated clients put it into a path
        ("2013-03-04 00:00:00+00:00", datetime(2013, 3, 4, tzinfo=UTC)),
        ("2013-03-04T02:30:00+02:30", datetime(2013, 3, 4, tzinfo=UTC)),
        ("2013-03-04T00:00:00.000001Z", datetime(2013, 3, 4, 0, 0, 0, 1, tzinfo=UTC)),
        ("2024-02-29T23:59:59-23:59", datetime(2024, 3, 1, 23, 58, 59, tzinfo=UTC)),
    ],
)
def test_rfc_3339_is_read_as_utc(text: str, meant: datetime) -> None:
    read = parse_time(text)
    assert read == meant
    assert read.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "1362355200",
        "2013-03-04",
        "2013-W10-1T00:00:00Z",
        "2013-02-29T00:00:00Z",
        "2013-03-04T24:00:00Z",
        "2013-03-04T00:00:60Z",
        "2013-03-04T00:00:00+24:00",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "1969-12-31T23:59:59Z",
        "2201-01-01T00:00:00Z",
        "2013-03-04T00:00:00Z\n",
        "\uff12013-03-04T00:00:00Z",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="time"):
        parse_time(text)


def test_times_of_the_documents_queries_are_read() -> None:
    text = "".join(path.read_text() for path in sorted(DOCS.glob("*.md")))
    found = re.findall(r"[?&`](?:from|to|as_of)=([^&'`\s\"]+)", text)
    assert len(found) >= 3
    for one in found:
        assert parse_time(one).tzinfo is UTC, one
