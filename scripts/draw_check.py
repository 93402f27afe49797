"""Draws docs/check.svg: what ``leeway check`` prints for the files in examples/."""

import re
from io import StringIO
from pathlib import Path

from rich.console import Console

from app.check.asking import Ask
from app.check.reading import compare_files
from app.report.terminal import report

WIDTH = 84
EXAMPLES = Path("examples")


def main() -> None:
    ask = Ask(EXAMPLES / "reference.csv", EXAMPLES / "batch.csv")
    comparison = compare_files(ask, lambda _path, _done: None)
    console = Console(record=True, width=WIDTH, file=StringIO(), force_terminal=True)
    console.print(report(comparison, WIDTH))
    title = f"leeway check {ask.reference} {ask.current}"
    drawing = console.export_svg(title=title, unique_id="check")
    loaded = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
    Path("docs/check.svg").write_text(loaded.sub("", drawing))


if __name__ == "__main__":
    main()
