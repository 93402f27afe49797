"""A comparison as a JSON document for programs; docs/check.md says what each field means."""

import math
from dataclasses import fields
from typing import Any

from app.domain.telling.comparison import Compared, Comparison, summary
from app.domain.telling.distribution import distribution
from drift_core import Estimate, State

FORMAT = "leeway.comparison/1"
Json = dict[str, Any]


def document(comparison: Comparison, status: int, version: str) -> Json:
    """Return a comparison as JSON types; every float is finite or None, with its reason beside.

    Parameters
    ----------
    comparison
        What was found.
    status
        The exit status that goes with it.
    version
        Of Leeway.
    """
    verdict, policy = comparison.verdict, comparison.policy
    return {
        "format": FORMAT,
        "leeway": version,
        "state": verdict.state.value,
        "reason": verdict.reason,
        "exit_status": status,
        "summary": summary(comparison),
        "drifted": [one.name for one in comparison.of_state(State.DRIFT)],
        "reference": {"name": comparison.reference.name, "rows": comparison.reference.rows},
        "current": {"name": comparison.current.name, "rows": comparison.current.rows},
        "policy": {"level": policy.level, "min_psi": policy.thresholds_of("psi").drift},
        "features": [_feature(one) for one in comparison.features],
        "not_compared": [
            {"name": one.name, "reason": one.reason} for one in comparison.not_compared
        ],
        "only_in_reference": list(comparison.only_reference),
        "only_in_current": list(comparison.only_current),
        "warnings": [
            {"feature": one.feature, "code": one.code, "message": one.message}
            for one in comparison.warnings
        ],
    }


def _feature(one: Compared) -> Json:
    verdict = one.verdict
    return {
        "name": one.name,
        "kind": one.kind.value,
        "role": one.role.value,
        "state": verdict.state.value,
        "warning": verdict.warning,
        "reason": verdict.reason,
        "p_value": _finite(verdict.p_value),
        "p_adjusted": _finite(verdict.p_adjusted),
        "rules": list(verdict.rules),
        "changes": list(one.changes),
        "missing": _shares(one.reference.missing, one.current.missing, one),
        "invalid": _shares(one.reference.invalid, one.current.invalid, one),
        "estimates": {name: _estimate(found) for name, found in verdict.estimates.items()},
        "bins": [
            {part.name: getattr(found, part.name) for part in fields(found)}
            for found in distribution(one.reference, one.current)
        ],
    }


def _shares(before: int, after: int, one: Compared) -> Json:
    return {
        "reference": before / one.reference.rows if one.reference.rows else None,
        "current": after / one.current.rows if one.current.rows else None,
    }


def _estimate(found: Estimate) -> Json:
    numbers = ("value", "effect", "lower", "upper", "null_mean", "p_value")
    return {
        **{name: _finite(getattr(found, name)) for name in numbers},
        "n_ref": found.n_ref,
        "n_cur": found.n_cur,
        "reason": found.reason,
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
