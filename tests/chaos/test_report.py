"""The table and the document of a run."""

import json
from pathlib import Path

from tests.chaos.report import DATA, DOCUMENT, record
from tests.chaos.result import Result
from tests.chaos.rig import Floors

RESULT = Result(
    day="2026-01-01",
    seed=7,
    version="0.1.0 abc",
    database="PostgreSQL",
    seconds=60.0,
    kills={"replica": 3, "proxy": 1},
    faults={"database restart": 2},
    strikes={"stall": 5},
    starts={"replica": 5},
    acknowledged=1_000,
    rows=9_000,
    sends=1_200,
    retries=150,
    duplicates=40,
    recut=4,
    refused=9,
    by_form={"csv": 1_000},
    latency_ms={"p50": 12.5},
    objects=7,
    quarantined=1,
    windows=20,
    revisions=30,
    events=4,
    deliveries=4,
    heard=5,
    retrainings=2,
    settled_in=2.5,
    looks=1,
    complaints={"loop_failed: why": 1},
    findings=[],
    floors=Floors(kills=5, restarts=2, acknowledged=1_000),
)


def test_a_run_is_written_between_the_marks_and_nothing_else_changes(tmp_path: Path) -> None:
    page = tmp_path / DOCUMENT
    page.parent.mkdir()
    page.write_text("before\n<!-- chaos: last -->\nformer\n<!-- chaos end -->\nafter\n")
    record(tmp_path, RESULT)
    text = page.read_text()
    assert text.startswith("before\n<!-- chaos: last -->\n|")
    assert text.endswith("|\n<!-- chaos end -->\nafter\n")
    assert "former" not in text
    assert "**4**: proxy 1, replica 3" in text
    assert json.loads((tmp_path / DATA).read_text())["acknowledged"] == 1_000


def test_a_run_in_which_too_little_happened_says_so() -> None:
    assert RESULT.shortfalls() == ["4 kills of 5"]
