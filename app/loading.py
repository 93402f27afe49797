"""What is said while Leeway loads: the first start on a machine compiles its kernels."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

PATIENCE = 3.0
"""Seconds after which it is worth a line where no spinner turns: a warm start takes less."""
SPINNER = "Loading Leeway; the first start on a machine compiles its kernels, too"
LINE = (
    "Loading Leeway. The first start on a machine compiles its kernels, about a minute; "
    "later ones find them."
)


@contextmanager
def loading(err: Console, patience: float = PATIENCE) -> Iterator[None]:
    """Say what takes long: by a spinner on a terminal, else by one plain line."""
    if err.is_terminal:
        with err.status(SPINNER):
            yield
        return
    timer = threading.Timer(patience, err.print, [LINE], {"soft_wrap": True})
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
