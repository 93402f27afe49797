"""The stored form of counts: exact both ways, and never a wrong sum from damaged bytes."""

import numpy as np
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from app.store.counts import encoding
from app.store.counts.encoding import DamagedCounts, pack, pack_cells, unpack, unpack_add

COUNTS = st.one_of(
    st.just(0), st.just(0), st.just(1), st.integers(0, 300), st.integers(0, 2**63 - 1)
)
VECTORS = st.lists(COUNTS, max_size=300).map(lambda cells: np.array(cells, dtype=np.int64))


@given(VECTORS)
def test_what_is_packed_comes_back(vector: np.ndarray) -> None:
    assert (unpack(pack(vector), vector.size) == vector).all()


@given(st.lists(st.lists(st.integers(0, 2**40), min_size=9, max_size=9), max_size=8))
def test_unpacking_adds(rows: list[list[int]]) -> None:
    vectors = [np.array(row, dtype=np.int64) for row in rows]
    total = np.zeros(9, dtype=np.int64)
    sums = [unpack_add(pack(vector), total) for vector in vectors]
    assert (total == sum(vectors, np.zeros(9, dtype=np.int64))).all()
    assert sums == [int(vector.sum()) for vector in vectors]


@pytest.mark.parametrize(
    ("cells", "form"),
    [
        (np.zeros(10), 1),
        (np.zeros(0), 1),
        (np.eye(1, 100_000, 99_999)[0] * 2**62, 1),
        (np.arange(100_000) % 5 == 0, 2),
        (np.ones(10), 17),
        (np.full(10, 255), 17),
        (np.full(10, 256), 18),
        (np.full(10, 65_536), 20),
        (np.full(10, 2**32), 24),
    ],
)
def test_the_smallest_form_is_chosen(cells: np.ndarray, form: int) -> None:
    vector = cells.astype(np.int64)
    data = pack(vector)
    assert data[0] == form
    assert (unpack(data, vector.size) == vector).all()


def test_gaps_are_what_the_format_says() -> None:
    vector = np.zeros(200, dtype=np.int64)
    vector[[0, 3, 199]] = [1, 300, 1]
    # 2*0+0; 2*2+1 then 300 = 0b10_0101100; 2*195+0 = 390 = 0b11_0000110
    assert pack(vector) == bytes([1, 0, 5, 0xAC, 0x02, 0x86, 0x03])


def test_cells_must_ascend_lie_inside_and_count() -> None:
    def packed(cells: list[int], counts: list[int]) -> bytes:
        return pack_cells(np.array(cells, dtype=np.int64), np.array(counts, dtype=np.int64), 10)

    for cells, counts in [([3, 3], [1, 1]), ([4, 3], [1, 1]), ([10], [1]), ([-1], [1]), ([1], [0])]:
        with pytest.raises(ValueError, match=r"cells|counts"):
            packed(cells, counts)
    with pytest.raises(ValueError, match="never negative"):
        pack(np.array([-1, 0, 0, 0], dtype=np.int64))


def test_read_only_and_strided_vectors_are_packed() -> None:
    vector = np.arange(40, dtype=np.int64)
    vector.flags.writeable = False
    assert (unpack(pack(vector), 40) == vector).all()
    assert (unpack(pack(vector[::2]), 20) == vector[::2]).all()


@given(data=st.binary(max_size=60), size=st.integers(0, 50))
def test_foreign_bytes_add_all_or_nothing(data: bytes, size: int) -> None:
    into = np.full(size, 7, dtype=np.int64)
    try:
        added = unpack_add(data, into)
    except DamagedCounts:
        assert (into == 7).all()
    else:
        assert int((into - 7).sum()) == added
        assert (into >= 7).all()


@given(st.data())
def test_damage_adds_all_or_nothing(data: st.DataObject) -> None:
    density = data.draw(st.sampled_from([3, 5, 50]))
    vector = np.where(np.arange(3_000) % density == 0, np.arange(3_000) % 400, 0).astype(np.int64)
    good = bytearray(pack(vector))
    at = data.draw(st.integers(0, len(good) - 1))
    good[at] ^= data.draw(st.integers(1, 255))
    cut = data.draw(st.integers(1, len(good)))
    into = np.zeros(3_000, dtype=np.int64)
    try:
        added = unpack_add(bytes(good[:cut]), into)
    except DamagedCounts:
        assert not into.any()
    else:
        assert int(into.sum()) == added


@pytest.mark.parametrize("form", [2, 17, 18, 20, 24])
def test_a_bomb_is_refused_before_it_takes_memory(form: int) -> None:
    bomb = zstandard.ZstdCompressor(level=1).compress(bytes(50_000_000))
    with pytest.raises(DamagedCounts):
        unpack_add(bytes([form]) + bomb, np.zeros(100, dtype=np.int64))


@pytest.mark.parametrize("data", [b"", b"\x00", b"\x03abc", b"\x02", b"\x11", b"\x01\x01\x00"])
def test_nonsense_is_refused(data: bytes) -> None:
    with pytest.raises(DamagedCounts):
        unpack_add(data, np.zeros(10, dtype=np.int64))


def test_warming_up_covers_what_the_service_calls() -> None:
    encoding.warm_up()
    signatures = len(encoding._read_gaps.signatures), len(encoding._write_gaps.signatures)
    test_read_only_and_strided_vectors_are_packed()
    vector = np.zeros(1000, dtype=np.int64)
    vector[5] = 9
    unpack_add(memoryview(pack(vector)).tobytes(), vector)
    assert signatures == (
        len(encoding._read_gaps.signatures),
        len(encoding._write_gaps.signatures),
    )
