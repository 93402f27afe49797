"""Whether an Arrow column's buffers lead nowhere that they must not; its text may be any bytes."""

import pyarrow as pa

RAW = {
    pa.string().id: pa.binary(),
    pa.large_string().id: pa.large_binary(),
    pa.string_view().id: pa.binary_view(),
}
TEXTS = frozenset((pa.string().id, pa.large_string().id))


def hold_sound(column: pa.ChunkedArray) -> None:
    """Refuse offsets, codes and the like that point outside of what they point into.

    Raises
    ------
    pyarrow.ArrowInvalid
        The column must not be read.
    """
    for chunk in column.chunks:
        _hold(chunk)


def is_text(kind: pa.DataType) -> bool:
    """Whether texts lie end to end; views of texts are another layout."""
    return kind.id in TEXTS


def raw_of(texts: pa.Array) -> pa.Array:
    """Return texts as bytes, which need not be UTF-8."""
    kind = RAW.get(texts.type.id)
    if kind is None:
        return texts
    return pa.Array.from_buffers(kind, len(texts), texts.buffers(), texts.null_count, texts.offset)


def _hold(array: pa.Array) -> None:
    if not pa.types.is_dictionary(array.type):
        raw_of(array).validate(full=True)
        return
    _hold(array.indices)
    _hold(array.dictionary)
    # made anew, since only then are codes looked at apart from what their texts are
    pa.DictionaryArray.from_arrays(array.indices, raw_of(array.dictionary))
