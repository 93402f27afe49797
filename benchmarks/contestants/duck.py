"""PSI in SQL with DuckDB: one grouping a column, at the reference's deciles; all cores."""

from collections.abc import Mapping
from pathlib import Path

import duckdb

from benchmarks.contestants.psi import DECILES, psi


class Duck:
    def __init__(self, folder: Path, form: str) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("set enable_progress_bar = false")
        for side in ("reference", "current"):
            self._load(folder, side, form)
        described = self.connection.execute("describe reference").fetchall()
        self.columns = {name: kind for name, kind, *_ in described}

    def prepare(self) -> None:
        places = DECILES.tolist()
        self.edges = {}
        for name, kind in self.columns.items():
            if kind == "DOUBLE":
                query = f"select quantile_cont({name}, {places}) from reference"  # noqa: S608
                self.edges[name] = sorted(set(self.connection.execute(query).fetchone()[0]))
        self.kept = {name: self._counts("reference", name) for name in self.columns}

    def verdict(self) -> Mapping[str, object]:
        return {name: psi(self.kept[name], self._counts("current", name)) for name in self.columns}

    def _counts(self, side: str, name: str) -> Mapping[object, int]:
        query = (
            f"select {self._bin(name)} b, count(*) from {side} "  # noqa: S608
            f"where {name} is not null group by b"
        )
        return dict(self.connection.execute(query).fetchall())

    def _bin(self, name: str) -> str:
        if name not in self.edges:
            return name
        edges = self.edges[name]
        cases = " ".join(f"when {name} < {edge!r} then {i}" for i, edge in enumerate(edges))
        return f"case {cases} else {len(edges)} end"

    def _load(self, folder: Path, side: str, form: str) -> None:
        source = f"read_parquet('{folder / side}.parquet')"
        chosen = "*"
        if form == "coded":
            # levels of both sides, so that the enumeration fits either
            names = self._texts(source)
            for name in names:
                self._enumerate(folder, name)
            chosen = "* replace (" + ", ".join(f"{n}::enum_{n} as {n}" for n in names) + ")"
        self.connection.execute(f"create table {side} as select {chosen} from {source}")  # noqa: S608

    def _texts(self, source: str) -> list[str]:
        described = self.connection.execute(f"describe select * from {source}").fetchall()  # noqa: S608
        return [name for name, kind, *_ in described if kind == "VARCHAR"]

    def _enumerate(self, folder: Path, name: str) -> None:
        both = f"read_parquet('{folder}/*.parquet')"
        self.connection.execute(f"drop type if exists enum_{name}")
        query = f"create type enum_{name} as enum (select distinct {name} from {both})"  # noqa: S608
        self.connection.execute(query)
