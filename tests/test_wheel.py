"""The wheel holds what an installed Leeway needs besides modules."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_templates_and_styles_are_in_the_wheel(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    templates = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("app/report/templates/*")}
    assert {Path(name).suffix for name in templates} == {".html", ".css"}
    pages = ROOT / "app/dashboard"
    folders = pages / "templates", pages / "static"
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".html", ".svg", ".css", ".js"}
    assert templates | {path.relative_to(ROOT).as_posix() for path in files} <= packed
    assert not any(name.startswith("tests/") for name in packed)
