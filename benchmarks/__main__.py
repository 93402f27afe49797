"""Measure, print tables of ratios, and say which targets are met.

``python -m benchmarks [part ...]``: parts are named below; all but the long ones by default. What
is found is written to ``benchmarks/results/``, which the documents' tables are made from.
"""

import sys
from collections.abc import Callable, Mapping

from benchmarks import (
    categories,
    churn,
    counting,
    growth,
    judging,
    number_types,
    progress,
    starting,
    storage,
    verdicts,
)
from benchmarks.findings import Found, load, save
from benchmarks.intake import history, identities, overload, race, replicas
from benchmarks.pages import run as pages
from benchmarks.plain import show
from benchmarks.report import rewrite
from benchmarks.targets import reached

PARTS: Mapping[str, Callable[[], Found]] = {
    "starting": starting.measure,
    "counting": counting.measure,
    "types": number_types.measure,
    "categories": categories.measure,
    "growth": growth.measure,
    "judging": judging.measure,
    "verdicts": verdicts.measure,
    "ingest": race.measure,
}
LONG: Mapping[str, Callable[[], Found]] = {
    "history": history.measure,
    "replicas": replicas.measure,
    "identities": identities.measure,
    "overload": overload.measure,
    "storage": storage.measure,
    "churn": churn.measure,
    "pages": pages.measure,
}
"""Minutes each, and run only when named."""


def main(names: list[str]) -> None:
    every = {**PARTS, **LONG}
    if unknown := set(names) - set(every):
        raise SystemExit(f"no parts {sorted(unknown)}; there are {', '.join(every)}")
    for name in names or PARTS:
        found = every[name]()
        save(name, found)
        print(f"\n== {name}\n\n{show(found)}", flush=True)
    print("\n== targets\n\n" + "\n".join(map(str, reached(load))))
    progress.say(f"written: {', '.join(map(str, rewrite())) or 'nothing new'}")


if __name__ == "__main__":
    main(sys.argv[1:])
