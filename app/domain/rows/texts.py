"""Columns of text between polars, Arrow and the core, without a copy of any text."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from drift_core import Coded, Texts, TextViews

VIEW = 16


def views_of(column: pl.Series) -> TextViews:
    """Return a column of text as the core counts it, where it lies."""
    chunk = column.rechunk().to_arrow(compat_level=pl.CompatLevel.newest())
    return views_in(chunk.cast(pa.string_view()))


def views_in(array: pa.Array) -> TextViews:
    """Return Arrow's views as the core reads them."""
    _, views, *texts = array.buffers()
    rows = _bytes(views)
    first = VIEW * array.offset
    return TextViews(
        rows[first : first + VIEW * len(array)].reshape(-1, VIEW),
        tuple(_bytes(text) for text in texts),
        ~absent_of(array) if array.null_count else None,
    )


def series_of(coded: Coded) -> pl.Series:
    """Spell out a dictionary-coded column, row by row."""
    codes = pa.array(coded.codes, mask=coded.codes < 0)
    return dictionary_of(coded).gather(pl.Series(codes))


def dictionary_of(coded: Coded) -> pl.Series:
    """Return the distinct texts of a dictionary-coded column."""
    given = coded.dictionary
    if isinstance(given, Texts):
        absent = None if given.validity is None else _bits(given)
        kind = pa.large_string() if given.offsets.dtype == np.int64 else pa.string()
        buffers = [absent, pa.py_buffer(given.offsets), pa.py_buffer(given.data)]
        return pl.Series(pa.Array.from_buffers(kind, given.rows, buffers))
    if isinstance(given, TextViews):
        raise TypeError("dictionaries lie end to end")
    return pl.Series(list(given), dtype=pl.String)


def texts_of(array: pa.Array) -> Texts:
    """Return an Arrow array of string or large string as the core reads it."""
    kind = np.int64 if pa.types.is_large_string(array.type) else np.int32
    _, offsets, data = array.buffers()
    count = array.offset + len(array) + 1
    # a buffer may end amid an item, behind those that count; without texts there may be no offsets
    places = np.frombuffer(offsets, kind, count) if offsets else np.zeros(count, kind)
    return Texts(
        places[array.offset :], _bytes(data), ~absent_of(array) if array.null_count else None
    )


def absent_of(array: pa.Array) -> npt.NDArray[np.bool_]:
    """Return which rows of an Arrow array have no value."""
    absent: npt.NDArray[np.bool_] = array.is_null().to_numpy(zero_copy_only=False)
    return absent


def _bytes(buffer: pa.Buffer | None) -> npt.NDArray[np.uint8]:
    return np.frombuffer(buffer, np.uint8) if buffer else np.zeros(0, np.uint8)


def _bits(texts: Texts) -> pa.Buffer:
    valid: Sequence[bool] = np.asarray(texts.validity).tolist()
    return pa.array(valid, pa.bool_()).buffers()[1]
