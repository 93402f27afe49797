"""The service itself: is it there, does it keep up, does it reach whom it must tell."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders.dashboard import Dashboard

from scripts.dashboards.frame import framed, placed
from scripts.dashboards.panels import (
    BAD,
    GOOD,
    LEEWAY,
    NOTHING_YET,
    WATCH,
    AnyPanel,
    lines,
    linked,
    number,
)

BATCHES = 'route=~"/v1/models/.*/batches",method="POST"'
REQUESTS = "rate(leeway_http_requests_total"
BUCKETS = f"rate(leeway_http_request_duration_seconds_bucket{{{BATCHES}}}[5m])"


def operations() -> Dashboard:
    made = framed("leeway-operations", "Leeway: operations", "How the service itself is.", 6)
    layout = [
        ("", _numbers()),
        ("Requests", [_rate(), _errors(), _duration()]),
        ("Rows", [_rows(), _refused(), _lag()]),
        ("Deliveries and sources", [_deliveries(), _sources()]),
    ]
    return placed(made, layout)


def _numbers() -> Sequence[AnyPanel]:
    dead = number(
        "Deliveries given up",
        f'sum(max by (target) (leeway_deliveries{{state="dead"}})) or {NOTHING_YET}',
        "none",
        ((0, GOOD), (1, BAD)),
        about="Events that a target never took; Leeway's page sends them again.",
    )
    return [
        number(
            "Replicas",
            "count(leeway_build_info) or vector(0)",
            "none",
            ((0, BAD), (1, GOOD)),
            about="That answer to Prometheus.",
        ),
        number(
            "Errors in 5 minutes",
            f'sum(increase(leeway_http_requests_total{{status=~"5.."}}[5m])) or {NOTHING_YET}',
            "short",
            ((0, GOOD), (1, WATCH), (20, BAD)),
            about="Requests answered with 5xx, by all replicas.",
        ),
        linked(dead, "Deliveries in Leeway", f"{LEEWAY}/deliveries"),
        number(
            "Row ids",
            "max(leeway_row_ids) / max(leeway_row_ids_limit)",
            "percentunit",
            ((0, GOOD), (0.9, BAD)),
            about="Of those that may be remembered.",
        ),
        number(
            "Features without series",
            "sum(max by (model, version, monitor) (leeway_window_features_left_out))",
            "none",
            ((0, GOOD), (1, WATCH)),
            about="Beyond LEEWAY_METRICS_FEATURES; the worst always have series.",
        ),
    ]


def _rate() -> AnyPanel:
    exprs = {"{{method}} {{route}}": f"topk(8, sum by (method, route) ({REQUESTS}[5m])))"}
    return lines("Requests", exprs, "reqps", about="The eight busiest routes.")


def _errors() -> AnyPanel:
    refused = f'{REQUESTS}{{status=~"[45].."}}[5m])'
    exprs = {
        "{{status}} {{method}} {{route}}": f"topk(8, sum by (status, method, route) ({refused}))"
    }
    return lines("Errors", exprs, "reqps", about="Requests answered with 4xx or 5xx.")


def _duration() -> AnyPanel:
    exprs = {
        name: f"histogram_quantile({share}, sum by (le) ({BUCKETS}))"
        for name, share in (("half", 0.5), ("95 of 100", 0.95), ("99 of 100", 0.99))
    }
    steps = ((0, GOOD), (2.5, BAD))
    return lines(
        "Answers to batches",
        exprs,
        "s",
        steps,
        about="Batches: how long half, 95 and 99 of a hundred took at most.",
    )


def _rows() -> AnyPanel:
    by_result = (
        "sum by (result) (max by (model, version, result) (rate(leeway_ingest_rows_total[5m])))"
    )
    about = "Rows a second; those of refused batches are among the rejected."
    return lines("Rows by what became of them", {"{{result}}": by_result}, "rowsps", about=about)


def _refused() -> AnyPanel:
    """Batches have a panel of their own: they are no rows a second."""
    refused = (
        "sum by (reason) (max by (model, reason) (increase(leeway_rejected_batches_total[5m])))"
    )
    panel = lines(
        "Batches refused in 5 minutes",
        {"{{reason}}": refused},
        "short",
        about="By reason; Leeway's page lists each with its rows and fields.",
    )
    return linked(panel, "Ingest in Leeway", f"{LEEWAY}/ingest")


def _lag() -> AnyPanel:
    lag = (
        "max by (model, version) (leeway_ingest_latest_event_timestamp_seconds)"
        " - max by (model, version) (leeway_windows_open_oldest_end_timestamp_seconds)"
        " - max by (model, version) (leeway_windows_open_lateness_seconds)"
    )
    exprs = {"{{model}} {{version}}": f"topk(8, clamp_min({lag}, 0))"}
    about = "How far rows are beyond the end of a window that waits, and its lateness."
    return lines(
        "Windows that wait to be judged", exprs, "s", ((0, GOOD), (1800, BAD)), about=about
    )


def _deliveries() -> AnyPanel:
    states = 'max by (target, state) (leeway_deliveries{state!~"delivered|superseded"})'
    panel = lines(
        "Deliveries",
        {"{{target}} {{state}}": states},
        "short",
        about="That wait, or were given up.",
    )
    return linked(panel, "Deliveries in Leeway", f"{LEEWAY}/deliveries")


def _sources() -> AnyPanel:
    states = 'max by (model, source, state) (leeway_source_objects{state!="counted"})'
    exprs = {"{{model}} {{source}} {{state}}": states}
    return lines(
        "Objects of sources", exprs, "short", about="That wait (found), or cannot be read."
    )
