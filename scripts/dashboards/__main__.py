"""Writes deploy/grafana/dashboards; with ``--check`` says which file is not as it would be."""

import sys
from pathlib import Path

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from scripts.dashboards.fleet import fleet
from scripts.dashboards.model import model
from scripts.dashboards.operations import operations

FOLDER = Path(__file__).parents[2] / "deploy" / "grafana" / "dashboards"
DASHBOARDS = {"fleet": fleet, "model": model, "operations": operations}


def texts() -> dict[Path, str]:
    """Return what the files are to hold."""
    return {FOLDER / f"{name}.json": text(made()) for name, made in DASHBOARDS.items()}


def text(made: Dashboard) -> str:
    return JSONEncoder(sort_keys=True, indent=2).encode(made.build()) + "\n"


def main() -> int:
    wanted = texts()
    if "--check" not in sys.argv:
        for path, said in wanted.items():
            path.write_text(said)
        return 0
    wrong = [path for path, said in wanted.items() if not path.exists() or path.read_text() != said]
    for path in wrong:
        print(f"{path} differs: run 'make dashboards'", file=sys.stderr)
    return len(wrong)


if __name__ == "__main__":
    raise SystemExit(main())
