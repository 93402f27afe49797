"""A process that serves is this program, wherever it is started."""

from pathlib import Path

import pytest

from app.processes.child import Child
from app.settings import environment

NO_DATABASE = "postgresql://user:password@127.0.0.1:1/none"


def test_it_runs_nothing_of_the_folder_that_it_is_started_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__init__.py").write_text("raise SystemExit('another app')")
    monkeypatch.chdir(tmp_path)
    variables = {**environment(), "LEEWAY_DATABASE_URL": NO_DATABASE, "LEEWAY_LOG_FORMAT": "json"}
    child = Child.start(0, 1, tmp_path, variables)
    with child.channel:
        assert child.process.wait(60) == 1
    said = capfd.readouterr().err
    assert "another app" not in said
    assert "cannot_start" in said
