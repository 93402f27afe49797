"""What a monitor would have done, on the wire."""

from datetime import timedelta
from typing import Self

from pydantic import Field

from app.api.schemas.base import Answer, Time
from app.domain.monitors.monitor import PAGE_BUDGET, Severity
from app.domain.monitors.past import Left
from app.domain.monitors.rehearsal import FeatureTally, StatisticTally
from app.domain.monitors.suggesting import allowed, rate_bound, suggest
from app.steps.dry_run import Tried
from drift_core import State

DAY = timedelta(days=1)


class LeftOutAnswer(Answer):
    """Windows that could not be judged again, by reason."""

    removed: int = Field(description="Retention removed their counts.")
    merged: int = Field(description="Their rows lie in sums of hours or days that reach beyond.")
    grid: int = Field(description="Counted on a grid set that no baseline which was active has.")


class DryWindowsAnswer(Answer):
    """How many windows there were, and what would have been said of them."""

    looked_at: int
    judged: int = Field(description="Those that could be judged: ``ok`` or ``drift``.")
    drifted: int
    warned: int
    paged: int = Field(description="Those with page evidence.")
    insufficient_data: int
    error: int
    left_out: LeftOutAnswer
    limited: bool = Field(description="Whether earlier ones were asked for, too many for a call.")


class WouldBeAnswer(Answer):
    """An alert that would have fired."""

    start: Time = Field(description="Start of the window with which it fires.")
    end: Time | None = Field(
        description="Start of the window with which it resolves; null: it would still fire."
    )
    severity: Severity
    worst: list[str] = Field(description="Features that moved most, the worst first.")


class DryAlertsAnswer(Answer):
    """What the alert would have done."""

    fired: int
    resolved: int
    items: list[WouldBeAnswer] = Field(description="The first of them.")
    left_out: int = Field(description="Those beyond the first.")


class DryStatisticAnswer(Answer):
    """One statistic of one feature."""

    threshold: float | None = Field(description="As proposed; null is never reached.")
    largest: float | None = Field(description="Its largest effect.")
    at: Time | None = Field(description="Start of the window with that.")
    suggested: float | None = Field(
        description="Least threshold, in three digits, with which it alone would have kept to the "
        "budget, were all these windows calm; null: nothing was judged."
    )


class DryFeatureAnswer(Answer):
    """One feature over these windows."""

    feature: str
    judged: int
    drifted: int
    warned: int
    paged: int
    by_bins: int = Field(description="Drifted by single bins alone, which no threshold keeps.")
    statistics: dict[str, DryStatisticAnswer]


class DryBudgetAnswer(Answer):
    """What the suggestions keep to, and what they are worth."""

    budget: float = Field(description="False firings in 90 days.")
    days: float = Field(description="Time that the judged windows take.")
    allowed: int = Field(description="Firings that the budget allows in it.")
    enough: bool = Field(description="Whether it allows any; else the history is too short.")
    rate_bound: float | None = Field(
        description="False firings in 90 days that cannot be excluded (95 %) by so few."
    )
    remark: str


class DryRunAnswer(Answer):
    """What a monitor would have said of windows of the past; nothing was written."""

    model: str
    monitor: str
    version: str
    segment: str
    champion: bool = Field(description="Whether windows of this version have alerts.")
    from_: Time = Field(serialization_alias="from")
    to: Time
    baselines: list[int] = Field(description="What the windows were compared with.")
    page_level: float | None = Field(
        description="What one look could spend beside the other monitors; null: it never pages."
    )
    windows: DryWindowsAnswer
    alerts: DryAlertsAnswer
    features: list[DryFeatureAnswer] = Field(description="Those that drifted most often first.")
    suggestions: DryBudgetAnswer

    @classmethod
    def of(cls, tried: Tried, budget: float | None) -> Self:
        plan, seen = tried.plan, tried.rehearsal
        most = PAGE_BUDGET if budget is None else budget
        exposure = seen.judged * plan.frame.step if plan.by_rows is None else seen.spanned
        keep = allowed(most, exposure)
        features = sorted(seen.features.items(), key=lambda one: (-one[1].drifted, one[0]))
        return cls(
            model=plan.model.name,
            monitor=plan.monitor.name,
            version=plan.series.version,
            segment=plan.series.segment,
            champion=plan.champion,
            from_=plan.start,
            to=plan.end,
            baselines=sorted(seen.baselines),
            page_level=seen.page_level if seen.looked_at else plan.monitor.page_level,
            windows=_windows(tried),
            alerts=_alerts(tried),
            features=[_feature(tried, name, tally, keep) for name, tally in features],
            suggestions=_budget(most, exposure, keep),
        )


def _windows(tried: Tried) -> DryWindowsAnswer:
    seen = tried.rehearsal
    return DryWindowsAnswer(
        looked_at=seen.looked_at,
        judged=seen.judged,
        drifted=seen.states[State.DRIFT],
        warned=seen.warned,
        paged=seen.paged,
        insufficient_data=seen.states[State.INSUFFICIENT_DATA],
        error=seen.states[State.ERROR],
        left_out=LeftOutAnswer(**{one.value: seen.left[one] for one in Left}),
        limited=tried.plan.limited,
    )


def _alerts(tried: Tried) -> DryAlertsAnswer:
    seen, severity = tried.rehearsal, tried.plan.monitor.grave()
    items = [
        WouldBeAnswer(start=one.start, end=one.end, severity=severity, worst=list(one.worst))
        for one in seen.alerts
    ]
    left_out = seen.fired - len(items)
    return DryAlertsAnswer(fired=seen.fired, resolved=seen.resolved, items=items, left_out=left_out)


def _feature(tried: Tried, name: str, tally: FeatureTally, keep: int) -> DryFeatureAnswer:
    return DryFeatureAnswer(
        feature=name,
        judged=tally.judged,
        drifted=tally.drifted,
        warned=tally.warned,
        paged=tally.paged,
        by_bins=tally.by_bins,
        statistics={
            statistic: _statistic(tried, (name, statistic), one, keep)
            for statistic, one in tally.statistics.items()
        },
    )


def _statistic(
    tried: Tried, names: tuple[str, str], one: StatisticTally, keep: int
) -> DryStatisticAnswer:
    monitor, judged = tried.plan.monitor, tried.rehearsal.judged
    suggested = suggest(judged, one.looks, one.effects, monitor, keep) if judged else None
    return DryStatisticAnswer(
        threshold=monitor.criteria.threshold(*names),
        largest=one.largest,
        at=one.at,
        suggested=suggested,
    )


def _budget(budget: float, exposure: timedelta, keep: int) -> DryBudgetAnswer:
    bound = rate_bound(keep, exposure)
    return DryBudgetAnswer(
        budget=budget,
        days=exposure / DAY,
        allowed=keep,
        enough=keep > 0,
        rate_bound=bound,
        remark=_remark(budget, exposure, keep, bound),
    )


def _remark(budget: float, exposure: timedelta, keep: int, bound: float | None) -> str:
    if bound is None:
        return "No window could be judged, so nothing can be suggested."
    days = f"{exposure / DAY:,.1f} days"
    worth = f"up to {bound:.3g} false firings in 90 days cannot be excluded"
    if keep:
        return f"In {days} the budget allows {keep} firings of each threshold alone; {worth}."
    return (
        f"{days} are too short to say what keeps to {budget:g} in 90 days, which would take at "
        f"least {90 / budget:,.0f}: each threshold lies just above what was seen, and {worth}."
    )
