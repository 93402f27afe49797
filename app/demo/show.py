"""What the terminal shows when the story is told. Pure: answers in, rich renderables out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import groupby

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from app.demo.answers import Alert, Delivery, Finding, Receipt, Week
from app.demo.story import MODEL
from app.demo.trainer import Retrained

LATER = "30 and 31 December are judged 15 minutes after they came; pages show them then"
"""What changes once the story is told: nothing closes a week that is not over but silence."""
SVG_WIDTH, MOST = 100, 1_000
MARKS = {
    "drift": ("█", "bold red"),
    "warning": ("▒", "yellow"),
    "ok": ("·", "green"),
    "insufficient_data": ("?", "dim"),
    "error": ("!", "bold magenta"),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that the demo has learned from the service."""

    weeks: Sequence[Week]
    rows: Receipt
    batches: int
    alerts: Sequence[Alert]
    deliveries: Sequence[Delivery]
    retrained: Retrained | None = None


def report(outcome: Outcome, base_url: str, *, keyed: bool) -> RenderableType:
    """Return the table of features by weeks, what was sent, and where to look next."""
    return Group(
        "",
        Text(f"{len(outcome.weeks)} weeks, each held against January and February", style="bold"),
        "",
        table(outcome.weeks),
        legend(),
        "",
        *facts(outcome),
        "",
        *next_steps(outcome.weeks, base_url, keyed=keyed),
    )


def table(weeks: Sequence[Week]) -> Table:
    """Return one row a feature, the most drifted first, and one mark a week."""
    drawn = Table(box=SIMPLE_HEAD, padding=0, show_edge=False)
    drawn.add_column("feature", no_wrap=True)
    drawn.add_column(months(weeks), no_wrap=True)
    drawn.add_column("weeks", justify="right", no_wrap=True)
    drawn.add_column("max PSI", justify="right", no_wrap=True)
    drawn.add_column("first", no_wrap=True)
    rows = {name: [week.findings[name] for week in weeks] for name in weeks[0].findings}
    for name, findings in sorted(rows.items(), key=lambda row: (-drifted(row[1]), row[0])):
        first = [week for week, one in zip(weeks, findings, strict=True) if one.state == "drift"]
        drawn.add_row(
            name,
            Text.assemble(*(mark(finding) for finding in findings)),
            str(drifted(findings)) if first else "-",
            worst(findings),
            f"{first[0].start:%d %b}" if first else "",
        )
    return drawn


def drifted(findings: Sequence[Finding]) -> int:
    return sum(finding.state == "drift" for finding in findings)


def worst(findings: Sequence[Finding]) -> str:
    values = [finding.psi for finding in findings if finding.psi is not None]
    return f"{max(values):.2f}" if values else "-"


def mark(finding: Finding) -> tuple[str, str]:
    """Return a week's one character and its style; a warning is a flag on ok."""
    state = "warning" if finding.state == "ok" and finding.warning else finding.state
    return MARKS[state]


def months(weeks: Sequence[Week]) -> str:
    """Return a header in which each month's name begins above its first week."""
    runs = [(f"{week.start:%b}", week) for week in weeks]
    lengths = [(name, len(list(run))) for name, run in groupby(runs, key=lambda run: run[0])]
    return "".join(name[:length].ljust(length) for name, length in lengths)


def legend() -> Text:
    parts: list[tuple[str, str] | str] = []
    for state, (character, style) in MARKS.items():
        parts += [(character, style), f" {state.replace('_', ' ')}   "]
    return Text.assemble("one mark a week:   ", *parts, style="dim")


def facts(outcome: Outcome) -> list[Text]:
    """Return a line on the rows, and one on each alert and each delivery."""
    rows = outcome.rows
    lines = [
        fact(
            "rows",
            f"{rows.received:,} sent in {outcome.batches} batches: {rows.counted:,} counted, "
            f"{rows.duplicate} duplicate, {rows.late} late, {rows.rejected} rejected",
        ),
        fact("later", LATER),
    ]
    for alert in outcome.alerts:
        names = ", ".join(alert.worst[:4])
        said = f"{alert.monitor} {alert.state} since {alert.since:%d %B %Y}; worst: {names}"
        lines.append(fact("alert", said))
    if outcome.retrained is not None:
        run = outcome.retrained
        said = (
            f"asked for by {run.cause}: version {run.challenger} {run.state}; the alert {run.alert}"
        )
        lines.append(fact("retrain", said))
    for delivery in outcome.deliveries:
        tries = "1 try" if delivery.tries == 1 else f"{delivery.tries} tries"
        lines.append(fact("webhook", f"{delivery.event_type} {delivery.state} after {tries}"))
    return lines


def fact(name: str, said: str) -> Text:
    # Long lines are left to the terminal, so that a curl line can be copied whole.
    return Text.assemble((f"{name:<9}", "bold"), said, no_wrap=True, overflow="ignore")


def next_steps(weeks: Sequence[Week], base_url: str, *, keyed: bool) -> list[Text]:
    """Return addresses to open and lines to paste; a key is named, never shown."""
    key = '-H "Authorization: Bearer $LEEWAY_API_KEY" ' if keyed else ""
    windows = f"{base_url}/v1/models/{MODEL}/windows"
    last = f"{weeks[-1].start:%Y-%m-%dT%H:%M:%SZ}"
    # The retraining has made another version the champion, which has no windows yet.
    whose = f"version={weeks[-1].version}"
    return [
        fact("look at", f"{base_url}/models/{MODEL}"),
        fact("", f"{base_url}/docs   {base_url}/metrics"),
        fact("ask", f"curl -s {key}'{windows}?{whose}&limit=2'"),
        fact("", f"curl -s {key}'{windows}/{last}/features/temp?{whose}'"),
        fact("", f"curl -s {key}'{base_url}/v1/alerts?model={MODEL}'"),
    ]


def as_svg(shown: RenderableType) -> str:
    """Draw a renderable as an SVG picture that loads nothing from elsewhere, no line of it cut."""
    # lines to be copied do not wrap, so that the picture is as wide as the longest of them
    unbounded = Console(width=MOST, file=StringIO())
    width = max(SVG_WIDTH, Measurement.get(unbounded, unbounded.options, shown).maximum)
    console = Console(record=True, width=width, file=StringIO(), force_terminal=True)
    console.print(shown, crop=False)
    drawing = console.export_svg(title="leeway demo", unique_id="leeway")
    return re.sub(r"@font-face \{.*?\}\s*", "", drawing, flags=re.DOTALL)
