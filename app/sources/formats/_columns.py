"""Arrow columns in the few types that the rest of the project reads."""

import pyarrow as pa


def plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a flat column as text, numbers, booleans or times, whatever encodes them."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return plain(column.cast(kind.value_type))
    if pa.types.is_string_view(kind):
        return column.cast(pa.large_string())
    if pa.types.is_decimal(kind):
        return column.cast(pa.float64())
    if pa.types.is_float16(kind):
        return column.cast(pa.float32())
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        # the instants are in UTC already; the zone beside them may be an offset, or made up
        return column.cast(pa.timestamp(kind.unit, "UTC"))
    return column
