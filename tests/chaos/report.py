"""The last long run, as a table in docs/chaos.md and as docs/chaos.json."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.chaos.result import Result

DOCUMENT = "docs/chaos.md"
DATA = "docs/chaos.json"
BLOCK = re.compile(r"(<!-- chaos: last -->\n).*?(<!-- chaos end -->)", re.DOTALL)


def record(root: Path, result: Result) -> None:
    """Write the run into both files."""
    (root / DATA).write_text(json.dumps(result.document(), indent=2) + "\n")
    page = root / DOCUMENT
    page.write_text(
        BLOCK.sub(lambda found: f"{found[1]}{summary(result)}\n{found[2]}", page.read_text())
    )


def summary(result: Result) -> str:
    """Return the run as a table in Markdown."""
    rows = "\n".join(f"| {name} | {value} |" for name, value in lines(result))
    return f"|  | {result.day}, {result.database} |\n| --- | --- |\n{rows}"


def lines(result: Result) -> Iterator[tuple[str, str]]:
    yield "seed, version", f"{result.seed}, {result.version}"
    yield "minutes under faults", f"{result.seconds / 60:.1f}"
    yield "`kill -9`", counts(result.kills)
    yield "other faults", counts(result.faults)
    yield "chunks and connections that a proxy struck", counts(result.strikes)
    yield "starts of processes", ", ".join(f"{name} {n:,}" for name, n in result.starts.items())
    yield "batches acknowledged", f"{result.acknowledged:,}, of {result.rows:,} rows"
    yield "by format", ", ".join(f"{name} {n:,}" for name, n in result.by_form.items())
    yield "requests sent", f"{result.sends:,}, of which {result.retries:,} retries"
    again = f"{result.duplicates:,} batches, and {result.recut:,} that were cut anew by their rows"
    yield "repeats recognised", again
    yield "requests refused, as they should be", f"{result.refused:,}"
    latency = ", ".join(f"{name} {ms:,.0f} ms" for name, ms in result.latency_ms.items())
    yield "time to the answer", latency
    yield "objects", f"{result.objects:,} counted, {result.quarantined:,} quarantined"
    yield "windows judged", f"{result.windows:,}, in {result.revisions:,} revisions"
    yield "events", f"{result.events:,}: {result.deliveries:,} delivered, {result.heard:,} heard"
    yield "retrainings", f"{result.retrainings:,} asked for, each once"
    yield "looks in between", f"{result.looks:,}"
    yield "all judged and told", f"{result.settled_in:.1f} s after the last fault"
    yield "logged as errors", counts(result.complaints)
    yield "findings", ", ".join(verdict(result))


def counts(found: Mapping[str, int]) -> str:
    total = sum(found.values())
    each = ", ".join(f"{name} {n:,}" for name, n in sorted(found.items()))
    return f"**{total:,}**: {each}" if found else "**0**"


def verdict(result: Result) -> list[str]:
    findings = f"**{len(result.findings)}**" if result.findings else "**none**"
    return [findings, *(f"short of its goal: {line}" for line in result.shortfalls())]
