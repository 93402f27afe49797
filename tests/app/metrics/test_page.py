"""docs/metrics.md: as the table of series makes it."""

from app.metrics.series import Series
from scripts.metrics_page import PAGE, page


def test_the_page_is_in_sync_and_names_every_series() -> None:
    text = PAGE.read_text()
    assert text == page().rstrip() + "\n", "run 'make openapi'"
    assert all(f"| `{series.sample}` |" in text for series in Series)
