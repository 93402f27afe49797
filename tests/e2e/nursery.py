"""Starts the service again and again without importing it again and again.

Imports take seconds, and a crash test needs many starts. This process imports once, then forks
one real server process for every line on standard input, and answers with its process id. Each
opens its own database connections, caches and sockets, and dies alone; on Linux none of them
outlives this process.
"""

import ctypes
import os
import signal
import sys

import app.main
from app.logs import configure
from app.settings import Settings

SET_PARENT_DEATH_SIGNAL = 1


def die_with_parent() -> None:
    """Ask the kernel to kill this process when the one that forked it is gone."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def serve_children() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries them
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            die_with_parent()
            settings = Settings()
            configure(settings.log_format, settings.log_level)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os._exit(app.main.serve(settings))
        print(child, flush=True)  # noqa: T201  the answer


if __name__ == "__main__":
    serve_children()
