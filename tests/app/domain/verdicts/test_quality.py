import numpy as np

from app.domain.verdicts.judgement import Sighting
from app.domain.verdicts.quality import findings
from drift_core import Grid, GridSet

GRIDS = GridSet((("a", Grid.numeric([1.0, 2.0])), ("b", Grid.numeric([1.0, 2.0]))))


def test_a_window_without_oddities_has_no_findings() -> None:
    assert findings((), GRIDS, GRIDS.zero()) == ()
    assert findings((), None, None) == ()


def test_invalid_rows_are_counted_the_most_first() -> None:
    invalid = {"a": [1.0] * 8 + [0.0] * 2, "b": [1.0] * 4 + [0.0] * 6}
    counts = {
        name: GRIDS[name].count(np.array(values), invalid=np.array(values) == 0)
        for name, values in invalid.items()
    }
    found = findings((), GRIDS, GRIDS.join(counts))
    assert [(one.code, one.feature, one.rows, one.share) for one in found] == [
        ("invalid", "b", 6, 0.6),
        ("invalid", "a", 2, 0.2),
    ]


def test_absent_and_unknown_columns_follow() -> None:
    found = findings((Sighting("z", "unknown"), Sighting("a", "absent")), None, None)
    assert [(one.code, one.feature, one.rows) for one in found] == [
        ("absent", "a", None),
        ("unknown", "z", None),
    ]
    assert all(one.message for one in found)
