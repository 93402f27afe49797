"""Which types of Arrow are read is what its own predicates say."""

import pyarrow as pa
import pytest

from app.sources.formats._arrow import is_read

FLAT = [
    *(pa.null(), pa.bool_(), pa.float16(), pa.uint64(), pa.decimal32(5), pa.decimal256(40)),
    *(pa.date32(), pa.date64(), pa.time32("ms"), pa.time64("ns"), pa.timestamp("s", "UTC")),
    *(pa.duration("ms"), pa.string(), pa.string_view(), pa.binary(), pa.binary(3)),
    *(pa.binary_view(), pa.large_binary(), pa.large_string()),
]
OTHER = [
    *(pa.month_day_nano_interval(), pa.list_(pa.int8()), pa.struct([("a", pa.int8())])),
    *(pa.map_(pa.string(), pa.int8()), pa.uuid()),
    pa.run_end_encoded(pa.int32(), pa.list_(pa.int8())),
    *(pa.list_(pa.int8(), 2), pa.dense_union([pa.field("a", pa.int8())])),
]


@pytest.mark.parametrize("kind", FLAT, ids=str)
def test_flat_types_are_read_also_from_dictionaries(kind: pa.DataType) -> None:
    assert is_read(kind)
    assert is_read(pa.dictionary(pa.int8(), kind))
    assert is_read(pa.run_end_encoded(pa.int32(), kind))


@pytest.mark.parametrize("kind", OTHER, ids=str)
def test_nested_types_and_dictionaries_of_dictionaries_are_not(kind: pa.DataType) -> None:
    assert not is_read(kind)
    assert not is_read(pa.dictionary(pa.int8(), kind))
    assert not is_read(pa.dictionary(pa.int8(), pa.dictionary(pa.int8(), pa.string())))
