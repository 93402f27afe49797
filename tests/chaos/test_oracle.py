"""The oracle names what went wrong; on a small world that is made by hand."""

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.chaos.oracle import conserved, counted, retrained, told, whole
from tests.chaos.oracle.cells import Pane
from tests.chaos.oracle.stored import COUNTERS, Stored
from tests.chaos.oracle.witness import Sent, Witness
from tests.chaos.plan import Kind
from tests.chaos.result import quantile

PANES = (900, 1_800)
COUNTED: dict[str, Any] = dict.fromkeys(COUNTERS, 0) | {"received": 5, "counted": 5}
RECEIPT = {"key": "a"} | COUNTED
ANSWER = {"status": 200, "replayed": False, "receipt": RECEIPT | {"received_at": "now"}}
BODY = b"{}"


def witness(**changes: Any) -> Witness:
    sent = Sent("m", 7, {900: 2, 1_800: 3}, Kind.KEYED, "json", sends=1, answers=[ANSWER])
    for name, value in changes.items():
        setattr(sent, name, value)
    heard = {"evt": Counter([hashlib.sha256(BODY).hexdigest()])}
    return Witness({("a", "keyed"): sent}, heard)


def pane(rows: int, level: int = 7) -> Pane:
    levels = {level: rows} if rows else {}
    return Pane(rows, {"code": levels, "tag": levels}, 0)


def stored(first: int = 2, second: int = 3) -> Stored:
    event = {"id": "evt", "type": told.FIRING, "ordering": "o", "body": BODY}
    return Stored(
        receipts={("m", "a"): RECEIPT},
        panes={("m", 900): pane(first), ("m", 1_800): pane(second)},
        tallies={"m": COUNTED},
        posted={"m": COUNTED},
        events=(event | {"time": datetime(2026, 1, 1, tzinfo=UTC)},),
        deliveries=({"event_id": "evt", "state": "delivered"},),
        alerts={"m": "firing"},
    )


def metrics(count: int = 5) -> dict[str, str]:
    lines = [
        f'leeway_ingest_rows_total{{model="m",result="{result}",version="v"}} {value:.1f}\n'
        for result, value in zip(conserved.RESULTS, (count, 0, 0, 0), strict=True)
    ]
    return {"one": "".join(lines)}


def everything(seen: Witness, kept: Stored, said: dict[str, str] | None = None) -> list[str]:
    return [
        *whole.check(seen, kept),
        *counted.check(seen, kept),
        *conserved.check(seen, kept, said or metrics()),
        *told.check(seen, kept),
    ]


def test_a_world_in_order_has_no_findings() -> None:
    assert everything(witness(), stored()) == []


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        (stored(0, 0), "lost: a was acknowledged, code has 0 of 5 rows"),
        (stored(4, 6), "doubled: a was acknowledged, code has 10 of 5 rows"),
        (stored(2, 0), "partial: a has 2 rows in code, its receipt says 5 counted"),
        (stored(2, 1), "partial: a has 1 of 3 in code, 1800"),
        (replace(stored(), receipts={}), "lost: a was acknowledged and has no receipt"),
        (
            replace(stored(), panes={**stored().panes, ("m", 0): pane(1)}),
            "stray: m at 0 has 1 rows",
        ),
        (replace(stored(), deliveries=()), "1 events have 0 deliveries"),
        (replace(stored(), alerts={"m": "resolved"}), "0 alerts fire, 1 were told"),
        (
            replace(stored(), deliveries=({"event_id": "evt", "state": "pending"},)),
            "not delivered: evt is pending",
        ),
    ],
)
def test_what_the_database_lacks_or_has_too_much_of_is_named(kept: Stored, said: str) -> None:
    assert any(finding.startswith(said) for finding in everything(witness(), kept))


def unheard(seen: Witness) -> None:
    seen.heard = {}


def altered(seen: Witness) -> None:
    seen.heard = {"evt": Counter({"another": 1})}


def counted_twice(seen: Witness) -> None:
    seen.batches["a", "keyed"].answers = [ANSWER, ANSWER]


def never_answered(seen: Witness) -> None:
    seen.batches["a", "keyed"].answers = []


