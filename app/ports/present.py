"""What the service does at present, for metrics."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from app.domain.telling.reports import (
    AlertSummary,
    FeatureClass,
    GivenVerdict,
    MonitorInfo,
    OpenWindows,
    RetrainingNow,
    StoredEstimate,
    StoredVerdict,
    TargetInfo,
    VersionInfo,
)


class Present(Protocol):
    """Queries over all models and targets; deleted models are not found."""

    async def versions(self) -> Sequence[VersionInfo]:
        """All versions with their roles, the retired ones too."""

    async def declared_monitors(self) -> Sequence[MonitorInfo]: ...
    async def open_windows(self) -> Sequence[OpenWindows]: ...
    async def targets(self) -> Sequence[TargetInfo]: ...
    async def present_alerts(self, limit: int) -> tuple[Sequence[AlertSummary], int]:
        """Alerts of versions that are not retired, what fires first; and how many are left out."""

    async def retrainings_now(self) -> Sequence[RetrainingNow]: ...
    async def feature_classes(
        self, judgements: Sequence[int]
    ) -> Mapping[int, Mapping[FeatureClass, int]]:
        """How many features of judgements are in a state, warn and page."""

    async def outlines(self, judgements: Sequence[int]) -> Mapping[int, Sequence[StoredVerdict]]:
        """What judgements say of their features, without estimates."""

    async def estimates(
        self, features: Sequence[tuple[int, str]]
    ) -> Mapping[tuple[int, str], Sequence[StoredEstimate]]:
        """Estimates of features, by judgement and name."""

    async def newest_verdict(self) -> int:
        """The highest id of a verdict; 0 where there is none."""

    async def verdicts_after(self, judgement: int, limit: int) -> Sequence[GivenVerdict]:
        """Verdicts against references with higher ids, of all rows and not of segments."""
