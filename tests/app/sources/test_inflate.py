"""Compressed bodies: opened within limits, refused with a reason otherwise."""

import gzip
import hashlib
import tracemalloc
import zlib

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import Invalid, TooLarge, Unsupported
from app.sources.formats import Limits, inflate

LIMITS = Limits(decoded=5_000_000)


@given(st.lists(st.binary(max_size=2_000), min_size=1, max_size=4))
def test_members_come_out_in_order(parts: list[bytes]) -> None:
    body = b"".join(gzip.compress(part) for part in parts)
    assert inflate(body, "gzip", LIMITS) == b"".join(parts)


@pytest.mark.parametrize("name", ["gzip", "GZIP", " gzip ", "x-gzip"])
def test_names_of_gzip(name: str) -> None:
    assert inflate(gzip.compress(b"rows", mtime=0), name, LIMITS) == b"rows"


@pytest.mark.parametrize("name", [None, "", "identity", "Identity"])
def test_plain_bodies_pass(name: str | None) -> None:
    assert inflate(b"rows", name, LIMITS) == b"rows"


@pytest.mark.parametrize("name", ["br", "deflate", "gzip, gzip", "gzip,identity", "compress", "*"])
def test_other_encodings_are_refused(name: str) -> None:
    with pytest.raises(Unsupported):
        inflate(gzip.compress(b"rows", mtime=0), name, LIMITS)


def test_large_bodies_of_any_shape_come_out_whole() -> None:
    noise = b"".join(hashlib.sha256(bytes([i % 256, i // 256])).digest() for i in range(40_000))
    block = b"".join(gzip.compress(noise[at : at + 65_536]) for at in range(0, len(noise), 65_536))
    assert inflate(block, "gzip", LIMITS) == noise


@pytest.mark.parametrize("cut", range(1, 40))
def test_a_torn_body_is_refused(cut: int) -> None:
    body = gzip.compress(b"some rows that are long enough to be cut")
    with pytest.raises(Invalid):
        inflate(body[:-cut], "gzip", LIMITS)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        zlib.compress(b"rows"),
        gzip.compress(b"rows", mtime=0) + b"garbage",
        gzip.compress(b"rows", mtime=0) + b"\0" * 8,
        gzip.compress(b"rows", mtime=0)[:-8] + b"\0" * 8,
        b"\x1f\x8b",
    ],
    ids=["empty", "plain", "zlib", "trailing", "zeros", "checksum", "magic only"],
)
def test_a_damaged_body_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        inflate(body, "gzip", LIMITS)
    assert caught.value.faults


def bomb(size: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    chunk = bytes(1_000_000)
    return b"".join(packer.compress(chunk) for _ in range(size // len(chunk))) + packer.flush()


@pytest.mark.parametrize(
    "body",
    [bomb(300_000_000), gzip.compress(bytes(100)) * 10_001, b"".join([bomb(10_000_000)] * 5)],
    ids=["one", "many members", "several"],
)
def test_a_bomb_is_refused_before_it_takes_memory(body: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            inflate(body, "gzip", Limits())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 24_000_000


def test_small_bodies_may_have_any_ratio() -> None:
    zeros = bytes(3_900_000)
    assert inflate(gzip.compress(zeros), "gzip", LIMITS) == zeros


@pytest.mark.parametrize("encoding", [None, "gzip"])
def test_the_limit_holds_to_the_byte(encoding: str | None) -> None:
    def packed(size: int) -> bytes:
        return bytes(size) if encoding is None else gzip.compress(bytes(size))

    limits = Limits(decoded=1_000)
    assert len(inflate(packed(1_000), encoding, limits)) == 1_000
    with pytest.raises(TooLarge):
        inflate(packed(1_001), encoding, limits)


def test_gzip_in_gzip_is_opened_once() -> None:
    inner = gzip.compress(b"rows", mtime=0)
    assert inflate(gzip.compress(inner), "gzip", LIMITS) == inner


def zstd(body: bytes, level: int = 3, **options: object) -> bytes:
    return zstandard.ZstdCompressor(level, **options).compress(body)  # type: ignore[arg-type]


@given(st.lists(st.binary(max_size=2_000), min_size=1, max_size=4), st.booleans())
def test_frames_of_zstd_come_out_in_order(parts: list[bytes], sized: bool) -> None:
    body = b"".join(zstd(part, write_content_size=sized) for part in parts)
    assert inflate(body, "zstd", LIMITS) == b"".join(parts)


@pytest.mark.parametrize("level", [-5, 1, 19])
def test_large_bodies_of_zstd_come_out_whole(level: int) -> None:
    noise = b"".join(hashlib.sha256(bytes([i % 256, i // 256])).digest() for i in range(40_000))
    assert inflate(zstd(noise, level), "zstd", LIMITS) == noise
    assert inflate(zstd(noise[:100_000] * 30, level), "zstd", LIMITS) == noise[:100_000] * 30


@pytest.mark.parametrize("cut", range(1, 40))
@pytest.mark.parametrize("checksum", [False, True])
def test_a_torn_body_of_zstd_is_refused(cut: int, checksum: bool) -> None:
    body = zstd(b"some rows that are long enough to be cut", write_checksum=checksum)
    with pytest.raises(Invalid):
        inflate(body[:-cut], "zstd", LIMITS)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        gzip.compress(b"rows", mtime=0),
        zstd(b"rows") + b"garbage",
        zstd(b"rows") + bytes(8),
        zstd(b"rows", write_checksum=True)[:-4] + bytes(4),
        b"\x28\xb5\x2f\xfd",
    ],
)
def test_a_damaged_body_of_zstd_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        inflate(body, "zstd", LIMITS)
    assert caught.value.faults


def test_a_window_that_asks_for_much_memory_is_refused() -> None:
    wide = zstandard.ZstdCompressionParameters(window_log=27, write_content_size=False)
    packer = zstandard.ZstdCompressor(compression_params=wide).compressobj()
    body = packer.compress(b"rows") + packer.flush()
    with pytest.raises(Invalid):
        inflate(body, "zstd", LIMITS)


def repeats(blocks: int) -> bytes:
    """A frame of zstd in which four bytes stand for 128 kB, again and again."""
    block = ((131_072 << 3) | (1 << 1)).to_bytes(3, "little") + b"x"
    last = ((131_072 << 3) | (1 << 1) | 1).to_bytes(3, "little") + b"x"
    return b"\x28\xb5\x2f\xfd" + b"\x00\x58" + block * (blocks - 1) + last


def test_the_worst_block_of_zstd_is_what_we_think() -> None:
    assert inflate(repeats(30), "zstd", LIMITS) == b"x" * (30 * 131_072)


@pytest.mark.parametrize(
    "body",
    [zstd(bytes(300_000_000)), repeats(1_000_000), zstd(b"x" * 100) * 10_001, zstd(b"") * 10_001],
    ids=["one", "repeats", "frames", "empty frames"],
)
def test_a_bomb_of_zstd_is_refused_before_it_takes_memory(body: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            inflate(body, "zstd", Limits())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 60_000_000
