"""What is being measured now, on standard error, so that the tables can be kept apart."""

import sys
import time

_BEGAN = time.monotonic()


def say(text: str) -> None:
    print(f"[{time.monotonic() - _BEGAN:5.0f} s] {text}", file=sys.stderr, flush=True)
