"""A batch without the column that tells the time: which other one may be meant. Pure."""

import re
from collections.abc import Sequence

from app.domain.alike import LONGEST, alike, way_out
from app.domain.batch import Table
from app.domain.rows.infer import holds_times

NAMED = re.compile(
    r"(^|[^a-z])(ts|at|time|date|datetime|when|day)([^a-z]|$)|time|date", re.IGNORECASE
)
MOST = 32
"""Columns whose values are looked at."""


def instead_of(name: str, table: Table, known: Sequence[str]) -> str:
    """Return which column may be meant by one that is not there, as the end of a sentence.

    Those that the schema does not know come first: such a name is probably misspelt.

    Parameters
    ----------
    name
        Of the column that tells the time.
    table
        The batch.
    known
        Names in the schema.
    """
    strange = [one for one in table.columns if one not in known]
    meant = _meant(name, strange, table) or _meant(name, list(table.columns), table)
    if meant is None:
        return way_out(name, list(table.columns))
    return f"; was {meant[:LONGEST]!r} meant? Send it as {name!r}, or declare its role, 'timestamp'"


def _meant(name: str, names: Sequence[str], table: Table) -> str | None:
    if close := alike([name], names):
        return close[name]
    if named := [one for one in names if len(one) <= LONGEST and NAMED.search(one)]:
        return named[0]
    columns = ((one, table.columns[one]) for one in names[:MOST])
    return next((one for one, it in columns if holds_times(it, untyped=table.untyped)), None)
