"""The answer: a report to the terminal, files where they were asked for, an exit status."""

import json
import sys
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.text import Text

from app.check.asking import Ask, Refused
from app.check.reading import compare_files
from app.domain.telling.comparison import Comparison, FailOn, exit_status
from app.report.document import document
from app.report.names import shown
from app.report.page import page
from app.report.terminal import report

UNUSABLE = 2
STANDARD_OUTPUT = Path("-")
LONGEST_SAID = 2_000
SPELLED = str.maketrans({"→": ">", "…": "~", "“": '"', "”": '"', "─": "-"})
"""Each by one character, so that columns stay where they are."""


def answer(ask: Ask, out: Console, err: Console) -> int:
    """Compare two files and report; return the exit status.

    Parameters
    ----------
    ask
        The options.
    out
        Where the report goes, or the document for ``--json -``; nothing else does.
    err
        For progress, refusals and what was written where.
    """
    try:
        comparison = _compared(ask, err)
        status = exit_status(comparison, FailOn(ask.fail_on))
        if not ask.quiet and ask.json != STANDARD_OUTPUT:
            _show(comparison, out)
        _write(ask, comparison, status, err)
    except Refused as error:
        for line in str(error).splitlines():
            err.print(Text(shown(line, LONGEST_SAID), style="red"), soft_wrap=True)
        return UNUSABLE
    return status


def _show(comparison: Comparison, out: Console) -> None:
    """Print the report; where the terminal's characters are few, with those that it has."""
    if out.encoding.startswith("utf"):
        out.print(report(comparison, out.width))
        return
    with out.capture() as captured:
        out.print(report(comparison, out.width, plain=True))
    text = captured.get().translate(SPELLED)
    out.file.write(text.encode(out.encoding, "replace").decode(out.encoding))


def _compared(ask: Ask, err: Console) -> Comparison:
    columns = (TextColumn("{task.description}", markup=False), BarColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bars:
        tasks: dict[Path, TaskID] = {}

        def show(path: Path, done: float) -> None:
            if path not in tasks:
                tasks[path] = bars.add_task(f"reading {shown(path.name, 40)}", total=1.0)
            bars.update(tasks[path], completed=done)

        return compare_files(ask, show)


def _write(ask: Ask, comparison: Comparison, status: int, err: Console) -> None:
    if ask.json is not None:
        found = document(comparison, status, version("leeway"))
        text = json.dumps(found, allow_nan=False, ensure_ascii=False, indent=2) + "\n"
        _put(ask.json, text, err)
    if ask.html is not None:
        _put(ask.html, page(comparison, version("leeway")), err)


def _put(path: Path, text: str, err: Console) -> None:
    if path == STANDARD_OUTPUT:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.flush()
        return
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Refused(f"{path}: {error.strerror or 'it cannot be written'}") from error
    err.print(Text(f"written: {shown(str(path), LONGEST_SAID)}", style="dim"), soft_wrap=True)
