"""Half of the columns drift, of every kind, and a table is the same every time."""

from collections import Counter

import pyarrow.parquet as pq
import pytest

from benchmarks import mixture


@pytest.mark.parametrize("columns", [20, 50])
def test_three_fifths_are_numbers_and_half_of_all_drift(columns):
    features = mixture.features(columns)
    assert len({f.name for f in features}) == columns
    assert sum(f.shape is not None for f in features) == columns * 3 // 5
    drifted = Counter(f.drifted for f in features)
    assert abs(drifted[True] - drifted[False]) <= 2


def test_every_kind_is_there_with_drift_and_without():
    found = {(f.shape, f.levels, f.drifted) for f in mixture.features(50)}
    kinds = [(shape, 0) for shape in mixture.SHAPES] + [(None, n) for n in mixture.LEVELS]
    assert found == {(*kind, drifted) for kind in kinds for drifted in (False, True)}


def test_a_table_is_the_same_every_time(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        mixture.write(tmp_path / name, 1_000, 10)
    for side in mixture.SIDES:
        tables = [pq.read_table(tmp_path / name / f"{side}.parquet") for name in ("one", "two")]
        assert tables[0].equals(tables[1])
