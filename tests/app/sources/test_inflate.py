"""Compressed bodies: opened within limits, refused with a reason otherwise."""

import gzip
import hashlib
import tracemalloc
import zlib

import pytest
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
    assert inflate(gzip.compress(b"rows"), name, LIMITS) == b"rows"


@pytest.mark.parametrize("name", [None, "", "identity", "Identity"])
def test_plain_bodies_pass(name: str | None) -> None:
    assert inflate(b"rows", name, LIMITS) == b"rows"


@pytest.mark.parametrize("name", ["br", "deflate", "gzip, gzip", "gzip,identity", "compress", "*"])
def test_other_encodings_are_refused(name: str) -> None:
    with pytest.raises(Unsupported):
        inflate(gzip.compress(b"rows"), name, LIMITS)


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
        gzip.compress(b"rows") + b"garbage",
        gzip.compress(b"rows") + b"\0" * 8,
        gzip.compress(b"rows")[:-8] + b"\0" * 8,
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
    inner = gzip.compress(b"rows")
    assert inflate(gzip.compress(inner), "gzip", LIMITS) == inner
