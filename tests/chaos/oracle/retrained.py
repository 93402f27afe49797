"""At most one run an episode and one in flight a model; and every episode was asked for, once."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.chaos.oracle.stored import Row, Stored
from tests.chaos.oracle.told import FIRING
from tests.chaos.oracle.witness import Witness

OK = 200
FLYING = ("requested", "accepted", "running")


def check(witness: Witness, stored: Stored) -> Iterator[str]:
    names = {run["name"] for run in stored.retrainings}
    for (model, alert, since), times in Counter(map(_firing_of, stored.retrainings)).items():
        if times > 1:
            yield f"asked twice: alert {alert} of {model}, which fired at {since}, {times} runs"
    flying = Counter(r["model"] for r in stored.retrainings if r["state"] in FLYING)
    for model, times in flying.items():
        if times > 1:
            yield f"two in flight: {times} runs of {model}"
    for id_, said in witness.runs.items():
        if id_ not in names:
            yield f"asked, but no run: {id_}"
        elif said != OK:
            yield f"not heard: the words of {id_} were answered with {said}"
    for run in stored.retrainings:
        if run["name"] not in witness.runs:
            yield f"never asked: the orchestrator did not hear of {run['name']}"
    yield from _left_out(stored)


def _firing_of(run: Row) -> tuple[str, int, str]:
    return run["model"], run["about"]["alert"]["id"], run["about"]["alert"]["since"]


def _left_out(stored: Stored) -> Iterator[str]:
    """What fired while nothing else did, and no run of its model was in flight, has its own."""
    asked: dict[str, list[Row]] = defaultdict(list)
    for run in stored.retrainings:
        asked[run["model"]].append(run)
    fires: dict[str, set[str]] = defaultdict(set)
    for event in stored.firings:
        others = fires[event["model"]]
        if event["type"] != FIRING:
            others.discard(event["monitor"])
            continue
        joins = bool(others)
        others.add(event["monitor"])
        if joins:
            continue
        runs = asked[event["model"]]
        own = any(run["about"]["alert"]["since"] == event["since"] for run in runs)
        busy = any(run["requested_at"] <= event["time"] <= run["changed_at"] for run in runs)
        if not own and not busy:
            yield f"never asked for: {event['model']} fired at {event['since']}"
