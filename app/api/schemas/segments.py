"""Segments on the wire: what is declared, and what there is."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Self

from pydantic import Field, StrictInt

from app.api.schemas.base import Answer, Declared
from app.domain.segments.segment import (
    MOST_COLUMNS,
    MOST_GROUPS,
    MOST_VALUES,
    Grouping,
    Segmentation,
)

ColumnName = Annotated[str, Field(min_length=1, max_length=1024)]
Group = Annotated[list[ColumnName], Field(min_length=1, max_length=MOST_COLUMNS)]


class SegmentsDeclaration(Declared):
    """Columns whose values divide the rows into segments, each judged on its own."""

    columns: list[Group] = Field(
        min_length=1,
        max_length=MOST_GROUPS,
        description="Columns, or pairs of them; categorical, and features or in the role segment.",
        examples=[[["country"], ["country", "device"]]],
    )
    most: StrictInt = Field(
        MOST_VALUES,
        ge=1,
        le=MOST_VALUES,
        description="Values with a segment of their own, of all columns together; those with most "
        "rows of the reference. The rows of all other values are one segment more.",
    )

    def segmentation(self) -> Segmentation:
        return Segmentation(tuple(tuple(group) for group in self.columns), self.most)


class SegmentsAnswer(Answer):
    """What rows are divided by."""

    columns: list[list[str]]
    most: int

    @classmethod
    def of(cls, segments: Segmentation | None) -> Self | None:
        if segments is None:
            return None
        return cls(columns=[list(group) for group in segments.groups], most=segments.most)


class SegmentAnswer(Answer):
    """One segment."""

    segment: str = Field(description="As the queries of windows name it.")
    columns: list[str]
    values: list[str | None] | None = Field(
        description="One for each column, null where it is missing; null in all for the segment of "
        "all other values."
    )
    reference_rows: int = Field(description="Rows of the active baseline.")
    counted: bool = Field(description="False where its columns are not declared any more.")

    @classmethod
    def each(cls, grouping: Grouping, rows: Mapping[str, int], *, counted: bool) -> Sequence[Self]:
        return [
            cls(
                segment=text,
                columns=list(grouping.columns),
                values=None if value is None else list(value),
                reference_rows=rows.get(text, 0),
                counted=counted,
            )
            for text, value in zip(grouping.texts, (*grouping.values, None), strict=True)
        ]


class SegmentPage(Answer):
    """The segments of a model's active grid set, column by column, most frequent first."""

    items: list[SegmentAnswer]
    next_cursor: str | None = None
    waiting: bool = Field(
        description="Whether something else is declared, and begins with the next baseline that "
        "is uploaded and activated."
    )
