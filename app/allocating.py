"""What was freed stays with the process for a while: to get it anew costs as much as to fill it.

glibc gives the end of its heap back as soon as it is larger than twice the largest block seen; a
body of two megabytes then takes nearly a thousand page faults, each time.
"""

import ctypes
import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

TRIM_THRESHOLD: Final = -1
MMAP_THRESHOLD: Final = -3
KEPT: Final = 64_000_000
"""Bytes at the end of a heap that may be free and are kept; each thread at work has a heap."""
APART: Final = 8_000_000
"""From so many bytes on a block is mapped by itself, and given back at once."""


def keep_freed(variables: Mapping[str, str] = os.environ) -> bool:
    """Tell the C library so; whether it was told.

    What an operator says of it with glibc's own variables holds, and other libraries are left as
    they are.
    """
    if any(name.startswith("MALLOC_") for name in variables) or "GLIBC_TUNABLES" in variables:
        return False
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        told = [library.mallopt(TRIM_THRESHOLD, KEPT), library.mallopt(MMAP_THRESHOLD, APART)]
        return all(told)
    return False
