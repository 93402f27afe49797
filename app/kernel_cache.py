"""Where numba finds compiled kernels in an image whose file system is read-only.

Chosen by the environment (``NUMBA_CACHE_LOCATOR_CLASSES=app.kernel_cache.ShippedKernels``); without
it numba's own places are used. Imports nothing of the project: the kernels' modules come to it.
"""

from pathlib import Path

from numba.core.caching import InTreeCacheLocator


class ShippedKernels(InTreeCacheLocator):
    """The ``__pycache__`` beside the source, whether or not it can be written.

    numba's own locators pass over a folder that they cannot write, even to read from it. A kernel
    that is missing from a read-only cache fails when its module is imported, not in a request.
    """

    def ensure_cache_path(self) -> None:
        """Make the folder if it is missing, and ask no more of it."""
        Path(self.get_cache_path()).mkdir(exist_ok=True)  # type: ignore[no-untyped-call]
