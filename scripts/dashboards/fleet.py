"""All models: what is wrong now, where, and since when."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders.common import TableSortByFieldState
from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common

from scripts.dashboards.frame import framed, placed
from scripts.dashboards.panels import (
    BAD,
    GOOD,
    IDLE,
    LEEWAY,
    NOTHING_YET,
    WATCH,
    AnyPanel,
    bands,
    lines,
    linked,
    number,
    rows,
)

CHAMPION = (
    "on (model, version) group_left ()"
    ' max by (model, version) (leeway_version_info{role="champion"})'
)
"""Multiplied by it, only what belongs to champions is left."""
WINDOWS = "max by (model) (max by (model, version, monitor) (leeway_window_state"
OF_MODEL = (
    "/d/leeway-model/leeway-model?var-model=${__data.fields.model}"
    "&${datasource:queryparam}&${leeway:queryparam}"
)
SEVERITIES = {
    "P1": "traffic that stopped",
    "P2": "drift",
    "P3": "data quality",
    "P4": "retrainings that failed",
}
"""What has which severity where nobody declared another."""
NAMES = {
    0: ("ok", GOOD),
    1: ("cannot be judged", WATCH),
    2: ("drift", BAD),
    3: ("not judged yet", IDLE),
}
NOT_JUDGED = '0 * max by (model) (leeway_version_info{role="champion"}) + 3'
"""What is left where a champion is new, and no window of it was judged."""


def fleet() -> Dashboard:
    made = framed("leeway-fleet", "Leeway: fleet", "All models, the worst of them first.", 168)
    return placed(made, [("", _numbers()), ("", [_worst()]), ("", [_states()]), ("", _traffic())])


def _numbers() -> Sequence[AnyPanel]:
    models = "count(count by (model) (leeway_version_info))"
    about = "Models with a version that is not retired."
    found = [_firing(severity, usual) for severity, usual in SEVERITIES.items()]
    return [*found, number("Models", models, "none", about=about)]


def _firing(severity: str, usual: str) -> AnyPanel:
    alerts = "max by (model, version, segment, monitor)"
    expr = f'sum({alerts} (leeway_alert_firing{{severity="{severity}"}})) or {NOTHING_YET}'
    about = f"Alerts of severity {severity} that fire now: {usual}, if nothing else was declared."
    panel = number(f"{severity} alerts", expr, "none", ((0, GOOD), (1, BAD)), about=about)
    return linked(panel, "Alerts in Leeway", f"{LEEWAY}/alerts")


def _worst() -> AnyPanel:
    exprs = {
        "alerts that fire": (
            "sum by (model) (max by (model, version, segment, monitor) (leeway_alert_firing))"
        ),
        "drifted features": (
            "max by (model) (max by (model, version, monitor)"
            f' (leeway_window_features{{state="drift"}}) * {CHAMPION})'
        ),
        "last window ended": ("max by (model) (leeway_window_end_timestamp_seconds) * 1000"),
        "rows a minute": (
            "sum by (model) (max by (model, version)"
            " (rate(leeway_ingest_rows_received_total[10m]))) * 60"
        ),
        "champion since": "max by (model) (leeway_champion_since_timestamp_seconds) * 1000",
    }
    units = {"last window ended": "dateTimeFromNow", "champion since": "dateTimeFromNow"}
    panel = rows(
        "Models",
        exprs,
        ["model"],
        units,
        about="Those with alerts, and then those with most drifted features, come first. Nothing "
        "is said of drifted features while the champion is new and was not judged.",
    )
    worst: list[Builder[common.TableSortByFieldState]] = [
        TableSortByFieldState().display_name(name).desc(True) for name in list(exprs)[:2]
    ]
    return linked(panel.sort_by(worst), "This model", OF_MODEL)


def _states() -> AnyPanel:
    drift = f'{WINDOWS}{{state="drift"}}) * {CHAMPION})'
    odd = f'{WINDOWS}{{state=~"insufficient_data|error"}}) * {CHAMPION})'
    return bands(
        "What the champions' last windows were judged to be",
        f"clamp_max({drift} * 2 + {odd}, 2) or {NOT_JUDGED}",
        "{{model}}",
        NAMES,
        about="The worst that any monitor says of a model's last window, over time.",
    )


def _traffic() -> Sequence[AnyPanel]:
    by_result = (
        "sum by (result) (max by (model, version, result) (rate(leeway_ingest_rows_total[5m])))"
    )
    verdicts = (
        "sum by (state) (max by (model, version, monitor, state)"
        " (increase(leeway_verdicts_total[1h])))"
    )
    return [
        lines("Rows", {"{{result}}": by_result}, "rowsps", about="Rows by what became of them."),
        lines(
            "Verdicts in an hour",
            {"{{state}}": verdicts},
            "short",
            about="Windows that were judged. The points are exemplars: ids of verdicts.",
            exemplars=True,
        ),
    ]
