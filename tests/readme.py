"""What the README prints, for tests that run it as it is printed."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"
FENCE = re.compile(r"```sh\n(.*?)```", re.DOTALL)


def block(heading: str) -> str:
    """The first lines for a shell below a heading."""
    _, _, below = README.read_text().partition(f"{heading}\n")
    found = FENCE.search(below)
    assert found is not None, heading
    return found[1]


def numbered(lines: str, number: int) -> str:
    """The commands below the comment that begins with a number."""
    found = re.search(rf"^# {number}\. .*?(?=^# \d|\Z)", lines, re.DOTALL | re.MULTILINE)
    assert found is not None, number
    return found[0]


def with_urls(lines: str, leeway: str, airflow: str = "") -> str:
    """The same for servers on other ports."""
    told = lines.replace("http://127.0.0.1:8000", leeway)
    return told.replace("http://127.0.0.1:8080", airflow) if airflow else told


def run(lines: str, home: Path, key: str, environment: Mapping[str, str]) -> str:
    """Run them in a shell whose curl has a key, and which ends at the first that fails."""
    (home / ".curlrc").write_text(f'header = "Authorization: Bearer {key}"\nfail-with-body\n')
    done = subprocess.run(
        ["bash", "-euc", lines],
        cwd=README.parent,
        env={**environment, "CURL_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
