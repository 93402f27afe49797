"""All that is rendered of the store, read in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.rejection import RejectedSum
from app.domain.telling.reports import (
    AlertSummary,
    LatestJudgement,
    MonitorInfo,
    OpenWindows,
    RetrainingNow,
    RowIds,
    TallySum,
    TargetInfo,
    VersionInfo,
)
from app.ports import Unit
from app.ports.retrainings import ChampionSince, RetrainingSum
from app.ports.sources import SourceState

ALERTS = 10_000
NO_ROW_IDS = RowIds(0, 0)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything but what single features are judged to be."""

    judgements: Sequence[LatestJudgement] = ()
    versions: Sequence[VersionInfo] = ()
    monitors: Sequence[MonitorInfo] = ()
    tallies: Sequence[TallySum] = ()
    alerts: Sequence[AlertSummary] = ()
    alerts_left_out: int = 0
    open_windows: Sequence[OpenWindows] = ()
    pending: int = 0
    targets: Sequence[TargetInfo] = ()
    rejected: Sequence[RejectedSum] = ()
    row_ids: RowIds = NO_ROW_IDS
    sources: Sequence[SourceState] = ()
    retrainings: Sequence[RetrainingSum] = ()
    retraining_now: Sequence[RetrainingNow] = ()
    champions: Sequence[ChampionSince] = ()


async def read(unit: Unit) -> Snapshot:
    """Read it all; nothing in here grows with the number of windows."""
    alerts, left_out = await unit.views.present_alerts(ALERTS)
    return Snapshot(
        judgements=await unit.views.latest(),
        versions=await unit.views.versions(),
        monitors=await unit.views.declared_monitors(),
        tallies=await unit.views.tallies(),
        alerts=alerts,
        alerts_left_out=left_out,
        open_windows=await unit.views.open_windows(),
        pending=await unit.outbox.pending(),
        targets=await unit.views.targets(),
        rejected=await unit.rejections.sums(),
        row_ids=await unit.views.row_ids(),
        sources=await unit.sources.all(),
        retrainings=await unit.retrainings.sums(),
        retraining_now=await unit.views.retrainings_now(),
        champions=await unit.retrainings.champions(),
    )
