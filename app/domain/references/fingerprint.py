"""What makes two references the same: typed values in row order, schema and grid set."""

import hashlib
from collections.abc import Mapping

import numpy as np

from app.domain.model import Schema
from app.domain.rows.values import Levels, Values


def digest_of_rows(schema: Schema, values: Mapping[str, Values]) -> bytes:
    """Return a digest of all counted values; the format that they came in has no part in it."""
    digest = hashlib.sha256()
    for feature in schema.counted():
        parts = (feature.name, feature.kind, feature.role, feature.precision)
        _add(digest, *(part.encode() for part in parts))
        found = values[feature.name]
        if isinstance(found, Levels):
            texts = (text.encode() for text in found.dictionary)
            _add(digest, found.codes.astype("<i4").tobytes(), *texts)
        else:
            _add(digest, _bytes_of(found.values))
        _add(digest, np.packbits(found.invalid).tobytes())
    return digest.digest()


def fingerprint_of(content: bytes, grids: str) -> str:
    """Return the fingerprint of a reference's content on a grid set with the digest ``grids``."""
    return hashlib.sha256(content + grids.encode()).hexdigest()


def _bytes_of(numbers: np.ndarray[tuple[int, ...], np.dtype[np.floating]]) -> bytes:
    # one NaN, one zero: formats differ in how they spell either
    plain = np.where(np.isnan(numbers), np.nan, numbers + 0.0)
    return plain.astype(f"<f{numbers.dtype.itemsize}").tobytes()


def _add(digest: "hashlib._Hash", *parts: bytes) -> None:
    # lengths keep neighbours apart
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
