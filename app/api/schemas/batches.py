"""Receipts of batches on the wire."""

from typing import Any

from pydantic import ConfigDict, Field

from app.api.schemas.base import Answer, Time
from app.domain.alerts.event import rfc3339
from app.domain.alike import alike
from app.domain.batch import Receipt


class ReceiptAnswer(Answer):
    """Our durable answer: received = counted + duplicate + late + rejected."""

    key: str = Field(description="Under which the receipt is kept and a repeat is recognised.")
    model: str
    version: str
    source: str
    received: int
    counted: int
    duplicate: int = Field(description="Rows that were counted before, in whatever batch.")
    late: int = Field(description="Rows of windows that are final; recorded, counted nowhere.")
    rejected: int
    deduplicated: bool = Field(description="False: sending this again would count it again.")
    rows_deduplicated: bool | None = Field(
        description="Whether rows counted before were left out; null where the model does not ask "
        "for it, false where too many ids are remembered already.",
    )
    invalid: dict[str, int] = Field(description="Wrongly typed values by feature.")
    invalid_rows: dict[str, list[int]] = Field(
        description="Of each of these features the first rows with such a value, from 0; empty for "
        "receipts of before, and of objects."
    )
    absent: list[str] = Field(description="Features that no row had; they count as missing.")
    unknown: list[str] = Field(description="Columns that the schema does not know; ignored.")
    meant: dict[str, str] = Field(
        description="Of unknown columns those close to an absent feature, and which that is."
    )
    first_event_time: Time
    last_event_time: Time
    received_at: Time

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "key": "flights-2013-03-04",
                    "model": "flights",
                    "version": "default",
                    "source": "http",
                    "received": 640,
                    "counted": 640,
                    "duplicate": 0,
                    "late": 0,
                    "rejected": 0,
                    "deduplicated": True,
                    "rows_deduplicated": None,
                    "invalid": {"temp": 3},
                    "invalid_rows": {"temp": [17, 18, 201]},
                    "absent": [],
                    "unknown": ["debug"],
                    "meant": {},
                    "first_event_time": "2013-03-04T05:15:00Z",
                    "last_event_time": "2013-03-10T23:59:00Z",
                    "received_at": "2026-01-05T12:00:00.125Z",
                }
            ]
        }
    )


def receipt_document(model: str, receipt: Receipt) -> dict[str, Any]:
    """Return a receipt as JSON members; plain, since one is written for every batch."""
    absent, unknown = receipt.findings.absent, receipt.findings.unknown
    return {
        "key": receipt.key,
        "model": model,
        "version": receipt.version,
        "source": receipt.source,
        "received": receipt.received,
        "counted": receipt.counted,
        "duplicate": receipt.duplicate,
        "late": receipt.late,
        "rejected": receipt.rejected,
        "deduplicated": receipt.deduplicated,
        "rows_deduplicated": receipt.rows_deduplicated,
        "invalid": dict(receipt.findings.invalid),
        "invalid_rows": {name: list(rows) for name, rows in receipt.findings.invalid_rows.items()},
        "absent": list(absent),
        "unknown": list(unknown),
        "meant": alike(unknown, absent) if unknown and absent else {},
        "first_event_time": rfc3339(receipt.first_event),
        "last_event_time": rfc3339(receipt.last_event),
        "received_at": rfc3339(receipt.received_at),
    }
