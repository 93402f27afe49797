"""The demo's classifier: honest about the winter, lost in the spring, the same every time."""

import subprocess
import sys

import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from app.demo.model import LATE_MINUTES, with_score
from app.demo.rehearsal import drifted_weeks
from app.demo.story import SCORE, Story, load, tell


@pytest.fixture(scope="module")
def scored() -> Story:
    flights = load()
    return tell(with_score(flights, tell(flights).reference))


def auc(rows: pl.DataFrame) -> float:
    arrived = rows.drop_nulls("arr_delay")
    return float(roc_auc_score(arrived["arr_delay"] > LATE_MINUTES, arrived[SCORE]))


def test_scores_are_chances(scored):
    scores = pl.concat([scored.reference, scored.traffic])[SCORE]
    assert scores.null_count() == 0
    assert scores.is_between(0, 1).all()


def test_the_model_knows_its_winter_better_than_what_follows(scored):
    assert 0.70 < auc(scored.traffic) + 0.05 < auc(scored.reference) < 0.80


def test_the_score_drifts_with_the_weather(scored):
    assert len(drifted_weeks(scored)[SCORE]) >= 15


def test_training_twice_scores_the_same(scored):
    again = with_score(scored.reference.drop(SCORE), scored.reference)
    assert again[SCORE].equals(scored.reference[SCORE])


def test_without_scikit_learn_the_error_says_what_to_install():
    program = (
        "import sys; sys.modules['sklearn.ensemble'] = None\n"
        "from app.demo.model import with_score\n"
        "from app.demo.story import load\n"
        "with_score(load(), load())"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )
    assert run.returncode == 1
    assert "pip install 'leeway[demo]'" in run.stderr
