"""What of a model may be declared anew, and what would make stored counts unreadable."""

from datetime import timedelta

from app.domain.batch import LONGEST_NAME
from app.domain.errors import Conflict, Fault, Invalid
from app.domain.model import Feature, Kind, Model, Role, Schema, Settings
from app.domain.retention import faults_of
from app.domain.window import PANE

LONGEST = timedelta(days=366)
ONE_OF_EACH = (Role.ID, Role.TIMESTAMP, Role.PREDICTION, Role.SCORE, Role.LABEL)


def check_settings(settings: Settings) -> None:
    """Refuse widths that panes cannot make up.

    Raises
    ------
    Invalid
        Names the field.
    """
    faults = []
    if settings.window % PANE or not PANE <= settings.window <= LONGEST:
        faults.append(Fault("must be a multiple of 15m, from 15m to 366d", "/window"))
    if not timedelta(0) <= settings.lateness <= LONGEST:
        faults.append(Fault("must be from 0m to 366d", "/lateness"))
    if not timedelta(0) <= settings.final_after <= 10 * LONGEST:
        faults.append(Fault("must be from 0m to 3660d", "/final_after"))
    if settings.retention is not None:
        faults += faults_of(settings.retention, settings.final_after)
    if faults:
        raise Invalid("the model's times are out of range", tuple(faults))


def check_row_identity(settings: Settings, schema: Schema | None) -> None:
    """Refuse to count each row once where nothing tells rows apart.

    Raises
    ------
    Invalid
        The schema names no column of ids, or there is none yet.
    """
    if settings.row_horizon is None or (schema is not None and schema.of_role(Role.ID)):
        return
    fault = Fault("needs a schema with a column whose role is id", "/deduplicate_rows")
    raise Invalid("rows can be told apart by their ids only", (fault,))


def check_schema(schema: Schema, limit: int = 1_000) -> None:
    """Refuse schemas that contradict themselves or are too wide.

    Raises
    ------
    Invalid
        Names the column.
    """
    faults = []
    seen: set[str] = set()
    for index, feature in enumerate(schema.features):
        pointer = f"/schema/features/{index}"
        if feature.name in seen:
            faults.append(Fault("is declared twice", pointer, field=feature.name))
        seen.add(feature.name)
        if reason := _contradiction(feature):
            faults.append(Fault(reason, pointer, field=feature.name))
    for role in ONE_OF_EACH:
        holders = [f.name for f in schema.features if f.role is role]
        faults += [Fault(f"only one column can be the {role}", field=name) for name in holders[1:]]
    counted = len(schema.counted())
    if counted > limit:
        faults.append(Fault(f"{counted} columns are counted; at most {limit} can be"))
    if faults:
        raise Invalid("the schema cannot be used", tuple(faults))


def _contradiction(feature: Feature) -> str | None:
    if len(feature.name.encode()) > LONGEST_NAME:
        return f"its name has more than {LONGEST_NAME} bytes"
    if feature.role is Role.SCORE and feature.kind is Kind.CATEGORICAL:
        return "a score must be numeric"
    if feature.time_unit is not None and feature.role is not Role.TIMESTAMP:
        return "only a timestamp has a time unit"
    return None


def check_schema_change(model: Model, schema: Schema | None) -> None:
    """Refuse changes of columns that are counted already; new columns may join.

    Raises
    ------
    Conflict
        Names the first column that would change.
    """
    if schema is None or model.schema is None or model.active_baseline is None:
        return
    declared = schema.by_name()
    for old in model.schema.counted():
        new = declared.get(old.name)
        kept = new is not None and (new.kind, new.role, new.precision) == (
            old.kind,
            old.role,
            old.precision,
        )
        if not kept:
            raise Conflict(
                f"column {old.name!r} is counted on stored grids: its kind, role and precision "
                "stay as they are; declare another model for another meaning",
                code="schema-fixed",
            )


def check_window_change(model: Model, settings: Settings, has_windows: bool) -> None:
    """Refuse another window width once windows exist.

    Raises
    ------
    Conflict
        Says so.
    """
    if has_windows and settings.window != model.settings.window:
        raise Conflict(
            "the model has windows of another width; their width is fixed by the first batch",
            code="window-fixed",
        )
