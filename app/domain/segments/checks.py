"""Which columns may divide a model's rows into segments, and which may not."""

from app.domain.errors import Fault, Invalid
from app.domain.model import Feature, Kind, Role, Schema
from app.domain.segments.segment import MOST_COLUMNS, MOST_GROUPS, MOST_VALUES, Segmentation

DIVIDING = frozenset({Role.FEATURE, Role.SEGMENT})
POINTER = "/segments"


def check_segments(segments: Segmentation | None, schema: Schema | None) -> None:
    """Refuse columns that cannot divide rows.

    Raises
    ------
    Invalid
        Names each column, and why it cannot.
    """
    if segments is None:
        return
    faults = _of_sizes(segments)
    if schema is None:
        detail = "needs a schema: declare one, or declare the segments after the first baseline"
        faults.append(Fault(detail, POINTER))
    for number, group in enumerate(segments.groups):
        faults += _of_group(f"{POINTER}/columns/{number}", group, schema)
        if frozenset(group) in map(frozenset, segments.groups[:number]):
            faults.append(Fault("is declared twice", f"{POINTER}/columns/{number}"))
    if faults:
        raise Invalid("the segments cannot be used", tuple(faults))


def _of_sizes(segments: Segmentation) -> list[Fault]:
    faults = []
    if not 1 <= len(segments.groups) <= MOST_GROUPS:
        faults.append(Fault(f"must be from 1 to {MOST_GROUPS} columns or pairs", POINTER))
    if not 1 <= segments.most <= MOST_VALUES:
        faults.append(Fault(f"must be from 1 to {MOST_VALUES}", f"{POINTER}/most"))
    return faults


def _of_group(pointer: str, group: tuple[str, ...], schema: Schema | None) -> list[Fault]:
    faults = []
    if not 1 <= len(group) <= MOST_COLUMNS or len(set(group)) < len(group):
        faults.append(Fault("must be one column or two different ones", pointer))
    known = schema.by_name() if schema else {}
    for place, name in enumerate(group if schema else ()):
        if reason := _unfit(known.get(name)):
            faults.append(Fault(reason, f"{pointer}/{place}", field=name))
    return faults


def _unfit(column: Feature | None) -> str | None:
    if column is None:
        return "the schema has no such column"
    if column.kind is not Kind.CATEGORICAL:
        return "only a categorical column has values to divide rows by"
    if column.role not in DIVIDING:
        return f"a column whose role is {column.role} does not divide rows"
    if column.sensitive:
        return "is sensitive, and the names of segments would tell its values"
    return None
