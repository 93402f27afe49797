"""The cells of the grid as one piece of HTML: of thousands a template would take much longer."""

from collections.abc import Sequence

from markupsafe import Markup, escape

from app.dashboard.model.heat import Column, Mark


def cells(marks: Sequence[Mark], row: int, columns: Sequence[Column]) -> Markup:
    """Return the cells of a row, which is the ``row``-th one, below their columns."""
    ends = [" in" if column.chosen else "" for column in columns]
    made = (
        f'<td id="c{row}-{at}" class="{mark.look}{_dot(mark)}{end}">{escape(mark.text)}</td>'
        for at, (mark, end) in enumerate(zip(marks, ends, strict=True))
    )
    return Markup("".join(made))  # noqa: S704  looks are ours, and texts are escaped


def _dot(mark: Mark) -> str:
    return " d" if "drift" in mark.text else ""
