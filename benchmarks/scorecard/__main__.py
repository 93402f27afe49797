"""Run the scorecard, write its table and its picture into docs/, and say which goals are met."""

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.scorecard.goals import goals
from benchmarks.scorecard.kept import Kept
from benchmarks.scorecard.picture import svg
from benchmarks.scorecard.results import Scorecard
from benchmarks.scorecard.run import SECTIONS, jobs, run
from benchmarks.scorecard.size import FULL, QUICK, REDUCED, Size
from benchmarks.scorecard.table import markdown, placed

DOCS = Path(__file__).parents[2] / "docs"
KEPT = Path(__file__).parents[2] / ".scorecard"
SIZES = {"full": FULL, "reduced": REDUCED, "quick": QUICK}


def main(arguments: Sequence[str] | None = None) -> None:
    asked = _asked(arguments)
    console = Console(stderr=True)
    size = SIZES["quick" if asked.quick else asked.size]
    card = _run(size, asked, console)
    table = markdown(card)
    if asked.print or asked.quick or asked.only:
        print(table)
    else:
        _write(card, f"`make scorecard`, size {asked.size}, seed {asked.seed}.\n\n{table}")
    for goal in goals(card):
        mark = "[green]met[/]" if goal.met else "[red]missed[/]"
        console.print(f"{mark} {goal.name}: {goal.cases - len(goal.missed)} of {goal.cases}")
    console.print(f"{card.seconds / 60:.1f} minutes")


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    asks = argparse.ArgumentParser(prog="scorecard", description=__doc__)
    asks.add_argument("--size", choices=SIZES, default="full")
    asks.add_argument("--quick", action="store_true", help="a minute's look, to the terminal")
    asks.add_argument("--print", action="store_true", help="to the terminal, not into docs/")
    asks.add_argument("--only", action="append", default=[], choices=SECTIONS, help="print it")
    asks.add_argument("--seed", type=int, default=2013)
    asks.add_argument("--processes", type=int, default=2)
    return asks.parse_args(arguments)


def _run(size: Size, asked: argparse.Namespace, console: Console) -> Scorecard:
    columns = (TextColumn("scorecard"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    wanted = [job for job in jobs(size) if not asked.only or job.section in asked.only]
    with ProcessPoolExecutor(asked.processes) as pool, Progress(*columns, console=console) as bar:
        task = bar.add_task("jobs", total=len(wanted))
        name = f"{'quick' if asked.quick else asked.size}-{asked.seed}"
        kept = None if asked.quick else Kept(KEPT, name)
        return run(size, asked.seed, pool, asked.only, lambda: bar.advance(task), kept)


def _write(card: Scorecard, table: str) -> None:
    page = DOCS / "scorecard.md"
    page.write_text(placed(page.read_text("utf-8"), table), "utf-8")
    picture = svg(card)
    if picture:
        (DOCS / "scorecard.svg").write_text(picture, "utf-8")


if __name__ == "__main__":
    main()
