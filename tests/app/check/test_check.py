"""``leeway check``: real data, exit statuses, and refusals that say the way out."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from click.testing import Result
from typer.testing import CliRunner

from app.cli import app
from tests import real_data

ROOT = Path(__file__).parents[3]
REFERENCE, BATCH = ROOT / "examples" / "reference.csv", ROOT / "examples" / "batch.csv"


def check(*arguments: object) -> Result:
    return CliRunner(env={"COLUMNS": "100"}).invoke(app, ["check", *map(str, arguments)])


@pytest.fixture(scope="module")
def loans(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("loans")
    names = ("synthetic_car_loan_reference.csv", "synthetic_car_loan_analysis.csv")
    ref, cur = (real_data.read(name) for name in names)
    ref.write_parquet(folder / "reference.parquet", row_group_size=20_000)
    cur.write_csv(folder / "analysis.csv")
    packed = folder / "analysis.csv.gz"
    packed.write_bytes(gzip.compress((folder / "analysis.csv").read_bytes()))
    return folder / "reference.parquet", packed


def test_july_differs_from_winter_in_its_weather() -> None:
    found = check(REFERENCE, BATCH)
    assert found.exit_code == 1
    assert found.stdout.startswith("Drift in 2 of 4 features: temp, wind_speed; 2 ok.")


def test_a_sample_of_the_reference_itself_is_ok(tmp_path: Path) -> None:
    frame = pl.read_csv(REFERENCE).sample(fraction=1.0, shuffle=True, seed=1)
    frame.gather_every(2).write_csv(tmp_path / "half.csv")
    frame.gather_every(2, 1).write_parquet(tmp_path / "other.parquet")
    found = check(tmp_path / "half.csv", tmp_path / "other.parquet", "--fail-on", "insufficient")
    assert (found.exit_code, found.stdout[:8]) == (0, "No drift")


def test_loans_across_formats(loans: tuple[Path, Path], tmp_path: Path) -> None:
    written = tmp_path / "found.json"
    found = check(*loans, "--ignore", "repaid", "--json", written, "--quiet")
    assert (found.exit_code, found.stdout) == (1, "")
    document = json.loads(written.read_text())
    assert document["drifted"] == ["car_value", "repaid_loan_on_prev_car"]
    assert document["current"]["rows"] == 50_000
    states = {feature["name"]: feature["state"] for feature in document["features"]}
    assert states["driver_tenure"] == states["debt_to_income_ratio"] == "ok"


def test_json_alone_goes_to_standard_output() -> None:
    found = check(REFERENCE, BATCH, "--json", "-")
    assert json.loads(found.stdout)["format"] == "leeway.comparison/1"


def test_a_page_is_written_and_named(tmp_path: Path) -> None:
    page = tmp_path / "found.html"
    found = check(REFERENCE, BATCH, "--html", page, "-q")
    assert page.read_text().startswith("<!doctype html>")
    assert "found.html" in found.stderr
    assert found.stdout == ""


def test_options_reach_the_verdict() -> None:
    assert check(REFERENCE, BATCH, "--columns", "hour,carrier").exit_code == 0
    assert check(REFERENCE, BATCH, "--ignore", "temp,wind_speed").exit_code == 0
    assert check(REFERENCE, BATCH, "--fail-on", "never").exit_code == 0
    kinds = json.loads(check(REFERENCE, BATCH, "--kind", "hour=categorical", "--json", "-").stdout)
    assert {f["name"]: f["kind"] for f in kinds["features"]}["hour"] == "categorical"
    policy = check(REFERENCE, BATCH, "--min-psi", "0.4", "--level", "0.01", "--json", "-").stdout
    assert json.loads(policy)["policy"] == {"level": 0.01, "min_psi": 0.4}


def test_too_few_rows_exit_with_three(tmp_path: Path) -> None:
    few = tmp_path / "few.csv"
    few.write_text("".join(BATCH.read_text().splitlines(keepends=True)[:12]))
    assert check(REFERENCE, few).exit_code == 3
    assert check(REFERENCE, few, "--fail-on", "drift").exit_code == 0


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("gone.csv", None, "No such file"),
        ("empty.csv", b"", "empty"),
        ("header.csv", b"a,b\n", "no rows"),
        ("ragged.csv", b"a,b\n1,2\n1,2,3\n", "row 2: the header has 2 columns, this row 3"),
        ("bad.json", b"[{]", "not valid JSON"),
        ("bad.parquet", b"PAR1nonsense", "sound Parquet"),
        ("odd.xlsx", b"PK", "name it after one of"),
        ("dates.json", b'[{"timestamp": "2026-01-01"}]', "no column of the reference"),
    ],
)
def test_a_bad_file_is_named_with_the_fault(
    tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    found = check(path, BATCH)
    assert found.exit_code == 2
    assert f"{path}: " in found.stderr
    assert said in found.stderr
    assert "the body" not in found.stderr
    assert found.stdout == ""


def test_a_slip_in_an_option_is_refused(tmp_path: Path) -> None:
    assert "sizes" in check(REFERENCE, BATCH, "--columns", "sizes").stderr
    assert "COLUMN=numeric" in check(REFERENCE, BATCH, "--kind", "hour").stderr
    assert check(REFERENCE, BATCH, "--fail-on", "always").exit_code == 2
    nowhere = check(REFERENCE, BATCH, "--html", tmp_path / "no" / "page.html")
    assert (nowhere.exit_code, "No such file" in nowhere.stderr) == (2, True)


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_the_real_command_prints_plain_text_into_a_pipe(encoding: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "check", str(REFERENCE), str(BATCH)],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        encoding=encoding,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1
    assert done.stdout.startswith("Drift in 2 of 4")
    assert "\x1b" not in done.stdout
    assert ("▁" in done.stdout, "#" in done.stdout) == (encoding != "ascii", encoding == "ascii")
    assert "?" not in done.stdout
    assert done.stderr == ""


def test_the_readme_line_works_and_its_picture_is_of_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = (ROOT / "README.md").read_text()
    line = next(line for line in text.splitlines() if line.startswith("leeway check "))
    for name in ("examples", "docs"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    found = check(*line.split()[2:])
    assert found.exit_code == 1
    assert Path("drift.html").exists()
    assert json.loads(Path("drift.json").read_text())["drifted"] == ["temp", "wind_speed"]
    picture = (ROOT / "docs" / "check.svg").read_text()
    assert all(name in picture for name in ("temp", "wind_speed", "hour", "carrier"))
    assert len(picture) < 100_000
