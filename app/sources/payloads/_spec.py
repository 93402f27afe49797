"""What a payload log is, and how its fields become a model's columns; no log lives here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from app.domain.batch import Table
from app.sources.formats import Limits


@dataclass(frozen=True, slots=True)
class Columns:
    """How the fields of a log become columns of a model."""

    inputs: tuple[str, ...] = ()
    """Names of inputs that the log knows by position only, in order."""
    outputs: tuple[str, ...] = ()
    """The same of outputs; one alone is the prediction where this says nothing."""
    renames: Mapping[str, str] = field(default_factory=dict)
    """New names by old ones, of columns that the log names itself."""
    prediction: str = "prediction"
    id: str = "id"
    timestamp: str = "timestamp"
    """Names that the columns of these roles get; the model's schema must use them."""


Reshape: TypeAlias = Callable[[Table, Columns, Limits], Table]


@dataclass(frozen=True, slots=True)
class Payload:
    """One kind of log: a format that its objects are written in, and what their columns mean."""

    name: str
    media_type: str
    """Of the format; one of `app.sources.formats.FORMATS`."""
    reshape: Reshape
    """Turns decoded rows of the log into rows of a model. Rows need not be a whole object's."""
    limits: Limits | None = None
    """On what is decoded, where the format's own are too narrow for a log."""


def renamed(table: Table, columns: Columns, _: Limits) -> Table:
    """Return a table whose columns have their new names.

    Raises
    ------
    ValueError
        Two columns would have one name.
    """
    names = [columns.renames.get(name, name) for name in (*table.columns, *table.nested)]
    if len(set(names)) < len(names):
        raise ValueError("two columns would have one name")
    new = {columns.renames.get(name, name): column for name, column in table.columns.items()}
    nested = {columns.renames.get(name, name): kind for name, kind in table.nested.items()}
    return Table(new, table.rows, nested, untyped=table.untyped, layout=table.layout)
