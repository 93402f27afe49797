"""A comparison as one HTML page that loads nothing: no script, no font, no picture."""

import base64
import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from app.domain.model import Kind
from app.domain.telling.comparison import Compared, Comparison, reason, summary
from app.domain.telling.distribution import BinShare, distribution
from app.domain.telling.shape import Bar, shape
from app.domain.telling.wording import percent
from app.report.figures import decimal, missing, p_value, verdict_of, word_of
from app.report.names import shown
from app.report.templating import escaping
from drift_core import State

TEMPLATES = Path(__file__).parent / "templates"
MOST_CHARTS = 60
"""Features that are drawn in full, worst first; all are in the table."""
SPARK_BARS = 16
NOT_VALUES = ("missing", "invalid")


def page(comparison: Comparison, version: str) -> str:
    """Return the page as text, to be written as UTF-8.

    Its policy allows one style sheet, by its digest, and nothing else; what strangers named is
    escaped, cut, and kept from turning the direction of what stands beside it.
    """
    css = (TEMPLATES / "page.css").read_text()
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return (
        environment()
        .get_template("page.html")
        .render(
            comparison=comparison,
            state=comparison.verdict.state.value,
            summary=shown(summary(comparison), 2_000),
            drifted=len(comparison.of_state(State.DRIFT)),
            unjudged=sum(verdict_of(one) in ("unjudged", "error") for one in comparison.features),
            rows=[_row(at, one) for at, one in enumerate(comparison.features)],
            charts_of=[_chart(at, one) for at, one in enumerate(comparison.features[:MOST_CHARTS])],
            min_psi=comparison.policy.thresholds_of("psi").drift,
            version=version,
            css=Markup(css),  # noqa: S704  our own file
            style_digest=f"sha256-{digest}",
        )
    )


@lru_cache(1)
def environment() -> Environment:
    """Return the templates' environment with what they call."""
    made = escaping(TEMPLATES)
    made.filters |= {"percent": percent, "shown": shown, "decimal": decimal, "p_value": p_value}
    made.filters["word"] = word_of
    return made


def _row(at: int, one: Compared) -> dict[str, Any]:
    values = _values(shape(one.reference, one.current, SPARK_BARS))
    return {
        "id": f"f{at}" if at < MOST_CHARTS else None,
        "name": one.name,
        "kind": one.kind.value,
        "verdict": verdict_of(one),
        "psi": decimal(one.psi),
        "distance": decimal(one.distance),
        "p": p_value(one.verdict.p_adjusted),
        "missing": missing(one),
        "bars": values,
        "changes": one.changes if verdict_of(one) != "ok" else (),
        "reason": reason(one.verdict.reason) if one.verdict.reason else None,
    }


def _chart(at: int, one: Compared) -> dict[str, Any]:
    bars = shape(one.reference, one.current)
    numeric = one.kind is Kind.NUMERIC
    estimates = one.verdict.estimates.values()
    return _row(at, one) | {
        "role": one.role.value,
        "histogram": _values(bars) if numeric else (),
        "levels": [bar for bar in bars if not numeric or bar.kind in NOT_VALUES],
        "told": one.changes,
        "bins": [
            one_bin for one_bin in distribution(one.reference, one.current) if _filled(one_bin)
        ],
        "estimates": [found for found in estimates if found.value is not None],
    }


def _values(bars: tuple[Bar, ...]) -> tuple[Bar, ...]:
    return tuple(bar for bar in bars if bar.kind not in NOT_VALUES)


def _filled(share: BinShare) -> bool:
    return bool(share.reference or share.current)
