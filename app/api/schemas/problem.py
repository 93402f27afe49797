"""The shape of every error answer (RFC 9457)."""

from pydantic import ConfigDict, Field

from app.api.schemas.base import Answer


class FaultAnswer(Answer):
    """One thing that is wrong with a request; values that were sent are never repeated."""

    pointer: str = Field(description="JSON pointer into the body; empty where there is none.")
    row: int | None = Field(description="Number of the row, from 0.")
    field: str | None = Field(description="Column, query, path or header parameter.")
    detail: str


class ProblemAnswer(Answer):
    """An error, as problem+json."""

    type: str = Field(description="Stable name of what went wrong.")
    title: str
    status: int
    detail: str
    errors: list[FaultAnswer] = Field(max_length=100)
    errors_left_out: int = Field(ge=0, description="How many more there are than are listed.")
    request_id: str | None = Field(description="Look for it in the log.")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:leeway:problem:invalid",
                    "title": "The request's content is wrong",
                    "status": 422,
                    "detail": "the batch cannot be read",
                    "errors": [
                        {
                            "pointer": "/rows/3/timestamp",
                            "row": 3,
                            "field": "timestamp",
                            "detail": "is more than five minutes in the future",
                        }
                    ],
                    "errors_left_out": 0,
                    "request_id": "5f2b6c1e9d8a4f7c8b3e2d1a0f9e8d7c",
                }
            ]
        }
    )
