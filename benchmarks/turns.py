"""Contestants in processes of their own that take turns, so that a slow moment falls on all."""

import json
import subprocess
import sys
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Self

import numpy as np

from benchmarks.findings import Line

ROOT = Path(__file__).parents[1]


class Turns:
    """A contestant's process and what it answered so far."""

    def __init__(self, name: str, folder: Path, form: str) -> None:
        self.name = name
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.child", name, str(folder), form],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.answers: dict[str, list[Any]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # one that has ended already has closed its end
        with suppress(BrokenPipeError):
            self.process.communicate()

    def ask(self, word: str) -> Any:  # noqa: ANN401 - whatever the child answers
        try:
            print(word, file=self.process.stdin, flush=True)
        except BrokenPipeError as error:
            raise EOFError(f"{self.name} has ended") from error
        text = self.process.stdout.readline() if self.process.stdout else ""
        if not text:
            raise EOFError(f"{self.name} has ended")
        answer = json.loads(text)
        self.answers.setdefault(word, []).append(answer)
        return answer

    def line(self, word: str) -> Line:
        """Sum up the answers; memory is the most of a turn beyond what was held before it."""
        answers = self.answers[word]
        times = [time for answer in answers for time in answer["times"]]
        return Line(
            self.name,
            min(times),
            float(np.median(times)),
            peak_mb=max(answer["peak"] for answer in answers),
            extra_mb=max(answer["peak"] - answer["held"] for answer in answers),
        )


def all_of(names: Iterable[str], folder: Path, form: str, stack: ExitStack) -> list[Turns]:
    return [stack.enter_context(Turns(name, folder, form)) for name in names]
