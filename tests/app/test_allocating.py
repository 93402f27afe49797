"""Memory that was freed is kept, unless an operator says otherwise."""

import subprocess
import sys

import pytest

from app.allocating import keep_freed

FAULTS = """
import os, resource
os.environ = {k: v for k, v in os.environ.items() if not k.startswith(("MALLOC_", "GLIBC_"))}
from app.allocating import keep_freed
if KEEP:
    assert keep_freed({})
for turn in range(21):
    if turn == 1:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    blocks = [b"x" * 200_000 for _ in range(10)]
    joined = b"".join(blocks)
    del blocks, joined
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.parametrize("name", ["MALLOC_TRIM_THRESHOLD_", "MALLOC_ARENA_MAX", "GLIBC_TUNABLES"])
def test_what_an_operator_says_holds(name: str) -> None:
    assert not keep_freed({name: "1"})


def test_blocks_of_a_body_are_taken_from_what_was_freed() -> None:
    faults = {
        keep: int(
            subprocess.run(
                [sys.executable, "-c", FAULTS.replace("KEEP", str(keep))],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        )
        for keep in (False, True)
    }
    assert faults[True] * 10 < faults[False]
