"""What stands around a window: alerts, retrainings, other monitors, versions and segments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.dashboard.retrainings.whom import whom
from app.dashboard.series import Scene
from app.domain.alerts.alert import AlertState
from app.domain.model import WHOLE
from app.domain.monitors.monitor import Monitor, funded
from app.domain.retrainings.policy import Policy
from app.domain.retrainings.retraining import Retraining
from app.domain.telling.operations import AlertChoice, Episode
from app.domain.telling.overview import Beside
from app.domain.telling.reports import AlertSummary, WindowReport
from app.ports import Unit
from app.steps.segments import counted_segments

MOST_ALERTS = 100
ALERTS_TOLD = 8
LAST_RUNS = 5
MOST_SEGMENTS = 60


@dataclass(frozen=True, slots=True)
class Told:
    """All of it, for the window that is shown."""

    alerts: Sequence[AlertSummary]
    runs: Sequence[Retraining]
    policy: Policy | None
    monitors: Sequence[Monitor]
    beside: Sequence[Beside]
    segments: Sequence[str]
    is_cut: bool = False
    """Whether there are more alerts than these."""
    whom: str | None = None
    """Whom a retraining could be asked of, where none is asked for."""
    episodes: Mapping[int, Episode] = field(default_factory=dict)
    """When those of the alerts that are over fired."""

    @property
    def firing(self) -> Sequence[AlertSummary]:
        return [one for one in self.alerts if one.state == AlertState.FIRING]

    def level(self, monitor: str) -> float | None:
        """Return what one look of a monitor may spend; None where it never pages."""
        return next((one.page_level for one in self.monitors if one.name == monitor), None)

    def of_monitors(self, version: str, segment: str) -> Sequence[Beside]:
        """Return what all monitors say of one series, against everything they look at."""
        return [one for one in self.beside if (one.version, one.segment) == (version, segment)]

    def of_versions(self, monitor: str, segment: str) -> Sequence[Beside]:
        """Return what one monitor says of all versions."""
        return [
            one
            for one in self.beside
            if (one.monitor, one.segment, one.comparison) == (monitor, segment, "reference")
        ]

    def of_segments(self, monitor: str, version: str) -> Sequence[Beside]:
        """Return what one monitor says of each segment of a version."""
        return [
            one
            for one in self.beside
            if one.segment
            and (one.monitor, one.version, one.comparison) == (monitor, version, "reference")
        ]


async def told_of(unit: Unit, scene: Scene, report: WindowReport | None) -> Told:
    """Return what stands around the window of a report."""
    model = scene.model
    segments = sorted(await counted_segments(unit, model))
    found: Sequence[Beside] = ()
    if report is not None:
        names = [version.name for version in scene.versions]
        looked = [WHOLE, *segments[:MOST_SEGMENTS]]
        if scene.query.segment not in looked:
            looked.append(scene.query.segment)
        found = await unit.views.beside(report.summary.key, names, looked)
    alerts = await unit.views.chosen_alerts(AlertChoice(model=model.name), 0, MOST_ALERTS + 1)
    policy = await unit.retrainings.policy(model.id)
    shown = [one for one in alerts[:MOST_ALERTS] if one.state != AlertState.INACTIVE]
    return Told(
        alerts=shown,
        episodes=await unit.views.episodes(shown[:ALERTS_TOLD]),
        runs=await unit.retrainings.page(model.id, None, None, LAST_RUNS),
        policy=policy,
        whom=None if policy else await whom(unit),
        monitors=funded(scene.monitors, model.settings.window),
        beside=found,
        segments=segments,
        is_cut=len(alerts) > MOST_ALERTS,
    )
