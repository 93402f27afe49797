"""Starts the service again and again without importing it again and again.

Imports take seconds, and a crash test needs many starts. This process imports once, then forks
one real server process for every line on standard input, and answers with its process id. Each
opens its own database connections, caches and sockets, and dies alone; on Linux none of them
outlives this process. A line is a JSON object: ``env``, in place of this process's environment,
and ``log``, a file for what the server says; what is not given is as it is here.
"""

import ctypes
import json
import os
import signal
import sys
from typing import Any

import app.main
from app.logs import configure
from app.settings import Settings

SET_PARENT_DEATH_SIGNAL = 1


def die_with_parent() -> None:
    """Ask the kernel to kill this process when the one that forked it is gone."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def become(given: dict[str, Any]) -> None:
    """Take on an environment, and write to a log."""
    if "env" in given:
        os.environ.clear()
        os.environ.update(given["env"])
    if "log" in given:
        log = os.open(given["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        for stream in (1, 2):
            os.dup2(log, stream)
        os.close(log)


def serve_children() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries them
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            die_with_parent()
            become(json.loads(line))
            settings = Settings()
            configure(settings.log_format, settings.log_level)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os._exit(app.main.serve(settings))
        print(child, flush=True)  # noqa: T201  the answer


if __name__ == "__main__":
    serve_children()
