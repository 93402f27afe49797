"""A figure of a model's outputs, as the counts of a window and its reference tell it."""

from app.domain.model import Feature, Schema
from app.domain.outputs.figure import Outputs, names, told
from app.domain.outputs.planning import plan
from drift_core import Counts

Sides = tuple[Counts, Counts]


def column_of(schema: Schema, feature: str) -> Feature | None:
    """Return the column that a feature's name is about: its own, or that of a figure."""
    columns = schema.by_name()
    if feature in columns or feature not in names(schema):
        return columns.get(feature)
    figure = told(feature)
    return columns.get(figure[1]) if figure else None


def sides_of(schema: Schema, feature: str, sides: Sides, outputs: Outputs | None) -> Sides | None:
    """Return the counts to show of a column's: its own, or a figure's; None where it has none."""
    column = column_of(schema, feature)
    if column is None or column.name == feature:
        return sides
    found = plan(schema, [(column, sides[0])], outputs or Outputs()).figures
    figure = next((one for one in found if one.name == feature), None)
    return None if figure is None else (figure.counts(sides[0]), figure.counts(sides[1]))
