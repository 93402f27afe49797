"""A supervisor whose processes cannot be started, or end at once."""

import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from app.domain.errors import Unavailable
from app.processes.child import Child
from app.processes.serve import meeting_place
from app.processes.supervisor import Supervisor


def ending(status: int) -> Child:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.close()
    code = f"raise SystemExit({status})"
    return Child(0, subprocess.Popen([sys.executable, "-c", code]), ours)


@pytest.mark.parametrize(("ended", "told"), [(1, 1), (3, 3), (0, 1)])
async def test_a_first_process_that_ends_ends_it_all(ended: int, told: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        found = await Supervisor(listener, 2, lambda _: ending(ended), "http://x").run()
    assert found == told


async def test_a_first_process_that_cannot_be_started_ends_it_all() -> None:
    def start(_: int) -> Child:
        raise BlockingIOError(11, "no more processes")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert await Supervisor(listener, 2, start, "http://x").run() == 1


def test_a_place_to_meet_is_there_or_its_lack_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with meeting_place() as folder:
        assert Path(folder).is_dir()
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    with pytest.raises(Unavailable, match="TMPDIR"):
        meeting_place()
    assert list(long.iterdir()) == []
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with pytest.raises(Unavailable, match="TMPDIR"):
        meeting_place()
