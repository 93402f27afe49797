"""What of a monitor can be asked of a model, and what cannot."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from operator import attrgetter

from app.domain.calendars.checks import check_exclusion
from app.domain.errors import Fault, Invalid
from app.domain.model import Model, Schema
from app.domain.monitors.by_rows import MOST_ROWS, ByRows
from app.domain.monitors.criteria import KINDS, Limit, RuleKind
from app.domain.monitors.frame import WIDEST, fault_of
from app.domain.monitors.monitor import (
    DEFAULT_MONITOR,
    OUTPUTS,
    RETRAINING_MONITOR,
    TRAFFIC,
    TRAFFIC_MONITOR,
    AgainstKind,
    Monitor,
    MonitorKind,
)
from app.domain.outputs.figure import LIMITS as FIGURES
from app.domain.outputs.figure import names
from app.domain.rows.pointing import pointer
from app.domain.verdicts.quality_shares import LIMITS
from app.domain.window import PANE
from drift_core import STATISTICS

MOST_AGAINST = 4
"""Each costs about a judgement more of every window."""
MEMBERS = {
    "span": AgainstKind.TRAILING,
    "weeks": AgainstKind.SAME_HOUR,
    "version": AgainstKind.VERSION,
}
LONGEST_MEMORY = 30
"""Windows that an alert may look back at."""
MOST_MONITORS = 50
"""Of a model: each judges every window."""
RESERVED = {RETRAINING_MONITOR: "is the name under which failed retrainings are told"}
OF_WINDOWS = {
    "window": "/window",
    "rows": "/window",
    "step": "/step",
    "roles": "/roles",
    "include": "/features/include",
    "exclude": "/features/exclude",
    "outputs": "/outputs",
    "criteria.level": "/level",
    "criteria.min_rows": "/min_rows",
    "criteria.numeric": "/statistics/numeric",
    "criteria.categorical": "/statistics/categorical",
    "criteria.limits": "/thresholds",
    "criteria.overrides": "/overrides",
    "rule": "/rule",
    "also": "/also",
    "calendar": "/exclude",
    "fire_after": "/fire_after",
    "fire_of": "/fire_of",
    "resolve_after": "/resolve_after",
}
"""What of a monitor means nothing where no windows are judged, and where it is declared."""


def check_monitor(monitor: Monitor, model: Model) -> None:
    """Refuse what cannot be asked, naming the field.

    Raises
    ------
    Invalid
        With all that is wrong.
    """
    faults = [*_names(monitor), *_traffic(monitor)]
    if monitor.kind is MonitorKind.TRAFFIC:
        _refuse(faults)
        return
    faults += [*_times(monitor, model.settings.window), *_looks(monitor)]
    faults += _criteria(monitor)
    faults += _rule(monitor)
    faults += _also(monitor)
    faults += _outputs(monitor)
    for index, one in enumerate(monitor.calendar):
        faults += check_exclusion(one, f"/exclude/{index}")
    if model.schema is not None:
        faults += _columns(monitor, model.schema)
    _refuse(faults)


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        raise Invalid("the monitor cannot be used", tuple(faults))


def _names(monitor: Monitor) -> Iterator[Fault]:
    if why := RESERVED.get(monitor.name):
        yield Fault(f"{monitor.name!r} {why}", field="monitor")
    if monitor.kind is not MonitorKind.TRAFFIC and not monitor.roles:
        yield Fault("must name at least one", "/roles")
    strange = [role.value for role in monitor.roles if role not in OUTPUTS]
    if monitor.kind is MonitorKind.PREDICTION_DRIFT and strange:
        yield Fault(f"{strange[0]} columns are none of the model's outputs", "/roles")


def _traffic(monitor: Monitor) -> Iterator[Fault]:
    """Tell the one monitor of traffic and those that judge windows apart."""
    if monitor.kind is not MonitorKind.TRAFFIC:
        if monitor.name == TRAFFIC_MONITOR:
            yield Fault("'traffic' is the name of the monitor of that kind", field="monitor")
        if monitor.maximum_silence is not None:
            yield Fault("belongs to 'traffic' only", "/maximum_silence")
        return
    if monitor.name != TRAFFIC_MONITOR:
        yield Fault("a model has one monitor of traffic, and its name is 'traffic'", "/kind")
    strange = (at for of, at in OF_WINDOWS.items() if attrgetter(of)(monitor) != _usual(of))
    for at in dict.fromkeys(strange):
        yield Fault("belongs to monitors that judge windows; leave it out", at)


def _usual(member: str) -> object:
    return attrgetter(member)(TRAFFIC)


def _times(monitor: Monitor, own: timedelta) -> Iterator[Fault]:
    frame = monitor.frame(own)
    if frame is None:
        return
    if isinstance(frame, ByRows):
        yield from _by_rows(monitor)
    elif wrong := fault_of(frame):
        member, why = wrong
        yield Fault(why, f"/{member}")
    if monitor.name == DEFAULT_MONITOR:
        yield Fault("the monitor `default` judges the model's own windows", "/window")


def _by_rows(monitor: Monitor) -> Iterator[Fault]:
    if monitor.step is not None:
        yield Fault("windows by rows follow each other: leave it out", "/step")
    if monitor.rows is not None and not 1 <= monitor.rows <= MOST_ROWS:
        yield Fault(f"must be from 1 to {MOST_ROWS}", "/window/rows")


def _looks(monitor: Monitor) -> Iterator[Fault]:
    looks = monitor.fire_of
    if looks is not None and not monitor.fire_after <= looks <= LONGEST_MEMORY:
        allowed = f"must be from fire_after, {monitor.fire_after}, to {LONGEST_MEMORY}"
        yield Fault(allowed, "/fire_of")


def _criteria(monitor: Monitor) -> Iterator[Fault]:
    criteria = monitor.criteria
    quality = monitor.kind is MonitorKind.DATA_QUALITY
    for kind in KINDS:
        names: tuple[str, ...] | None = getattr(criteria, kind)
        for index, name in enumerate(names or ()):
            if quality or name not in STATISTICS or kind not in STATISTICS[name].kinds:
                able = (
                    [] if quality else sorted(n for n in STATISTICS if kind in STATISTICS[n].kinds)
                )
                yield Fault(f"must be one of {able}", f"/statistics/{kind}/{index}")
    known = sorted(LIMITS if quality else STATISTICS)
    if monitor.kind is MonitorKind.PREDICTION_DRIFT:
        known = sorted({*known, *FIGURES})
    yield from _limits(criteria.limits, known, "/thresholds")
    for feature, limits in criteria.overrides:
        yield from _limits(limits, known, pointer(("overrides", feature)))


def _limits(limits: Iterable[Limit], known: list[str], where: str) -> Iterator[Fault]:
    for one in limits:
        at = where + pointer((one.statistic,))
        if one.statistic not in known:
            yield Fault(f"must be one of {known}", at)
        if one.warning is not None and one.drift is not None and one.warning > one.drift:
            yield Fault("a warning must not be above drift", f"{at}/warning")


def _rule(monitor: Monitor) -> Iterator[Fault]:
    rule = monitor.rule
    shared = rule.kind in (RuleKind.SHARE, RuleKind.WEIGHTED_SHARE)
    if shared != (rule.share is not None):
        say = "is needed by this rule" if shared else "does not belong to this rule"
        yield Fault(say, "/rule/share")
    if (rule.kind is RuleKind.NAMED) != bool(rule.features):
        say = "does not belong to this rule" if rule.features else "is needed by this rule"
        yield Fault(say, "/rule/features")
    if rule.weights and not any(weight for _, weight in rule.weights):
        yield Fault("some feature must weigh something", "/rule/weights")


def _also(monitor: Monitor) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, one in enumerate(monitor.also):
        at = f"/also/{index}"
        if one.name in seen:
            yield Fault("stands here twice", at)
        seen.add(one.name)
        for member, kind in MEMBERS.items():
            if getattr(one, member) is not None and one.kind is not kind:
                yield Fault(f"belongs to {kind.value!r} only", f"{at}/{member}")
        trailing = one.kind is AgainstKind.TRAILING
        if trailing and (one.span is None or one.span % PANE or not PANE <= one.span <= WIDEST):
            yield Fault("must be a multiple of 15m, from 15m to 30d", f"{at}/span")


def _outputs(monitor: Monitor) -> Iterator[Fault]:
    if monitor.outputs is not None and monitor.kind is not MonitorKind.PREDICTION_DRIFT:
        yield Fault("belongs to 'prediction_drift' only", "/outputs")


def _columns(monitor: Monitor, schema: Schema) -> Iterator[Fault]:
    figures = set() if monitor.outputs is None else set(names(schema))
    known = {column.name for column in schema.counted()} | figures
    for at, name in _mentioned(monitor):
        if name not in known:
            yield Fault("is no counted column of the model", at, field=name)
    named = set(monitor.rule.features)
    if named - set(monitor.columns(schema)) - figures and named <= known:
        yield Fault("the monitor does not look at all of these", "/rule/features")
    mentioned = [*(monitor.include or ()), *monitor.exclude]
    if mentioned and set(mentioned) <= known and not monitor.columns(schema):
        yield Fault("leaves no column to look at", "/features")


def _mentioned(monitor: Monitor) -> Iterator[tuple[str, str]]:
    for index, name in enumerate(monitor.include or ()):
        yield f"/features/include/{index}", name
    for index, name in enumerate(monitor.exclude):
        yield f"/features/exclude/{index}", name
    for index, name in enumerate(monitor.rule.features):
        yield f"/rule/features/{index}", name
    for name, _ in monitor.rule.weights:
        yield pointer(("rule", "weights", name)), name
    for name, _ in monitor.criteria.overrides:
        yield pointer(("overrides", name)), name
