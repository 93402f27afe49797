"""Arrow columns as a table of ours: flat ones are read, dictionary-coded text stays coded."""

from dataclasses import replace

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from app.domain.batch import Mask, Nested, Table
from app.domain.errors import Fault, Invalid, TooLarge
from app.domain.rows.arrays import ArrowColumn, lies_plain
from app.domain.rows.flat import Column, Columns
from app.domain.rows.texts import texts_of
from app.sources.formats._columns import plain
from app.sources.formats._sound import is_text, raw_of, sound
from app.sources.formats._spec import Limits
from app.sources.formats._text import NOT_UTF8, hold_names, hold_text, undecodable
from drift_core import Coded, Texts

REFUSED = (
    pa.ArrowException,
    OSError,
    ValueError,
    IndexError,
    SystemError,
    pl.exceptions.PolarsError,
)
"""How pyarrow and polars say that bytes are no Parquet, no Arrow, or damaged."""
SMALLEST_VALUE = 4
"""Bytes that a value takes in memory at least, nulls and repetitions included."""
ASCII = 127
"""The last byte that is a character of its own."""
OF_A_TEXT = 16
"""Bytes that a text takes in memory besides itself."""
DICTIONARY = pa.dictionary(pa.int32(), pa.string()).id
READ = frozenset(
    kind.id
    for kind in (
        *(pa.null(), pa.bool_(), pa.float16(), pa.float32(), pa.float64()),
        *(pa.int8(), pa.int16(), pa.int32(), pa.int64()),
        *(pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()),
        *(pa.decimal32(9), pa.decimal64(18), pa.decimal128(38), pa.decimal256(76)),
        *(pa.date32(), pa.date64(), pa.time32("s"), pa.time64("us")),
        *(pa.timestamp("us"), pa.duration("us")),
        *(pa.string(), pa.large_string(), pa.string_view()),
        *(pa.binary(), pa.large_binary(), pa.binary_view(), pa.binary(1)),
    )
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
    flat, others = parted(table.schema)
    given = dict(zip(table.schema.names, table.columns, strict=True))
    try:
        checked = {name: sound(given[name]) for name in flat}
    except pa.ArrowInvalid as error:
        raise Invalid("the columns are damaged", (Fault("damaged columns"),)) from error
    arrays = {name: _one(column) for name, column in checked.items()}
    if sum(spelled_size(array) for array in arrays.values()) > limits.decoded:
        raise too_long(limits)
    columns = {name: _column(name, array, limits) for name, array in arrays.items()}
    nested = {name: replace(one, present=_present(given[name])) for name, one in others.items()}
    return Table(Columns(columns), table.num_rows, nested)


def parted(schema: pa.Schema) -> tuple[list[str], dict[str, Nested]]:
    """Return the names of the columns that are read, and the types of those that are not."""
    kinds = list(zip(schema.names, schema.types, strict=True))
    nested = {name: Nested(str(kind)) for name, kind in kinds if not is_read(kind)}
    return [name for name, _ in kinds if name not in nested], nested


def _present(column: pa.ChunkedArray) -> Mask | None:
    """Return which rows of a column that is not read have a value; None where all may have one."""
    try:
        column.validate()
    except pa.ArrowInvalid:
        return None
    return pc.is_valid(column).to_numpy() if column.null_count else None


def is_read(kind: pa.DataType) -> bool:
    """Whether columns of this type are read; lists, structs and the like are not."""
    if pa.types.is_run_end_encoded(kind):
        kind = kind.value_type
    return (kind.value_type.id if kind.id == DICTIONARY else kind.id) in READ


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
        _hold_texts(array, array, name, limits)
    return ArrowColumn(array) if lies_plain(array.type) else pl.Series(name, array)


def _coded(name: str, array: pa.DictionaryArray, limits: Limits) -> Coded:
    texts = array.dictionary
    spelled = _hold_texts(texts, array, name, limits)
    if texts.null_count:
        # one way to be missing is enough
        array = array.cast(texts.type).dictionary_encode()
        spelled = texts_of(array.dictionary)
    codes = array.indices.cast(pa.int32())
    codes = codes.fill_null(-1) if codes.null_count else codes
    return Coded(codes.to_numpy(), spelled)


def _hold_texts(texts: pa.Array, column: pa.Array, name: str, limits: Limits) -> Texts:
    """Look at the texts' bytes as a whole; only where something is odd at each row."""
    given = texts_of(texts)
    data = given.content[1]
    if data.size and (data.max() > ASCII or data.min() == 0):
        _hold_utf8(texts, column, name)
    longest = int(np.diff(given.offsets).max(initial=0))
    if longest > limits.text or (data.size and data.min() == 0):
        spelled = column.cast(texts.type) if texts is not column else column
        hold_text(pa.chunked_array([spelled]), name, limits.text)
    return given


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
