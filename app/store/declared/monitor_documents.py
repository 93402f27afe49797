"""Monitors to and from the JSON documents they are stored as."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from app.domain.calendars.exclusion import Exclusion
from app.domain.model import Role
from app.domain.monitors.by_rows import ByRows
from app.domain.monitors.criteria import Criteria, Limit, Rule, RuleKind
from app.domain.monitors.frame import Frame
from app.domain.monitors.monitor import Against, AgainstKind, Monitor, MonitorKind, Severity
from app.domain.outputs.figure import Outputs

MINUTE = timedelta(minutes=1)


def monitor_document(monitor: Monitor) -> dict[str, Any]:
    """Return what was declared: all but its name, its version and what it is given to spend.

    What is new in it stands there only where it says something: verdicts keep its digest.
    """
    return _said(monitor) | {
        "kind": monitor.kind.value,
        "window": _seconds(monitor.window),
        "step": _seconds(monitor.step),
        "rows": monitor.rows,
        "roles": [role.value for role in monitor.roles],
        "include": None if monitor.include is None else list(monitor.include),
        "exclude": list(monitor.exclude),
        "outputs": _outputs_document(monitor.outputs),
        "criteria": _criteria_document(monitor.criteria),
        "rule": _rule_document(monitor.rule),
        "also": [_against_document(one) for one in monitor.also],
        "calendar": [_exclusion_document(one) for one in monitor.calendar],
        "severity": None if monitor.severity is None else monitor.severity.value,
        "maximum_silence": _seconds(monitor.maximum_silence),
        "fire_after": monitor.fire_after,
        "fire_of": monitor.fire_of,
        "resolve_after": monitor.resolve_after,
        "targets": None if monitor.targets is None else list(monitor.targets),
        "pages": monitor.pages,
        "enabled": monitor.enabled,
    }


def _said(monitor: Monitor) -> dict[str, Any]:
    return {"says_usual": True} if monitor.says_usual else {}


def monitor_of(name: str, version: int, document: Mapping[str, Any]) -> Monitor:
    severity = document["severity"]
    return Monitor(
        name=name,
        version=version,
        window=_span(document["window"]),
        step=_span(document.get("step")),
        rows=document.get("rows"),
        kind=MonitorKind(document["kind"]),
        roles=tuple(Role(role) for role in document["roles"]),
        include=_names(document["include"]),
        exclude=tuple(document["exclude"]),
        outputs=_outputs(document.get("outputs")),
        criteria=_criteria(document["criteria"]),
        rule=rule_of(document["rule"]),
        also=tuple(_against(one) for one in document.get("also", ())),
        calendar=tuple(_exclusion(one) for one in document.get("calendar", ())),
        severity=None if severity is None else Severity(severity),
        says_usual=document.get("says_usual", False),
        maximum_silence=_span(document.get("maximum_silence")),
        fire_after=document["fire_after"],
        fire_of=document["fire_of"],
        resolve_after=document["resolve_after"],
        targets=_names(document["targets"]),
        pages=document["pages"],
        enabled=document["enabled"],
    )


def _seconds(span: timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds())


def _span(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def _outputs_document(outputs: Outputs | None) -> dict[str, Any] | None:
    if outputs is None:
        return None
    return {"positive": outputs.positive, "threshold": outputs.threshold}


def _outputs(document: Mapping[str, Any] | None) -> Outputs | None:
    if document is None:
        return None  # it is older than figures, and goes on without them
    return Outputs(document["positive"], document["threshold"])


def frames_document(frames: Iterable[Frame | ByRows]) -> list[list[int]] | None:
    """Return the minutes of frames' widths and steps, or least rows; None where there are none."""
    every = list(frames)
    spans = ((one.width, one.step) for one in sorted(f for f in every if isinstance(f, Frame)))
    rows = sorted(one.rows for one in every if isinstance(one, ByRows))
    return [*([w // MINUTE, s // MINUTE] for w, s in spans), *([one] for one in rows)] or None


def frames_of(document: Iterable[list[int]] | None) -> tuple[Frame, ...]:
    pairs = (one for one in document or () if len(one) == 2)
    return tuple(Frame(width * MINUTE, step * MINUTE) for width, step in pairs)


def by_rows_of(document: Iterable[list[int]] | None) -> tuple[ByRows, ...]:
    return tuple(ByRows(one[0]) for one in document or () if len(one) == 1)


def _names(document: list[str] | None) -> tuple[str, ...] | None:
    return None if document is None else tuple(document)


def _criteria_document(criteria: Criteria) -> dict[str, Any]:
    return {
        "level": criteria.level,
        "min_rows": criteria.min_rows,
        "numeric": None if criteria.numeric is None else list(criteria.numeric),
        "categorical": None if criteria.categorical is None else list(criteria.categorical),
        "limits": _limits_document(criteria.limits),
        "overrides": [[name, _limits_document(limits)] for name, limits in criteria.overrides],
    }


def _criteria(document: Mapping[str, Any]) -> Criteria:
    return Criteria(
        level=document["level"],
        min_rows=document["min_rows"],
        numeric=_names(document["numeric"]),
        categorical=_names(document["categorical"]),
        limits=_limits(document["limits"]),
        overrides=tuple((name, _limits(limits)) for name, limits in document["overrides"]),
    )


def _limits_document(limits: Iterable[Limit]) -> list[list[Any]]:
    return [[one.statistic, one.warning, one.drift] for one in limits]


def _limits(document: Iterable[list[Any]]) -> tuple[Limit, ...]:
    return tuple(Limit(*one) for one in document)


def _against_document(against: Against) -> dict[str, Any]:
    return {
        "kind": against.kind.value,
        "span": None if against.span is None else int(against.span.total_seconds()),
        "weeks": against.weeks,
        "version": against.version,
    }


def _against(document: Mapping[str, Any]) -> Against:
    span = document["span"]
    return Against(
        AgainstKind(document["kind"]),
        None if span is None else timedelta(seconds=span),
        document["weeks"],
        document["version"],
    )


def _exclusion_document(one: Exclusion) -> dict[str, Any]:
    document = {
        "cron": one.cron,
        "for": None if one.span is None else int(one.span.total_seconds()),
        **{
            name: _day(day) for name, day in (("on", one.on), ("from", one.first), ("to", one.last))
        },
        "country": one.country,
        "subdivision": one.subdivision,
        "zone": one.zone,
    }
    return {name: value for name, value in document.items() if value is not None}


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _exclusion(document: Mapping[str, Any]) -> Exclusion:
    span = document.get("for")
    on, first, last = (
        date.fromisoformat(document[name]) if name in document else None
        for name in ("on", "from", "to")
    )
    return Exclusion(
        cron=document.get("cron"),
        span=None if span is None else timedelta(seconds=span),
        on=on,
        first=first,
        last=last,
        country=document.get("country"),
        subdivision=document.get("subdivision"),
        zone=document["zone"],
    )


def _rule_document(rule: Rule) -> dict[str, Any]:
    return {
        "kind": rule.kind.value,
        "share": rule.share,
        "features": list(rule.features),
        "weights": [list(pair) for pair in rule.weights],
    }


def rule_of(document: Mapping[str, Any]) -> Rule:
    return Rule(
        kind=RuleKind(document["kind"]),
        share=document["share"],
        features=tuple(document["features"]),
        weights=tuple((name, float(weight)) for name, weight in document["weights"]),
    )
