"""The watched model: a small classifier of the winter's flights that scores all that follow."""

import numpy as np
import numpy.typing as npt
import polars as pl

from app.demo.story import SCORE

LATE_MINUTES = 15
NUMBERS = ("hour", "distance", "temp", "dewp", "humid", "wind_speed", "precip", "pressure", "visib")
LEVELS = ("carrier", "origin")
SEED = 2013


class DemoExtraMissingError(Exception):
    """The demo's own dependency is not installed; the message says what to do."""


def with_score(flights: pl.DataFrame, reference: pl.DataFrame) -> pl.DataFrame:
    """Add the chance, between 0 and 1, of arriving more than fifteen minutes late.

    The classifier learns from the reference alone, and sees only what is known before departure.

    Raises
    ------
    DemoExtraMissingError
        scikit-learn is not installed.
    """
    try:
        # Imported here: the service itself does without scikit-learn.
        from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415
    except ImportError as missing:
        message = "the demo trains a small model: pip install 'leeway[demo]'"
        raise DemoExtraMissingError(message) from missing
    arrived = reference.filter(pl.col("arr_delay").is_not_null())
    # Small on purpose: scores of rows it has memorised would be no fair reference for new rows.
    classifier = HistGradientBoostingClassifier(
        max_iter=40, max_leaf_nodes=8, min_samples_leaf=40, early_stopping=False, random_state=SEED
    )
    classifier.fit(inputs(arrived, reference), arrived["arr_delay"].to_numpy() > LATE_MINUTES)
    chances = classifier.predict_proba(inputs(flights, reference))[:, 1]
    return flights.with_columns(pl.Series(SCORE, np.round(chances, 4)))


def inputs(flights: pl.DataFrame, reference: pl.DataFrame) -> npt.NDArray[np.float64]:
    """Return one float column for each input; a level is its rank in the reference, or missing."""
    columns = [pl.col(name).cast(pl.Float64) for name in NUMBERS]
    for name in LEVELS:
        known = reference[name].unique().sort().to_list()
        ranks = {level: float(rank) for rank, level in enumerate(known)}
        columns.append(pl.col(name).replace_strict(ranks, default=None, return_dtype=pl.Float64))
    return flights.select(columns).to_numpy().astype(np.float64, copy=False)
