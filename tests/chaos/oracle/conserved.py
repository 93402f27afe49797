"""Conservation: received = counted + duplicate + late + rejected, wherever one looks."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from tests.chaos.oracle.stored import COUNTERS, Stored
from tests.chaos.oracle.witness import Witness
from tests.chaos.plan import Kind

RESULTS = COUNTERS[1:]
SAMPLE = re.compile(
    r'^leeway_ingest_rows_total\{(?=[^}]*\bmodel="([^"]+)")(?=[^}]*\bresult="([^"]+)")[^}]*\}'
    r" ([0-9.e+]+)$",
    re.MULTILINE,
)
"""Whatever the order of the labels."""


def check(witness: Witness, stored: Stored, metrics: Mapping[str, str]) -> Iterator[str]:
    """``metrics`` is what each replica exposes, by its name."""
    for model, tally in stored.tallies.items():
        if tally["received"] != sum(tally[result] for result in RESULTS):
            yield f"not conserved: {model} tallies {dict(tally)}"
        yield from _receipts(model, tally, stored)
    yield from _sent(witness, stored)
    for replica, text in metrics.items():
        if (said := exposed(text)) != {m: _results(tally) for m, tally in stored.tallies.items()}:
            yield f"metrics of {replica} say {said}"


def _results(tally: Mapping[str, int]) -> dict[str, int]:
    return {result: tally[result] for result in RESULTS}


def exposed(text: str) -> dict[str, dict[str, int]]:
    """Return the rows by model and result that a replica exposes."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for model, result, value in SAMPLE.findall(text):
        found[model][result] = int(float(value))
    return dict(found)


def _receipts(model: str, tally: Mapping[str, int], stored: Stored) -> Iterator[str]:
    mine = [receipt for (name, _), receipt in stored.receipts.items() if name == model]
    for result in ("counted", "late"):
        kept = sum(receipt[result] for receipt in mine)
        if kept != tally[result]:
            yield f"not conserved: {model} tallies {tally[result]} {result}, receipts say {kept}"
    rows = sum(pane.rows for (name, _), pane in stored.panes.items() if name == model)
    if rows != tally["counted"]:
        yield f"not conserved: {model} tallies {tally['counted']} counted, panes hold {rows}"


def _sent(witness: Witness, stored: Stored) -> Iterator[str]:
    """What came in is at least what was answered, and at most what was sent."""
    most: Counter[str] = Counter()
    repeated: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for sent in witness.batches.values():
        if sent.kind.stored:
            continue
        most[sent.model] += sent.sends * sent.rows
        repeated[sent.model] += sum(a["replayed"] for a in sent.acknowledged) * sent.rows
        if sent.kind is Kind.BAD:
            answered = sum(a["status"] in (400, 422) for a in sent.answers)
            refused[sent.model] += answered * sent.rows
    for model, tally in stored.posted.items():
        if tally["received"] > most[model]:
            yield f"not conserved: {model} received {tally['received']}, sent were {most[model]}"
        for result, least in (("duplicate", repeated[model]), ("rejected", refused[model])):
            if tally[result] < least:
                yield f"not conserved: {model} tallies {tally[result]} {result} of {least}"
