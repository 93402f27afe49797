"""Arrow's arrays as the core takes them, buffers adopted as they lie."""

import numpy as np
import pyarrow as pa

from drift_core import Bitmap, Texts, TextViews


def _bytes(buffer) -> np.ndarray:
    return np.frombuffer(b"" if buffer is None else buffer, np.uint8)


def validity_of(array: pa.Array) -> Bitmap | None:
    bits = array.buffers()[0]
    return None if bits is None else Bitmap(_bytes(bits), array.offset)


def texts_of(array: pa.Array) -> Texts:
    """Take a string, large string or binary array, sliced or not."""
    large = pa.types.is_large_string(array.type) or pa.types.is_large_binary(array.type)
    offsets = np.frombuffer(array.buffers()[1], np.int64 if large else np.int32)
    offsets = offsets[array.offset : array.offset + len(array) + 1]
    return Texts(offsets, _bytes(array.buffers()[2]), validity_of(array))


def views_of(array: pa.Array) -> TextViews:
    """Take a string view or binary view array, sliced or not."""
    _, views, *buffers = array.buffers()
    table = _bytes(views).reshape(-1, 16)[array.offset : array.offset + len(array)]
    return TextViews(table, tuple(map(_bytes, buffers)), validity_of(array))


LAYOUTS = {
    "string": lambda array: texts_of(array.cast(pa.string())),
    "large string": lambda array: texts_of(array.cast(pa.large_string())),
    "string view": lambda array: views_of(array.cast(pa.string_view())),
}
