"""From two sets of decoded rows to a comparison. Pure; whoever reads files is elsewhere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from app.domain.batch import LONGEST_NAME, CountVector, Table
from app.domain.counts.counting import count_all
from app.domain.errors import Fault, Invalid
from app.domain.model import Feature, Kind, Role, Schema
from app.domain.references.reference import MOST_CELLS, Reference, build_reference
from app.domain.rows.infer import ROLES, infer_schema
from app.domain.rows.profile import read_countables, refuse_nested
from app.domain.telling.comparison import Compared, Comparison, NotCompared, Side
from app.domain.telling.wording import changes
from drift_core import Counts, FeatureVerdict, Policy, State, judge

ORDER = (State.DRIFT, State.ERROR, State.INSUFFICIENT_DATA, State.OK)
LATER = frozenset({Role.PREDICTION, Role.SCORE, Role.LABEL})
"""What current rows may lack without having drifted: it is known later, or to others."""

MOST_COLUMNS = 1_000
GONE = "the column is not there; ignore it if that is right"
LEFT_OUT = frozenset({"ignored", "unknown"})
"""Warnings that say that a column took no part, which has a place of its own."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which columns to compare, and what they are taken for; the rest is inferred."""

    only: frozenset[str] = frozenset()
    """All where empty."""
    ignored: frozenset[str] = frozenset()
    kinds: Mapping[str, Kind] = field(default_factory=dict)

    def takes(self, name: str) -> bool:
        return name not in self.ignored and (not self.only or name in self.only)


@dataclass(frozen=True, slots=True)
class Current:
    """The current rows after counting on the reference's grids."""

    vector: CountVector
    rows: int
    names: frozenset[str]


def learn(table: Table, wanted: Wanted) -> Reference:
    """Count the reference, which decides on kinds, grids and bins.

    Raises
    ------
    Invalid
        No column can be compared, or one that was named is not there or cannot be.
    """
    _hold_names(table, wanted)
    taken = replace(
        table,
        columns={n: c for n, c in table.columns.items() if wanted.takes(n)},
        nested={n: k for n, k in table.nested.items() if wanted.takes(n)},
    )
    schema = _schema(taken, wanted)
    counted = len(schema.counted())
    if counted > MOST_COLUMNS:
        detail = f"{counted} columns would be compared, at most {MOST_COLUMNS} can be; choose some"
        raise Invalid(detail, (Fault("too many columns"),))
    cells = MOST_CELLS * max(1, counted)
    return build_reference(taken, schema, None, cells)


def count_current(reference: Reference, tables: Iterable[Table]) -> Current:
    """Count the current rows, piece by piece; adding up is exact.

    Raises
    ------
    Invalid
        A column to be counted is nested.
    """
    vector, rows = reference.grids.zero(), 0
    names: set[str] = set()
    for table in tables:
        refuse_nested(table, reference.schema)
        values = read_countables(table, reference.schema).values
        vector = vector + count_all(reference.grids, values)
        rows += table.rows
        names.update(table.columns, table.nested)
    return Current(vector, rows, frozenset(names))


def compare(
    reference: Reference,
    current: Current,
    names: tuple[str, str],
    policy: Policy,
    wanted: Wanted,
) -> Comparison:
    """Judge the current rows against the reference, all columns together.

    Parameters
    ----------
    reference, current
        Counted.
    names
        What the two sides are called in reports.
    policy
        How sure and how large a change must be.
    wanted
        As the reference was learned with.
    """
    known = reference.schema.by_name()
    gone = [f.name for f in reference.schema.features if f.name not in current.names]
    judged = [
        feature
        for feature in reference.schema.counted()
        if not (feature.name in gone and role_of(feature) in LATER)
    ]
    ref = _counts(reference, reference.vector, judged)
    cur = _counts(reference, current.vector, judged)
    verdict = judge(ref, cur, policy)
    features = [
        _compared(feature, verdict.features[feature.name], ref, cur, feature.name in gone)
        for feature in judged
    ]
    return Comparison(
        reference=Side(names[0], reference.rows),
        current=Side(names[1], current.rows),
        policy=policy,
        verdict=verdict,
        features=tuple(sorted(features, key=_worst_first)),
        not_compared=tuple(_not_compared(reference, gone)),
        only_reference=tuple(n for n in gone if role_of(known[n]) not in LATER),
        only_current=tuple(
            sorted(n for n in current.names - known.keys() if wanted.takes(n) and _nameable(n))
        ),
        warnings=tuple(w for w in reference.warnings if w.code not in LEFT_OUT),
    )


def role_of(feature: Feature) -> Role:
    """Return the role that a column's name gives it; a label is judged like a feature here."""
    named = ROLES.get(feature.name, Role.FEATURE)
    return Role.LABEL if named is Role.LABEL else feature.role


def _hold_names(table: Table, wanted: Wanted) -> None:
    """Refuse columns that were named and are not there: a slip would compare less than asked."""
    there = {*table.columns, *table.nested}
    strange = sorted({*wanted.only, *wanted.ignored, *wanted.kinds} - there)
    if strange:
        faults = tuple(Fault("the reference has no such column", field=n) for n in strange)
        raise Invalid("a column that was named is not in the reference", faults)


def _schema(table: Table, wanted: Wanted) -> Schema:
    # no time is told here, so that a column named for it may hold anything
    untimed = {n: c for n, c in table.columns.items() if ROLES.get(n) is not Role.TIMESTAMP}
    found = infer_schema(replace(table, columns=untimed)).by_name()
    return Schema(
        tuple(
            _declared(found[name], wanted)
            if name in found
            else Feature(name, Kind.IGNORED, Role.TIMESTAMP, why="it tells the time")
            for name in (*table.columns, *table.nested)
            if _nameable(name)
        )
    )


def _nameable(name: str) -> bool:
    return len(name.encode()) <= LONGEST_NAME


def _declared(feature: Feature, wanted: Wanted) -> Feature:
    if feature.role is Role.LABEL:
        feature = replace(feature, role=Role.FEATURE)
    kind = wanted.kinds.get(feature.name)
    if kind is None:
        return feature
    role = feature.role if kind is feature.kind else Role.FEATURE
    return replace(feature, kind=kind, role=role, why="declared")


def _counts(
    reference: Reference, vector: CountVector, features: Iterable[Feature]
) -> dict[str, Counts]:
    return {f.name: reference.grids.counts(vector, f.name) for f in features}


def _compared(
    feature: Feature,
    verdict: FeatureVerdict,
    ref: Mapping[str, Counts],
    cur: Mapping[str, Counts],
    gone: bool,
) -> Compared:
    before, after = ref[feature.name], cur[feature.name]
    told = (GONE,) if gone else changes(before, after)
    return Compared(feature.name, feature.kind, role_of(feature), verdict, before, after, told)


def _worst_first(one: Compared) -> tuple[int, bool, float, str]:
    psi = one.psi if one.psi is not None and np.isfinite(one.psi) else 0.0
    return ORDER.index(one.verdict.state), not one.verdict.warning, -psi, one.name


def _not_compared(reference: Reference, gone: Iterable[str]) -> Iterable[NotCompared]:
    lost = set(gone)
    for feature in reference.schema.features:
        if not feature.counted:
            yield NotCompared(feature.name, feature.why)
        elif feature.name in lost and role_of(feature) in LATER:
            yield NotCompared(feature.name, f"the current rows have no {role_of(feature)}")
    for warning in reference.warnings:
        if warning.code == "unknown" and warning.feature is not None:
            yield NotCompared(warning.feature, f"its name is longer than {LONGEST_NAME} bytes")
