"""Samples as text, made anew only when what is stored has changed."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeAlias

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from app.domain.telling.reports import Rendered, Stamp
from app.metrics.families import Families, Refused, Snapshot, judged, rest
from app.ports import Store, Unit

FRESH_FOR = timedelta(seconds=10)
ALERTS = 10_000
END = b"# EOF\n"
HEAD = re.compile(rb"^# HELP ", re.MULTILINE)

Parts: TypeAlias = dict[bytes, bytes]
"""Samples of families as text, by the lines that stand above them."""


class _Once(Collector):
    """Hands families that are ready to the encoders, which want a collector."""

    def __init__(self, made: Families) -> None:
        self._made = made

    def collect(self) -> Iterator[Metric]:
        return self._made.all()


def _encoded(made: Families, accept: str) -> Parts:
    """Return each family as text, by its head, as the ``Accept`` header wishes."""
    registry = CollectorRegistry()
    registry.register(_Once(made))
    text = choose_encoder(accept)[0](registry).removesuffix(END)
    parts: Parts = {}
    for family in HEAD.split(text)[1:]:
        meaning, kind, samples = family.split(b"\n", 2)
        parts[b"# HELP " + meaning + b"\n" + kind + b"\n"] = samples
    return parts


def render(
    snapshot: Snapshot, code_version: str, accept: str, known: Mapping[int, Parts]
) -> tuple[Rendered, dict[int, Parts]]:
    """Return all series, and what each revision of the snapshot says, for the next rendering.

    ``known`` is what the last one returned for this kind of text: nothing in there changes, and
    it is nearly all there is.
    """
    said = {
        one.id: known.get(one.id) or _encoded(judged(one, snapshot.features[one.id]), accept)
        for one in snapshot.judgements
    }
    texts = [_encoded(rest(snapshot, code_version), accept), *said.values()]
    body = b"".join(head + b"".join(text[head] for text in texts) for head in texts[0])
    media_type = choose_encoder(accept)[1]
    return Rendered(body + (END if "openmetrics" in media_type else b""), media_type), said


class Exposition:
    """Serves rendered bytes, made anew when what is stored has changed."""

    def __init__(self, store: Store, code_version: str, refused: Refused | None = None) -> None:
        self._store = store
        self._code_version = code_version
        self._refused: Refused = {} if refused is None else refused
        self._refused_then = 0
        self._stamp: Stamp | None = None
        self._made_at: datetime | None = None
        self._ready: dict[str, Rendered] = {}
        self._known: dict[str, dict[int, Parts]] = {}
        self._turn = asyncio.Lock()

    async def render(self, accept: str) -> Rendered:
        """Return all series for an ``Accept`` header."""
        form = choose_encoder(accept)[1]
        async with self._turn:
            async with self._store.read() as unit:
                stamp, now = await unit.views.stamp(), unit.now
                if not self._fresh(stamp, now):
                    self._ready.clear()
                if form in self._ready:
                    return self._ready[form]
                known = self._known.get(form, {})
                refused = dict(self._refused)
                snapshot = replace(await _snapshot(unit, known), refused=refused)
            self._ready[form], self._known[form] = await asyncio.to_thread(
                render, snapshot, self._code_version, accept, known
            )
            self._stamp, self._made_at = stamp, now
            self._refused_then = sum(refused.values())
            return self._ready[form]

    def _fresh(self, stamp: Stamp, now: datetime) -> bool:
        return (
            stamp == self._stamp
            and sum(self._refused.values()) == self._refused_then
            and self._made_at is not None
            and now - self._made_at < FRESH_FOR
        )


async def _snapshot(unit: Unit, known: Mapping[int, Parts]) -> Snapshot:
    judgements = await unit.views.latest()
    return Snapshot(
        judgements,
        await unit.views.features([one.id for one in judgements if one.id not in known]),
        await unit.views.tallies(),
        await unit.views.alerts(None, None, 0, ALERTS),
        await unit.outbox.pending(),
        await unit.rejections.sums(),
        await unit.views.row_ids(),
        await unit.sources.all(),
        retrainings=await unit.retrainings.sums(),
        champions=await unit.retrainings.champions(),
    )
