"""A slope and its interval, moving bodies, and the tables of ingest's long parts."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from io import BytesIO

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from app.sources.formats import decode
from benchmarks.findings import Found, Line, Table
from benchmarks.intake import blocks, goals, moving
from benchmarks.intake.cpu import spent
from benchmarks.intake.generator import Bodies
from benchmarks.intake.slope import slope

BEGIN = datetime(2026, 1, 5, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_slope_is_that_of_least_squares():
    rng = np.random.default_rng(5)
    times = np.sort(rng.uniform(0, 3, 200))
    values = 300 + 7 * times + rng.normal(size=200)
    found, half = slope(times, values)
    known = stats.linregress(times, values)
    assert found == pytest.approx(known.slope)
    # neighbours do not resemble each other here, so the interval is near the textbook's
    assert half == pytest.approx(known.stderr * stats.t.ppf(0.975, 198), rel=0.3)
    assert abs(found - 7) < half


def test_neighbours_that_resemble_each_other_widen_the_interval():
    rng = np.random.default_rng(6)
    steps = rng.normal(size=400)
    alike = np.zeros(400)
    for place in range(1, 400):
        alike[place] = 0.95 * alike[place - 1] + steps[place]
    times = np.linspace(0, 1, 400)
    textbook = stats.linregress(times, alike).stderr * 1.96
    assert slope(times, alike)[1] > 3 * textbook


def test_a_slope_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(7)
    times = np.linspace(0, 1, 120)
    hits = 0
    for _ in range(300):
        noise = rng.normal(size=120)
        for place in range(1, 120):
            noise[place] += 0.6 * noise[place - 1]
        found, half = slope(times, 2 * times + noise)
        hits += abs(found - 2) <= half
    assert hits / 300 > 0.9


def test_a_straight_line_has_no_doubt_and_few_points_no_slope():
    times = np.arange(10.0)
    assert slope(times, 3 * times) == (pytest.approx(3.0), 0.0)
    with pytest.raises(ValueError, match="five"):
        slope(times[:4], times[:4])


def test_each_request_has_ids_and_times_of_its_own(tmp_path):
    path = tmp_path / "body"
    patches = moving.write(path, 60, BEGIN, HOUR)
    bodies = Bodies(moving.order(1, "m", path, patches, 2))
    seen = set()
    for number in (0, 1, 5):
        body = bytes(bodies.request(number)[1])
        table = pa.ipc.open_stream(BytesIO(body)).read_all()
        ids = table["id"].to_pylist()
        assert not seen & set(ids)
        seen |= set(ids)
        times = table["timestamp"].to_pylist()
        assert times[0] == BEGIN + number * HOUR
        assert len(set(times)) == 60
        assert times[-1] < BEGIN + number * HOUR + moving.SPAN
        assert decode(body, moving.FORM.media_type).rows == 60
    assert len(seen) == 180


def table(key: str, base: str, **seconds: float) -> Table:
    lines = (Line(name.replace("_", " "), s, s, 10_000) for name, s in seconds.items())
    return Table(key, key, base, tuple(lines))


def test_tables_of_the_long_parts_say_rates_and_ratios():
    tenths = table("tenths", "tenth 1", tenth_1=0.1, tenth_10=0.11)
    cpu = table("cpu", "tenth 1", tenth_1=0.2, tenth_10=0.21)
    shown = blocks.history(Found({}, (tenths, cpu), {"MB of a": 2.0, "MB of the database": 9.0}))
    assert "| tenth 10 | 90,900 | 1.05 |" in shown
    assert "| a | 2.0 |" in shown
    two = table("k", "one replica", one_replica=0.2, two_replicas=0.1)
    assert "| k | 50,000 | 100,000 | 2.00 |" in blocks.replicas(Found({}, (two,)))
    rows = table("PostgreSQL x 10,000", "counted", counted=0.05, recognised=0.08)
    assert "| 200,000 | 125,000 | 62% |" in blocks.identities(Found({}, (rows,)))
    assert goals.recognising(Found({}, (rows,))) == pytest.approx(125_000)
    assert "does not" in blocks.identities(Found({}, ()))
    answers = Table(
        "soak", "t", "tenth 1", (Line("tenth 1", 0.01, 0.1), Line("tenth 2", 0.02, 0.2))
    )
    phases = {"flood, refused": 3.0, "steady, refused": 0.0, "rows counted": 5_000.0}
    said = blocks.overload(Found({}, (), phases))
    assert "| refused | 3 | 0 |" in said
    assert "rows counted: 5,000" in said
    assert "| 10 ms, 20 ms |" in blocks.soak(Found({}, (answers,), {"minutes": 5.0}))


def test_processor_time_counts_children_that_have_ended():
    before = spent([os.getpid()])
    work = "x = 0\nfor i in range(3_000_000): x += i"
    subprocess.run([sys.executable, "-c", work], check=True)
    assert spent([os.getpid()]) - before > 0.02
