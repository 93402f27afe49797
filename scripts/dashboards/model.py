"""One model: which features, how much, how sure, and what was done about it."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders.dashboard import Dashboard

from scripts.dashboards.frame import chosen, framed, placed
from scripts.dashboards.panels import (
    BAD,
    GOOD,
    IDLE,
    LEEWAY,
    WATCH,
    AnyPanel,
    bands,
    lines,
    linked,
    number,
    rows,
)

THIS = 'model="$model",version=~"$version",monitor="$monitor"'
VERSION = 'model="$model",version=~"$version"'
STATISTIC = "max by (version, feature, statistic)"
PAGE = f"{LEEWAY}/models/$model"
JUDGED = {0: ("ok", GOOD), 1: ("insufficient data", WATCH), 2: ("error", WATCH), 3: ("drift", BAD)}
ALERTS = {0: ("calm", GOOD), 1: ("fires", BAD)}
RETRAINING = {
    1: ("requested", IDLE),
    2: ("accepted", IDLE),
    3: ("running", IDLE),
    4: ("succeeded", GOOD),
    5: ("promoted", GOOD),
    6: ("rejected", WATCH),
    7: ("failed", BAD),
    8: ("timed out", BAD),
}


def model() -> Dashboard:
    made = framed("leeway-model", "Leeway: model", "One model as one monitor sees it.", 720)
    made = made.with_variable(chosen("model", "Model", "leeway_version_info"))
    versions = 'leeway_version_info{model="$model"}'
    made = made.with_variable(chosen("version", "Version", versions, every=True))
    monitors = 'leeway_window_rows{model="$model"}'
    made = made.with_variable(chosen("monitor", "Monitor", monitors))
    layout = [
        ("", _numbers()),
        ("", [_effects()]),
        ("", [_features()]),
        ("", [_state(), _alerts()]),
        ("", [_rows(), _retrainings()]),
    ]
    return placed(made, layout)


def _numbers() -> Sequence[AnyPanel]:
    drifted = number(
        "Drifted features",
        f'max(leeway_window_features{{{THIS},state="drift"}})',
        "none",
        ((0, GOOD), (1, BAD)),
        about="Of the last judged window.",
    )
    coverage = f"min(leeway_window_coverage_ratio{{{THIS}}})"
    steps = ((0, BAD), (0.95, GOOD))
    about = "Share of the rows that sources sent; unknown where none says how many it sent."
    return [
        linked(drifted, "This model in Leeway", PAGE),
        number(
            "Rows",
            f"max(leeway_window_rows{{{THIS}}})",
            "short",
            about="Of the last judged window.",
        ),
        number("Coverage", coverage, "percentunit", steps, about=about),
        number(
            "Last window ended",
            f"max(leeway_window_end_timestamp_seconds{{{THIS}}}) * 1000",
            "dateTimeFromNow",
            about="In event time: an hour ago is good for hourly windows.",
        ),
        number(
            "Age of the champion",
            'time() - max(leeway_champion_since_timestamp_seconds{model="$model"})',
            "s",
            about="Since it became known or was promoted.",
        ),
    ]


def _effects() -> AnyPanel:
    effect, threshold = (
        f"{STATISTIC} (leeway_statistic_{name}{{{THIS}}})" for name in ("effect", "threshold")
    )
    panel = lines(
        "Effects, in thresholds",
        {"{{feature}} {{statistic}} {{version}}": f"topk(10, {effect} / {threshold})"},
        "short",
        ((0, GOOD), (1, BAD)),
        about="The ten largest. Above 1 a change matters; whether it is sure, the p-values say.",
    )
    return linked(panel, "This model in Leeway", PAGE)


def _features() -> AnyPanel:
    exprs = {
        name: f"{STATISTIC} (leeway_statistic_{series}{{{THIS}}})"
        for name, series in (
            ("value", "value"),
            ("effect", "effect"),
            ("threshold", "threshold"),
            ("p-value", "p_value"),
        )
    }
    exprs["rows"] = f'{STATISTIC} (leeway_statistic_rows{{{THIS},side="window"}})'
    panel = rows(
        "Features in the last judged window",
        exprs,
        ["feature", "statistic", "version"],
        {"p-value": "sci", "rows": "short"},
        about="Those with series of their own: the worst, where all would be too many.",
    )
    return linked(panel, "This model in Leeway", PAGE)


def _state() -> AnyPanel:
    states = " + ".join(
        f'{value} * max by (version) (leeway_window_state{{{THIS},state="{name}"}})'
        for value, name in ((1, "insufficient_data"), (2, "error"), (3, "drift"))
    )
    about = "What the monitor says of the last judged window, over time."
    return bands("Verdict", states, "{{version}}", JUDGED, about=about)


def _alerts() -> AnyPanel:
    firing = 'max by (monitor, segment, version) (leeway_alert_firing{model="$model"})'
    panel = bands(
        "Alerts",
        firing,
        "{{monitor}} {{segment}} {{version}}",
        ALERTS,
        about="Of all monitors and segments of the model.",
    )
    return linked(panel, "Alerts in Leeway", f"{LEEWAY}/alerts")


def _rows() -> AnyPanel:
    counted = f"max by (version) (leeway_window_rows{{{THIS}}})"
    missing = f"max by (version) (leeway_window_missing_rows{{{THIS}}})"
    late = f'increase(leeway_ingest_rows_total{{{VERSION},result=~"late|rejected"}}[1h])'
    exprs = {
        "in the window {{version}}": counted,
        "missing {{version}}": missing,
        "late or rejected in an hour {{version}}": (
            f"sum by (version) (max by (version, result) ({late}))"
        ),
    }
    return lines("Rows", exprs, "short", about="Of the last judged window, and what is not in it.")


def _retrainings() -> AnyPanel:
    states = " + ".join(
        f'{value} * max(leeway_retraining_state{{model="$model",state="{name.replace(" ", "_")}"}})'
        for value, (name, _) in RETRAINING.items()
    )
    about = "The state of the last one that was asked for."
    panel = bands("Retraining", states, "last retraining", RETRAINING, about=about)
    return linked(panel, "Retrainings in Leeway", f"{LEEWAY}/retrainings")
