"""Shares and figures of the race, by hand; bodies that say the same in every format."""

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from app.sources.formats import FORMATS as READ_BY_US
from app.sources.formats import decode, find_format, inflate
from benchmarks.findings import Found, Line, Table
from benchmarks.intake import goals
from benchmarks.intake.bare import DECODERS
from benchmarks.intake.contest import DECODE, READ, SERVICES, TWO
from benchmarks.intake.table import lines, markdown, share, show
from benchmarks.intake.traffic import BY_PATH, FEATURES, FORMATS, NUMBERS, make

BEGIN = datetime(2026, 1, 5, 12, tzinfo=UTC)


def found(
    postgres: float, sqlite: float = 0.5, rows: int = 1, p99: float = 40.0, two: float = 0.25
) -> Found:
    """A case whose body takes 0.1 s to read and 0.2 s to decode."""
    key = f"JSON rows x {rows:,}"
    each = {READ: 0.1, DECODE: 0.2, "PostgreSQL": postgres, TWO: two, "SQLite": sqlite}
    table = Table(key, key, DECODE, tuple(Line(n, t, t, rows) for n, t in each.items()))
    figures = {
        f"{key}, {name}, at half the peak, {p} ms": figure
        for name in SERVICES
        for p, figure in (("p50", 5.0), ("p99", p99))
    }
    return Found({}, (table,), figures)


def test_a_share_is_of_the_rate():
    assert share(found(0.4).tables[0], "PostgreSQL", DECODE) == pytest.approx(0.5)
    assert goals.of_reading()(found(0.4)) == pytest.approx(0.25)
    assert goals.of_reading(TWO)(found(0.4, two=0.2)) == pytest.approx(0.5)
    assert goals.on_sqlite(found(0.4, 0.8)) == pytest.approx(0.5)
    assert goals.slowest_answers(found(0.4, p99=120.0)) == 120.0


def test_the_worst_format_of_a_size_is_asked_for():
    fine, poor = found(0.25, rows=100), found(1.0, rows=100)
    both = Found({}, (*fine.tables, *poor.tables))
    assert goals.of_decoding(100)(both) == pytest.approx(0.2)
    assert goals.of_decoding(100, TWO)(both) == pytest.approx(0.8)
    assert goals.of_decoding(10_000)(both) is None


def test_the_table_says_rates_shares_and_percentiles():
    (row,) = lines(found(0.4, rows=1))
    assert row == (
        *("JSON rows x 1", "10", "5"),
        *("2", "50%", "4", "80%", "2", "40%"),
        *("25%", "40%", "5.0, 40", "5.0, 40", "5.0, 40"),
    )
    assert "| JSON rows x 1 |" in markdown(found(0.4))
    assert "25%" in show(found(0.4))


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.path)
def test_bodies_say_the_same_in_every_format(form):
    frame = make(50, 3, BEGIN)
    body = form.encode(frame)
    assert DECODERS[form.path](body) is not None
    if form.media_type not in READ_BY_US:
        pytest.skip("the service does not read this format")
    plain = inflate(body, form.encoding, find_format(form.media_type).limits)
    table = decode(plain, form.media_type)
    assert table.rows == 50
    assert set(table.columns) == {"id", "timestamp", *FEATURES}
    for name in FEATURES[:NUMBERS]:
        values = pl.Series(table.columns[name]).cast(pl.Float64)
        assert np.array_equal(values.to_numpy(), frame[name].to_numpy())


def test_paths_name_formats():
    assert set(BY_PATH) == set(DECODERS)
