"""The keyed hash is SipHash-2-4, as its authors' vectors have it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.rows.siphash import hash_texts

KEY = bytes(range(16))
# of the message 00 01 02 ... of so many bytes, from the authors' table
VECTORS = {
    16: 0x3F2ACC7F57C29BDB,
    17: 0x699AE9F52CBE4794,
    18: 0x4BC1B3F0968DD39C,
    24: 0xB8AD50C6F649AF94,
    63: 0x958A324CEB064572,
}


def hashed(key: bytes, message: bytes) -> int:
    """Hash a message whose first sixteen bytes are the prefix and the number."""
    prefix, number = (int.from_bytes(message[at : at + 8], "little") for at in (0, 8))
    text = np.frombuffer(message[16:], np.uint8)
    numbers = np.array([number], np.uint64).view(np.int64)
    ends = np.array([0, text.size])
    return int(hash_texts(key, prefix, numbers, text, ends)[0])


@pytest.mark.parametrize("size", VECTORS)
def test_the_authors_vectors(size: int) -> None:
    assert hashed(KEY, bytes(range(size))) == VECTORS[size]


@given(
    st.lists(st.binary(max_size=40), min_size=1, max_size=20), st.binary(min_size=16, max_size=16)
)
def test_many_at_once_are_as_each_alone(texts: list[bytes], key: bytes) -> None:
    ends = np.concatenate([[0], np.cumsum([len(one) for one in texts])])
    numbers = np.arange(len(texts))
    together = hash_texts(key, 5, numbers, np.frombuffer(b"".join(texts), np.uint8), ends)
    head = (5).to_bytes(8, "little")
    alone = [hashed(key, head + i.to_bytes(8, "little") + one) for i, one in enumerate(texts)]
    assert together.tolist() == alone


def test_another_key_makes_other_hashes() -> None:
    assert hashed(KEY, bytes(20)) != hashed(bytes(16), bytes(20))
