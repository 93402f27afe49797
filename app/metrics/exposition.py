"""All series as text; what is stored is read and made anew only when it has changed."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from prometheus_client.exposition import choose_encoder

from app.domain.telling.reports import LatestJudgement, Rendered, Stamp
from app.metrics.features import Due, Features
from app.metrics.given import Given
from app.metrics.present import present
from app.metrics.requests import Own, Requests, tell
from app.metrics.series import Scope, Series
from app.metrics.snapshot import Snapshot, read
from app.metrics.text import Parts, joined
from app.ports import Store, Unit

FRESH_FOR = timedelta(seconds=10)
FEATURES = 2_000
NOBODY = Own()
END = b"# EOF\n"
STORED = tuple(series for series in Series if series.scope is Scope.STORED)
OWN = tuple(series for series in Series if series.scope is Scope.REPLICA)


class Exposition:
    """Serves rendered bytes, made anew when what is stored has changed."""

    def __init__(
        self,
        store: Store,
        code_version: str,
        refused: Counter[tuple[str, int]] | None = None,
        requests: Requests | None = None,
        features: int = FEATURES,
    ) -> None:
        self._store = store
        self._code_version = code_version
        self.refused = Counter[tuple[str, int]]() if refused is None else refused
        self.requests = Requests() if requests is None else requests
        self._features = Features(features)
        self._given = Given()
        self._stamp: Stamp | None = None
        self._made_at: datetime | None = None
        self._parts: Sequence[Parts] = ()
        self._judgements: Sequence[LatestJudgement] = ()
        self._ready: dict[bool, bytes] = {}
        self._turn = asyncio.Lock()

    def own(self) -> Own:
        """Return what this process counted of itself."""
        return Own.of(self.requests, self.refused)

    async def render(self, accept: str, others: Own = NOBODY) -> Rendered:
        """Return all series for an ``Accept`` header, with what ``others`` counted."""
        media_type = choose_encoder(accept)[1]
        openmetrics = "openmetrics" in media_type
        async with self._turn:
            await self._renew()
            if openmetrics not in self._ready:
                self._ready[openmetrics] = await asyncio.to_thread(self._stored, openmetrics)
            stored = self._ready[openmetrics]
        mine = joined([tell(self.own() + others, self._code_version)], openmetrics, OWN)
        return Rendered(stored + mine + (END if openmetrics else b""), media_type)

    async def _renew(self) -> None:
        async with self._store.read() as unit:
            stamp, now = await unit.views.stamp(), unit.now
            if self._fresh(stamp, now):
                return
            snapshot, due = await self._read(unit)
        self._parts = await asyncio.to_thread(
            lambda: [present(snapshot), *self._features.tell(due)]
        )
        self._judgements = snapshot.judgements
        self._ready.clear()
        self._stamp, self._made_at = stamp, now

    async def _read(self, unit: Unit) -> tuple[Snapshot, Due]:
        snapshot = await read(unit)
        await self._given.look(unit.views)
        return snapshot, await self._features.due(unit, snapshot.judgements)

    def _stored(self, openmetrics: bool) -> bytes:
        given = self._given.parts(self._judgements, openmetrics)
        return joined([*self._parts, given], openmetrics, STORED)

    def _fresh(self, stamp: Stamp, now: datetime) -> bool:
        return (
            stamp == self._stamp and self._made_at is not None and now - self._made_at < FRESH_FOR
        )
