"""Domain values to and from the JSON documents they are stored as."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import timedelta
from typing import Any

from app.domain.batch import Findings
from app.domain.model import Feature, Kind, Precision, Role, Schema, TimeUnit, Warned
from app.domain.monitors.monitor import Severities, Severity
from app.domain.retention import Retention
from app.domain.segments.segment import Segmentation


def schema_document(schema: Schema) -> list[dict[str, Any]]:
    return [
        {
            "name": feature.name,
            "kind": feature.kind.value,
            "role": feature.role.value,
            "precision": feature.precision.value,
            "sensitive": feature.sensitive,
            "time_unit": feature.time_unit.value if feature.time_unit else None,
            "why": feature.why,
        }
        for feature in schema.features
    ]


def schema_of(document: list[dict[str, Any]]) -> Schema:
    return Schema(tuple(_feature(entry) for entry in document))


def _feature(entry: Mapping[str, Any]) -> Feature:
    unit = entry["time_unit"]
    return Feature(
        name=entry["name"],
        kind=Kind(entry["kind"]),
        role=Role(entry["role"]),
        precision=Precision(entry["precision"]),
        sensitive=entry["sensitive"],
        time_unit=TimeUnit(unit) if unit else None,
        why=entry["why"],
    )


def severities_document(severities: Severities | None) -> dict[str, str] | None:
    if severities is None:
        return None
    return {one.name: getattr(severities, one.name).value for one in fields(severities)}


def severities_of(document: Mapping[str, str] | None) -> Severities | None:
    if document is None:
        return None
    return Severities(**{name: Severity(said) for name, said in document.items()})


def retention_document(retention: Retention | None) -> dict[str, int] | None:
    """Return the days of each age."""
    if retention is None:
        return None
    return {one.name: getattr(retention, one.name).days for one in fields(retention)}


def retention_of(document: Mapping[str, int] | None) -> Retention | None:
    if document is None:
        return None
    return Retention(**{name: timedelta(days=days) for name, days in document.items()})


def segments_document(segments: Segmentation | None) -> dict[str, Any] | None:
    if segments is None:
        return None
    return {"columns": [list(group) for group in segments.groups], "most": segments.most}


def segments_of(document: Mapping[str, Any] | None) -> Segmentation | None:
    if document is None:
        return None
    return Segmentation(tuple(tuple(group) for group in document["columns"]), document["most"])


def warnings_document(warnings: tuple[Warned, ...]) -> list[list[str | None]]:
    return [[warned.feature, warned.code, warned.message] for warned in warnings]


def warnings_of(document: list[list[str]]) -> tuple[Warned, ...]:
    return tuple(Warned(feature, code, message) for feature, code, message in document)


def findings_document(findings: Findings) -> dict[str, Any] | None:
    """Return None where there is nothing to say, which is the rule."""
    if not (findings.invalid or findings.absent or findings.unknown):
        return None
    rows = {name: list(numbers) for name, numbers in findings.invalid_rows.items()}
    return {
        "invalid": dict(findings.invalid),
        "absent": list(findings.absent),
        "unknown": list(findings.unknown),
        **({"invalid_rows": rows} if rows else {}),
    }


def findings_of(document: Mapping[str, Any] | None) -> Findings:
    if document is None:
        return Findings()
    return Findings(
        invalid=document["invalid"],
        absent=tuple(document["absent"]),
        unknown=tuple(document["unknown"]),
        invalid_rows={name: tuple(rows) for name, rows in document.get("invalid_rows", {}).items()},
    )