def brought_again(seen: Witness) -> None:
    cut = Sent("m", 7, {900: 1}, Kind.RECUT, "json", sends=1, answers=[ANSWER])
    seen.batches["a-cut", "recut"] = cut


def broken(seen: Witness) -> None:
    seen.batches["a", "keyed"].answers.append({"status": 500, "problem": "oh"})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (unheard, "never heard: evt"),
        (altered, "another body: evt"),
        (counted_twice, "doubled: a was counted more than once"),
        (never_answered, "never acknowledged: a"),
        (broken, "refused: a: 500"),
        (brought_again, "counted again: rows of a-cut"),
    ],
)
def test_what_the_client_saw_is_held_against_it(
    change: Callable[[Witness], None], said: str
) -> None:
    seen = witness()
    change(seen)
    assert any(finding.startswith(said) for finding in everything(seen, stored()))


def test_metrics_that_say_another_number_are_found() -> None:
    assert any("metrics of one" in f for f in everything(witness(), stored(), metrics(4)))


def test_a_batch_that_nobody_acknowledged_must_be_whole_or_absent() -> None:
    seen = witness(answers=[])
    assert list(whole.check(seen, replace(stored(0, 0), receipts={}))) == []
    assert list(whole.check(seen, stored())) == []
    assert list(whole.check(seen, replace(stored(), receipts={}))) != []


RUN: dict[str, Any] = {
    "name": "rtr_1",
    "model": "m",
    "state": "rejected",
    "about": {"alert": {"id": 1, "since": "noon"}},
    "requested_at": datetime(2026, 1, 1, tzinfo=UTC),
    "changed_at": datetime(2026, 1, 2, tzinfo=UTC),
}
FIRED = {"type": told.FIRING, "model": "m", "since": "noon", "time": RUN["requested_at"]}
FIRED |= {"monitor": "default"}
OVER = FIRED | {"type": told.RESOLVED}
LATER = FIRED | {"since": "dusk", "time": datetime(2026, 1, 3, tzinfo=UTC)}


@pytest.mark.parametrize(
    ("runs", "firings", "heard", "said"),
    [
        ([RUN], [FIRED], {"rtr_1": 200}, ""),
        ([RUN], [FIRED, FIRED | {"since": "one"}], {"rtr_1": 200}, ""),
        ([RUN, RUN | {"name": "rtr_2"}], [], {"rtr_1": 200, "rtr_2": 200}, "asked twice: alert 1"),
        ([RUN | {"state": "running"}] * 2, [], {"rtr_1": 200}, "two in flight: 2 runs of m"),
        ([RUN], [FIRED], {"rtr_1": 200, "rtr_9": 200}, "asked, but no run: rtr_9"),
        ([RUN], [FIRED], {"rtr_1": None}, "not heard: the words of rtr_1"),
        ([RUN], [FIRED], {}, "never asked: the orchestrator did not hear of rtr_1"),
        ([RUN], [FIRED, OVER, LATER], {"rtr_1": 200}, "never asked for: m fired at dusk"),
        ([RUN], [FIRED, LATER], {"rtr_1": 200}, ""),
        ([RUN], [FIRED, LATER | {"monitor": "second"}], {"rtr_1": 200}, ""),
        (
            [RUN],
            [FIRED, LATER | {"monitor": "second"}, OVER, LATER],
            {"rtr_1": 200},
            "",
        ),
        ([], [FIRED], {}, "never asked for: m fired at noon"),
    ],
)
def test_each_episode_has_its_run(
    runs: list[Any], firings: list[Any], heard: dict[str, int | None], said: str
) -> None:
    kept = replace(stored(), retrainings=tuple(runs), firings=tuple(firings))
    found = list(retrained.check(replace(witness(), runs=heard), kept))
    assert any(one.startswith(said) for one in found) if said else found == []


def test_quantiles_are_values_that_occurred() -> None:
    ordered = [0.1 * n for n in range(100)]
    assert quantile(ordered, 0.5) == ordered[50]
    assert quantile(ordered, 1.0) == ordered[-1]
    assert quantile([], 0.5) == 0.0
