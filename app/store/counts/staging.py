"""Counts of half an object as bytes, and back: whatever a counted batch holds."""

from typing import Any

import msgspec
import numpy as np
import zstandard

from app.domain.sources.source import Staged

LARGEST = 1_000_000_000


def packed(staged: Staged) -> bytes:
    return zstandard.ZstdCompressor(level=1).compress(_encoder.encode(staged))


def unpacked(data: bytes) -> Staged:
    plain = zstandard.ZstdDecompressor().decompress(data, max_output_size=LARGEST)
    return _decoder.decode(plain)


def _plain(value: object) -> bytes:
    if isinstance(value, np.ndarray) and value.dtype == np.int64:
        return value.tobytes()
    raise TypeError(f"counts cannot be staged with a {type(value).__name__}")


def _array(kind: Any, value: bytes) -> Any:  # noqa: ANN401  msgspec's signature
    if getattr(kind, "__origin__", kind) is np.ndarray:
        return np.frombuffer(value, np.int64).copy()
    raise TypeError(f"counts cannot be staged with a {kind}")


_encoder = msgspec.msgpack.Encoder(enc_hook=_plain)
_decoder = msgspec.msgpack.Decoder(Staged, dec_hook=_array)
