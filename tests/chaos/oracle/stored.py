"""What the database holds, read as it lies there: no code of the service but its decoders."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, func, select

from app.domain.monitors.monitor import DEFAULT_MONITOR
from app.store import tables as t
from app.store.counts import encoding
from tests.chaos.oracle import cells
from tests.chaos.oracle.cells import Pane, Summed

COUNTERS = ("received", "counted", "duplicate", "late", "rejected")
POSTED = "http"
"""The source of batches that name none."""
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Window:
    """One window, its revisions in order, and what is counted in it now."""

    model: str
    start: datetime
    end: datetime
    closed: bool
    revision: int
    revisions: tuple[Row, ...]
    verdicts: int
    """Features that the default monitor says of in the last revision."""
    rows: int
    same_counts: bool
    """Whether the last revision was judged on what is counted now."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Everything that the oracle looks at."""

    receipts: Mapping[tuple[str, str], Row]
    panes: Mapping[tuple[str, int], Pane]
    windows: tuple[Window, ...] = ()
    tallies: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    posted: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """The part of the tallies that came over HTTP."""
    objects: Mapping[tuple[str, str], Row] = field(default_factory=dict)
    """Objects by model and key."""
    events: tuple[Row, ...] = ()
    deliveries: tuple[Row, ...] = ()
    alerts: Mapping[str, str] = field(default_factory=dict)
    retrainings: tuple[Row, ...] = ()
    firings: tuple[Row, ...] = ()
    """Of each event of an alert its type, its time, and the model and the start of the firing."""


def read_counts(connection: Connection, levels: int) -> Stored:
    """Read receipts and counts alone."""
    names = model_names(connection)
    return Stored(
        receipts=receipts(connection, names),
        panes=panes(connection, names, cells.summed(connection), levels),
    )


def read(connection: Connection, levels: int) -> Stored:
    """Read it all in one transaction."""
    names = model_names(connection)
    summed = cells.summed(connection)
    events = select(
        t.event.c.id, t.event.c.type, t.event.c.ordering, t.event.c.body, t.event.c.time
    )
    told = tuple(rows(connection, events.order_by(t.event.c.time, t.event.c.id)))
    return Stored(
        receipts=receipts(connection, names),
        panes=panes(connection, names, summed, levels),
        windows=tuple(windows(connection, names, summed)),
        tallies=tallies(connection, names, t.tally.c.source.is_not(None)),
        posted=tallies(connection, names, t.tally.c.source == POSTED),
        objects=objects(connection, names),
        events=told,
        deliveries=tuple(rows(connection, select(t.delivery))),
        alerts={names[r["model_id"]]: r["state"] for r in rows(connection, select(t.alert))},
        retrainings=tuple(retrainings(connection, names)),
        firings=tuple(map(firing, told)),
    )


def retrainings(connection: Connection, names: Mapping[int, str]) -> Iterator[Row]:
    for row in rows(connection, select(t.retraining)):
        yield row | {"model": names[row["model_id"]]}


def firing(event: Row) -> Row:
    data = json.loads(event["body"])["data"]
    said = {"model": data["model"], "since": data.get("since")}
    said |= {"monitor": data.get("monitor")}
    return {"type": event["type"], "time": event["time"]} | said


def rows(connection: Connection, query: Any) -> Iterator[dict[str, Any]]:
    for row in connection.execute(query):
        yield dict(row._mapping)


def model_names(connection: Connection) -> dict[int, str]:
    return {row.id: row.name for row in connection.execute(select(t.model.c.id, t.model.c.name))}


def receipts(connection: Connection, names: Mapping[int, str]) -> dict[tuple[str, str], Row]:
    found = rows(connection, select(t.receipt))
    return {(names[row["model_id"]], row["key"]): row for row in found}


def panes(
    connection: Connection,
    names: Mapping[int, str],
    summed: Mapping[tuple[int, int, datetime], Summed],
    levels: int,
) -> dict[tuple[str, int], Pane]:
    grids = cells.grid_sets(connection)
    return {
        (names[model], int(start.timestamp())): cells.pane(grids[grid_set], found, levels)
        for (model, grid_set, start), found in summed.items()
    }


def tallies(
    connection: Connection, names: Mapping[int, str], which: ColumnElement[bool]
) -> dict[str, dict[str, int]]:
    sums = [func.sum(t.tally.c[name]).label(name) for name in COUNTERS]
    query = select(t.tally.c.model_id, *sums).where(which).group_by(t.tally.c.model_id)
    return {
        names[row["model_id"]]: {name: int(row[name]) for name in COUNTERS}
        for row in rows(connection, query)
    }


def objects(connection: Connection, names: Mapping[int, str]) -> dict[tuple[str, str], Row]:
    query = select(t.source_object, t.source.c.model_id).join(
        t.source, t.source.c.id == t.source_object.c.source_id
    )
    return {(names[row["model_id"]], row["key"]): row for row in rows(connection, query)}


def windows(
    connection: Connection,
    names: Mapping[int, str],
    summed: Mapping[tuple[int, int, datetime], Summed],
) -> Iterator[Window]:
    revisions: dict[int, list[Row]] = defaultdict(list)
    for row in rows(connection, select(t.revision).order_by(t.revision.c.number)):
        revisions[row["window_id"]].append(row)
    said = t.judgement.c
    counted = (
        select(said.revision_id, func.count().label("features"))
        .join(t.verdict, t.verdict.c.judgement_id == said.id)
        .where(said.monitor == DEFAULT_MONITOR)
        .group_by(said.revision_id)
    )
    features = {row.revision_id: row.features for row in connection.execute(counted)}
    by_model: dict[int, list[tuple[datetime, Summed]]] = defaultdict(list)
    for (model, _, start), found in summed.items():
        by_model[model].append((start, found))
    for row in rows(connection, select(t.window)):
        within = [f for at, f in by_model[row["model_id"]] if row["start_at"] <= at < row["end_at"]]
        known = revisions[row["id"]]
        last = known[-1] if known else None
        yield Window(
            model=names[row["model_id"]],
            start=row["start_at"],
            end=row["end_at"],
            closed=row["closed_at"] is not None,
            revision=row["revision"],
            revisions=tuple(known),
            verdicts=features.get(last["id"], 0) if last else 0,
            rows=sum(found.rows for found in within),
            same_counts=last is not None and _same(last, within),
        )


def _same(revision: Row, within: list[Summed]) -> bool:
    if revision["counts"] is None or not within:
        return False
    total = np.sum([found.vector for found in within], axis=0)
    return bool(np.array_equal(encoding.unpack(bytes(revision["counts"]), total.size), total))


__all__ = ["COUNTERS", "Stored", "Window", "read", "read_counts"]
