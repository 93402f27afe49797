"""Arrow columns that are coded as runs: each value with the row at which it ends."""

import numpy as np
import pyarrow as pa

from app.domain.rows.texts import absent_of

END_TO_END = {pa.string_view(): pa.large_string(), pa.binary_view(): pa.large_binary()}


def spread(array: pa.RunEndEncodedArray, values: pa.Array) -> pa.Array:
    """Return a value for each row, as codes of the values, so that a text is there but once.

    Parameters
    ----------
    array
        Of any lengths, from whomever.
    values
        Those of its runs, which are sound.

    Raises
    ------
    pyarrow.ArrowInvalid
        The runs are not in order, or end before the rows do.
    """
    run_ends = array.run_ends
    run_ends.validate(full=True)
    ends = run_ends.to_numpy(zero_copy_only=False).astype(np.int64)
    begin, end = array.offset, array.offset + len(array)
    lacks = ends.size != len(values) or (len(array) and (not ends.size or ends[-1] < end))
    if run_ends.null_count or lacks or (np.diff(ends, prepend=0) <= 0).any():
        raise pa.ArrowInvalid("the runs do not cover the rows")
    lengths = np.diff(np.clip(ends, begin, end), prepend=begin)
    runs = np.repeat(np.arange(ends.size, dtype=np.int32), lengths)
    if pa.types.is_dictionary(values.type) or pa.types.is_null(values.type):
        return values.take(pa.array(runs))
    # Arrow does little with views
    values = values.cast(END_TO_END.get(values.type, values.type))
    # a code that is missing, since dictionaries that hold what is missing cannot be made one
    absent = absent_of(values)
    codes = np.cumsum(~absent, dtype=np.int32) - np.int32(1)
    return pa.DictionaryArray.from_arrays(
        pa.array(codes[runs], mask=absent[runs]), values.drop_null()
    )
