"""One verdict for each revision of a window, judged on all that it counts."""

from collections import Counter
from collections.abc import Iterator

from tests.chaos.encode import SCHEMA
from tests.chaos.oracle.settling import BEFORE_THE_LAST
from tests.chaos.oracle.stored import Stored, Window

COUNTED = sum(column["kind"] != "ignored" for column in SCHEMA)


def check(stored: Stored) -> Iterator[str]:
    places = Counter((window.model, window.start) for window in stored.windows)
    for (model, start), number in places.items():
        if number > 1:
            yield f"{number} windows: {model} at {start}"
    for window in stored.windows:
        for fault in faults(window):
            yield f"{fault}: {window.model} at {window.start}"


def faults(window: Window) -> Iterator[str]:
    numbers = [revision["number"] for revision in window.revisions]
    if numbers != list(range(1, window.revision + 1)):
        yield f"revisions {numbers} of a window that counts {window.revision}"
    if window.closed != bool(numbers):
        yield "closed without a verdict" if window.closed else "judged and still open"
    if not numbers:
        return
    causes = [revision["cause"] for revision in window.revisions]
    if causes != ["closed"] + ["late_rows"] * (len(causes) - 1):
        yield f"revisions without a cause: {causes}"
    if window.verdicts != COUNTED:
        yield f"{window.verdicts} verdicts on {COUNTED} features"
    if window.revisions[-1]["rows"] != window.rows or not window.same_counts:
        judged = window.revisions[-1]["rows"]
        yield f"judged on {judged} rows, {window.rows} are counted"


def fresh(stored: Stored) -> Iterator[str]:
    """Name each model whose last traffic, sent when all faults were over, got no verdict."""
    for model in {window.model for window in stored.windows}:
        mine = sorted((w for w in stored.windows if w.model == model), key=lambda w: w.start)
        until = mine[-1].end - BEFORE_THE_LAST
        last = [window for window in mine if window.end <= until][-1:]
        if not last or not last[0].closed or not last[0].verdicts:
            yield f"no verdict on fresh traffic: {model}"
