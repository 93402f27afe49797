"""The guide's own examples run in order and print what it says."""

import io
import re
from contextlib import redirect_stdout
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"```python\n(.*?)```\n(?:\n```text\n(.*?)```)?", re.DOTALL)


def test_every_example_runs_and_prints_what_the_guide_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    examples = BLOCK.findall((ROOT / "docs" / "guide.md").read_text())
    assert len(examples) > 8
    names: dict[str, object] = {}
    for code, wanted in examples:
        said = io.StringIO()
        with redirect_stdout(said):
            exec(compile(code, "docs/guide.md", "exec"), names)  # noqa: S102
        assert said.getvalue() == wanted, code


def test_two_tables_take_five_lines() -> None:
    first = BLOCK.findall((ROOT / "docs" / "guide.md").read_text())[0][0]
    assert len([line for line in first.splitlines() if line.strip()]) <= 6
