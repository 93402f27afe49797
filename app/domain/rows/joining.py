"""Tables end to end: the pieces of one file, or small batches that are counted together."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import cast

import numpy as np
import polars as pl

from app.domain.batch import Nested, RawColumn, Table
from app.domain.rows.flat import Bodies, Columns, Flat, flat_of
from app.domain.rows.texts import series_of
from drift_core import Coded, Texts


def joined(tables: Sequence[Table]) -> Table:
    """Return one table of all rows; a column that a piece does not have is missing there."""
    if len(tables) == 1:
        return tables[0]
    names = dict.fromkeys(name for table in tables for name in table.columns)
    bodies, flats = Bodies(), [flat_of(table.columns) for table in tables]
    return Table(
        Columns({name: _flat(name, flats, bodies) or _column(name, tables) for name in names}),
        sum(table.rows for table in tables),
        {name: Nested(one.kind) for table in tables for name, one in table.nested.items()},
        untyped=tables[0].untyped,
        layout=tables[0].layout,
    )


def _flat(name: str, flats: Sequence[Mapping[str, Flat]], bodies: Bodies) -> Flat | None:
    """Join columns that are all counted where they lie, and in the same way."""
    if not all(name in flat for flat in flats):
        return None
    found = [flat[name] for flat in flats]
    if len({flat.likeness() for flat in found}) > 1:
        return None
    return found[0].joined(found[1:], bodies)


def _column(name: str, tables: Sequence[Table]) -> RawColumn:
    found = [
        table.columns[name] if name in table.columns else [None] * table.rows for table in tables
    ]
    if set(map(type, found)) == {list}:
        return list(chain.from_iterable(cast("list[list[object]]", found)))
    coded = [part for part in found if isinstance(part, Coded)]
    if len(coded) == len(found) and (one := _end_to_end(coded)) is not None:
        return one
    parts = [series_of(part) if isinstance(part, Coded) else part for part in found]
    typed = [part for part in parts if isinstance(part, pl.Series)]
    if len(typed) == len(parts):
        return pl.concat(typed)
    return list(chain.from_iterable(parts))


def _end_to_end(parts: Sequence[Coded]) -> Coded | None:
    """Join codes and dictionaries; None where one is not as the formats make them."""
    texts = [part.dictionary for part in parts if isinstance(part.dictionary, Texts)]
    masked = any(p.validity is not None for p in parts) or any(
        t.validity is not None for t in texts
    )
    if len(texts) < len(parts) or masked:
        return None
    places = np.cumsum([0, *(one.rows for one in texts)])
    lengths = np.concatenate([np.diff(one.offsets) for one in texts])
    return Coded(
        np.concatenate(
            [
                np.where(part.codes < 0, -1, part.codes + place).astype(np.int32)
                for part, place in zip(parts, places, strict=False)
            ]
        ),
        Texts(
            np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]),
            np.concatenate([one.data[one.offsets[0] : one.offsets[-1]] for one in texts]),
        ),
    )
