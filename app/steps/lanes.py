"""Threads for what would hold up the event loop: small work does not queue behind large."""

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")
SMALL_BODY = 256_000
"""Bytes whose decoding takes a few milliseconds."""
SMALL_TABLE = 50_000
"""Values whose counting does."""


class Lanes(Executor):
    """A pool for large work, which is also the default, and one thread for small work."""

    def __init__(self, threads: int) -> None:
        self._large = ThreadPoolExecutor(threads, thread_name_prefix="leeway")
        self._small = ThreadPoolExecutor(1, thread_name_prefix="leeway-small")

    def submit(self, fn: Callable[..., T], /, *args: Any, **more: Any) -> Future[T]:  # noqa: ANN401  fn's
        return self._large.submit(fn, *args, **more)

    @property
    def small(self) -> Executor:
        return self._small

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._large.shutdown(wait, cancel_futures=cancel_futures)
        self._small.shutdown(wait, cancel_futures=cancel_futures)


def lane_for_body(pool: Executor, size: int) -> Executor:
    """Return where a body of so many bytes is decoded."""
    return _lane(pool, small=size <= SMALL_BODY)


def lane_for_values(pool: Executor, values: int) -> Executor:
    """Return where so many values are counted."""
    return _lane(pool, small=values <= SMALL_TABLE)


def _lane(pool: Executor, *, small: bool) -> Executor:
    return pool.small if small and isinstance(pool, Lanes) else pool
