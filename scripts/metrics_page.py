"""Writes docs/metrics.md from the table of series; with ``--check`` says whether it is in sync."""

import sys
from collections.abc import Iterable
from pathlib import Path

from app.metrics.requests import BOUNDS
from app.metrics.series import Kind, Scope, Series
from app.settings import Settings

PAGE = Path(__file__).parents[1] / "docs" / "metrics.md"
HEAD = """# Metrics

Made by `python -m scripts.metrics_page` from the table in `app/metrics/series.py`. How to scrape,
what to alert on, and the dashboards: [Prometheus and Grafana](prometheus.md).

`GET /metrics` answers in Prometheus's text format, or in OpenMetrics where `Accept` asks for it;
only there has `leeway_verdicts_total` exemplars, whose `verdict_id` leads to `/v1/verdicts/ID`.
Every sample of a series has the same labels. Labels are cut at 200 characters; two that begin alike
stay apart. What is unknown is absent, never 0. What belongs to a deleted model or to a version that
is retired disappears.
"""
STORED = """Read from the database, so every replica says the same: aggregate with `max`, not with
`sum`. `leeway_verdicts_total` counts the verdicts of all replicas, from the moment on in which the
one that is asked was scraped first."""
OWN = "What each replica knows of itself: aggregate with `sum`."
SECTIONS = (("Stored", STORED, Scope.STORED), ("Of one replica", OWN, Scope.REPLICA))


def page() -> str:
    """Return the page."""
    return "\n".join(
        [HEAD, *(line for section in SECTIONS for line in _section(*section)), _budget()]
    )


def _section(title: str, about: str, scope: Scope) -> Iterable[str]:
    yield f"## {title}\n\n{about}\n"
    yield "| series | type | labels | meaning |\n|---|---|---|---|"
    for series in Series:
        if series.scope is scope:
            labels = ", ".join(f"`{label}`" for label in series.labels) or "none"
            yield f"| `{series.sample}` | {series.kind} | {labels} | {_meaning(series)} |"
    yield ""


def _meaning(series: Series) -> str:
    if series.kind is not Kind.HISTOGRAM:
        return series.meaning
    bounds = ", ".join(f"{bound:g}" for bound in BOUNDS)
    return f"{series.meaning} Buckets up to {bounds} s."


def _budget() -> str:
    features = Settings.model_fields["metrics_features"].default
    return f"""## How many series

Features are what makes series many: each has 5, and 6 more for every statistic. As many as
`LEEWAY_METRICS_FEATURES` says ({features:,} by default) have series, counted once for each monitor
and version, over the whole service. The worst come first: those with page evidence, those that
drifted, those with a warning, and then the others, as many of each monitor as of the next.
`leeway_window_features_left_out` says how many were left out, `leeway_window_features` has all of
them by state. Beside its features, a version has about 15 series, and about 20 for each monitor
that looks at it; a target has 6, a source 8, and a route 16 for each method and 1 for each status.
Segments have no series but those of their alerts."""


def main() -> int:
    wanted = page().rstrip() + "\n"
    if "--check" not in sys.argv:
        PAGE.write_text(wanted)
        return 0
    if PAGE.exists() and PAGE.read_text() == wanted:
        return 0
    print(f"{PAGE} differs from the series: run 'make openapi'", file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
