"""Whether an Arrow column's buffers lead nowhere that they must not; its text may be any bytes."""

import numpy as np
import pyarrow as pa

from app.domain.rows.texts import VIEW, absent_of
from app.sources.formats._runs import spread

RAW = {
    pa.string().id: pa.binary(),
    pa.large_string().id: pa.large_binary(),
    pa.string_view().id: pa.binary_view(),
}
VIEWED = frozenset((pa.string_view().id, pa.binary_view().id))
TEXTS = frozenset((pa.string().id, pa.large_string().id))


def sound(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column whose offsets, codes and the like lead nowhere outside; runs are spread.

    Raises
    ------
    pyarrow.ArrowInvalid
        Those of its values do; it must not be read.
    """
    chunks = [_sound(chunk) for chunk in column.chunks]
    return pa.chunked_array(chunks, chunks[0].type if chunks else column.type)


def is_text(kind: pa.DataType) -> bool:
    """Whether texts lie end to end; views of texts are another layout."""
    return kind.id in TEXTS


def raw_of(texts: pa.Array) -> pa.Array:
    """Return texts as bytes, which need not be UTF-8."""
    kind = RAW.get(texts.type.id)
    if kind is None:
        return texts
    return pa.Array.from_buffers(kind, len(texts), texts.buffers(), texts.null_count, texts.offset)


def _sound(array: pa.Array) -> pa.Array:
    # before all else, since what has a length below zero cannot even be asked for it
    array.validate()
    if pa.types.is_run_end_encoded(array.type):
        return spread(array, _sound(array.values))
    if not pa.types.is_dictionary(array.type):
        raw_of(array).validate(full=True)
        return _shown(array)
    _sound(array.indices)
    texts = _sound(array.dictionary)
    # made anew, since only then are codes looked at apart from what their texts are
    pa.DictionaryArray.from_arrays(array.indices, raw_of(texts))
    if texts is array.dictionary:
        return array
    ordered = array.type.ordered
    return pa.DictionaryArray.from_arrays(array.indices, texts, ordered=ordered, safe=False)


def _shown(array: pa.Array) -> pa.Array:
    """Empty the views of rows without a value: no check looks at them, but casts do."""
    if array.type.id not in VIEWED or not array.null_count:
        return array
    validity, given, *texts = array.buffers()
    size = VIEW * (array.offset + len(array))
    views = np.frombuffer(given, np.uint8, count=size).reshape(-1, VIEW)
    absent = np.append(np.zeros(array.offset, np.bool_), absent_of(array))
    if not views[absent].any():
        return array
    views = np.where(absent[:, np.newaxis], np.uint8(0), views)
    buffers = [validity, pa.py_buffer(views), *texts]
    return pa.Array.from_buffers(array.type, len(array), buffers, array.null_count, array.offset)
