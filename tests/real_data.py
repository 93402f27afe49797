"""Real data sets for tests, read out of an archive that ``make test`` has fetched."""

import io
import zipfile
from pathlib import Path

import polars as pl

FOLDER = Path(__file__).parents[1] / ".venv" / "data"
INSIDE = "nannyml/datasets/data/"


def read(name: str) -> pl.DataFrame:
    """Return one file of the archive as a frame."""
    found = sorted(FOLDER.glob("nannyml-*.whl"))
    assert found, "the data sets are not here: run `make test`, which fetches them first"
    with zipfile.ZipFile(found[-1]) as archive:
        content = io.BytesIO(archive.read(INSIDE + name))
    return pl.read_parquet(content) if name.endswith(".pq") else pl.read_csv(content)
