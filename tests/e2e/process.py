"""A server as a user starts it, and who posts to it until told to stop."""

import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import httpx

from tests.e2e.crash import MODEL, ORIGIN
from tests.e2e.server import COMMAND, environment, free_port

PATIENCE = 60.0


@dataclass
class Poster:
    """Posts one-row batches until told to stop; remembers every answer and how long it took."""

    url: str
    name: str
    answers: list[tuple[str, int, float]] = field(default_factory=list)
    broken: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        with httpx.Client(base_url=self.url, timeout=60) as http:
            while not self.stopped.is_set():
                key, begun = f"{self.name}-{len(self.answers)}", time.monotonic()
                try:
                    answer = http.post(
                        f"/v1/models/{MODEL}/batches",
                        json=[{"t": ORIGIN, "x": 1.0}],
                        headers={"Idempotency-Key": key},
                    )
                except httpx.TransportError:
                    self.broken += 1
                    return
                self.answers.append((key, answer.status_code, time.monotonic() - begun))
                time.sleep(0.005)

    @property
    def acknowledged(self) -> set[str]:
        return {key for key, status, _ in self.answers if status == 200}


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


class Process:
    """A server started as a user does, so that its exit status is its own."""

    def __init__(self, folder: Path, **env: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"{self.port}.log"
        with self.log.open("wb") as log:
            self.child = subprocess.Popen(
                COMMAND, env=environment(self.port, folder, env), stdout=log, stderr=log
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.child.kill()
        self.child.wait(10)


def number(key: str) -> int:
    return int(key.rpartition("-")[2])
