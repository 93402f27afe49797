"""What rules and dashboards ask for is told: names and labels are of the table of series."""

import re

import pytest

from app.metrics.series import Kind, Series
from tests.deploy.expressions import Expression, expressions

SELECTOR = re.compile(r"\b(leeway_\w+)(?:\{([^}]*(?:\{\w+\}[^}]*)*)\})?")
LABEL = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
BY_PROMETHEUS = {"job", "instance"}


def told() -> dict[str, set[str]]:
    """Return the labels of every sample by its name."""
    found: dict[str, set[str]] = {}
    for series in Series:
        endings = ("_bucket", "_sum", "_count") if series.kind is Kind.HISTOGRAM else ("",)
        for ending in endings:
            more = {"le"} if ending == "_bucket" else set[str]()
            found[series.sample + ending] = {*series.labels, *more, *BY_PROMETHEUS}
    return found


@pytest.mark.parametrize("expression", expressions(), ids=str)
def test_every_name_and_label_is_in_the_table(expression: Expression) -> None:
    known = told()
    selectors = SELECTOR.findall(expression.text)
    assert selectors or 'up{job="leeway"}' in expression.text
    for name, labels in selectors:
        assert name in known, name
        assert set(LABEL.findall(re.sub(r'"[^"]*"', "", labels))) <= known[name], (name, labels)
