"""Arrow columns as a table of ours: flat ones are read, dictionary-coded text stays coded."""

from collections.abc import Callable

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from app.domain.arrays import ArrowColumn, lies_plain
from app.domain.batch import Table
from app.domain.errors import Fault, Invalid, TooLarge
from app.domain.flat import Column, Columns
from app.domain.texts import texts_of
from app.sources.formats._columns import plain
from app.sources.formats._sound import hold_sound, is_text, raw_of
from app.sources.formats._spec import Limits
from app.sources.formats._text import NOT_UTF8, hold_names, hold_text, undecodable
from drift_core import Coded

SMALLEST_VALUE = 4
"""Bytes that a value takes in memory at least, nulls and repetitions included."""
OF_A_TEXT = 16
"""Bytes that a text takes in memory besides itself."""
READ: tuple[Callable[[pa.DataType], bool], ...] = (
    pa.types.is_primitive,
    pa.types.is_null,
    pa.types.is_decimal,
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_string_view,
    pa.types.is_binary,
    pa.types.is_large_binary,
    pa.types.is_binary_view,
    pa.types.is_fixed_size_binary,
)


def from_arrow(table: pa.Table | pa.RecordBatch, limits: Limits) -> Table:
    """Return the columns of Arrow's rows; what is not flat is named, but not read.

    Text that is dictionary-coded stays so, and other dictionaries are spelled out.

    Parameters
    ----------
    table
        Any number of rows, from whomever: what its buffers say of one another is checked here.
    limits
        On rows, columns, names and texts, and on the bytes of all columns with texts spelled out.

    Raises
    ------
    TooLarge, Invalid
        Names row and field where there are some.
    """
    if isinstance(table, pa.RecordBatch):
        table = pa.Table.from_batches([table])
    hold_schema(table.schema, limits)
    if table.num_rows > limits.rows:
        raise TooLarge(f"the body holds more than {limits.rows} rows", (Fault("too many rows"),))
    if SMALLEST_VALUE * table.num_rows * table.num_columns > limits.decoded:
        raise too_long(limits)
    flat = [field.name for field in table.schema if is_read(field.type)]
    nested = {field.name: str(field.type) for field in table.schema if not is_read(field.type)}
    try:
        for name in flat:
            hold_sound(table.column(name))
    except pa.ArrowInvalid as error:
        raise Invalid("the columns are damaged", (Fault("damaged columns"),)) from error
    arrays = {name: _one(table.column(name)) for name in flat}
    if sum(spelled_size(array) for array in arrays.values()) > limits.decoded:
        raise too_long(limits)
    columns = {name: _column(name, array, limits) for name, array in arrays.items()}
    return Table(Columns(columns), table.num_rows, nested)


def is_read(kind: pa.DataType) -> bool:
    """Whether columns of this type are read; lists, structs, runs and the like are not."""
    if pa.types.is_dictionary(kind):
        return is_read(kind.value_type) and not pa.types.is_dictionary(kind.value_type)
    return any(is_this(kind) for is_this in READ) and not pa.types.is_interval(kind)


def hold_schema(schema: pa.Schema, limits: Limits) -> None:
    """Refuse too many columns, and names that are too long or there twice.

    Raises
    ------
    TooLarge, Invalid
        Names the columns.
    """
    names = schema.names
    if len(names) > limits.columns:
        raise TooLarge(
            f"the body has more than {limits.columns} columns", (Fault("too many columns"),)
        )
    hold_names(names, limits.name)
    if len(set(names)) < len(names):
        doubles = sorted({name for name in names if names.count(name) > 1})
        faults = tuple(Fault("two columns have this name", field=name) for name in doubles)
        raise Invalid("two columns have the same name", faults)


def spelled_size(array: pa.Array) -> int:
    """Return the bytes that a column takes in memory, text spelled out."""
    if not pa.types.is_dictionary(array.type):
        return int(array.get_total_buffer_size())
    if not is_text(array.type.value_type):
        return OF_A_TEXT * len(array) + int(array.dictionary.get_total_buffer_size())
    lengths = pc.binary_length(array.dictionary)
    return OF_A_TEXT * len(array) + (pc.sum(pc.take(lengths, array.indices)).as_py() or 0)


def too_long(limits: Limits) -> TooLarge:
    return TooLarge(
        f"the columns hold more than {limits.decoded} bytes; split the body",
        (Fault("too many bytes"),),
    )


def _one(column: pa.ChunkedArray) -> pa.Array:
    """Return a column as one array, whose dictionary is one, too."""
    if pa.types.is_dictionary(column.type) and pa.types.is_string_view(column.type.value_type):
        # Arrow does little with dictionaries of views, which polars writes
        kind = pa.dictionary(column.type.index_type, pa.large_string())
        column = pa.chunked_array([_end_to_end(chunk) for chunk in column.chunks], kind)
    if column.num_chunks == 1:
        return column.chunk(0)
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    return column.combine_chunks()


def _end_to_end(array: pa.DictionaryArray) -> pa.DictionaryArray:
    texts = array.dictionary.cast(pa.large_string())
    return pa.DictionaryArray.from_arrays(array.indices, texts)


def _column(name: str, array: pa.Array, limits: Limits) -> Column:
    if pa.types.is_dictionary(array.type) and is_text(array.type.value_type):
        return _coded(name, array, limits)
    array = plain(array)
    if is_text(array.type):
        _hold_utf8(array, array, name)
        _hold_text(array, array, name, limits)
    return ArrowColumn(array) if lies_plain(array.type) else pl.Series(name, array)


def _coded(name: str, array: pa.DictionaryArray, limits: Limits) -> Coded:
    texts = array.dictionary
    _hold_utf8(texts, array, name)
    if texts.null_count:
        # one way to be missing is enough
        array = array.cast(texts.type).dictionary_encode()
        texts = array.dictionary
    _hold_text(texts, array, name, limits)
    codes = array.indices.cast(pa.int32())
    codes = codes.fill_null(-1) if codes.null_count else codes
    return Coded(codes.to_numpy(), texts_of(texts))


def _hold_text(texts: pa.Array, column: pa.Array, name: str, limits: Limits) -> None:
    """Look at the texts' bytes as a whole; only where something is odd at each row."""
    given = texts_of(texts)
    longest = int(np.diff(given.offsets).max(initial=0))
    if longest > limits.text or (given.content[1] == 0).any():
        spelled = column.cast(texts.type) if texts is not column else column
        hold_text(pa.chunked_array([spelled]), name, limits.text)


def _hold_utf8(texts: pa.Array, column: pa.Array, name: str) -> None:
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        raw = raw_of(texts)
        spelled = raw if texts is column else raw.take(column.indices)
        fault = undecodable(pa.chunked_array([spelled]), name)
        raise Invalid(
            f"the body cannot be read: {NOT_UTF8}", (fault or Fault(NOT_UTF8, field=name),)
        ) from None
