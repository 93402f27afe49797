"""Debian's Alertmanager, extracted and not installed, so that no service of it starts."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.integration.places import Running, free_port, served

TEMPLATES = Path("/usr/share/prometheus/alertmanager")
"""Debian's build reads them from there and from nowhere else."""
CONFIGURATION = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"


@contextmanager
def running(cache: Path, home: Path) -> Iterator[Running]:
    program = _program(cache)
    (home / "am.yml").write_text(CONFIGURATION)
    url = f"http://127.0.0.1:{free_port()}"
    command = [
        str(program),
        f"--config.file={home / 'am.yml'}",
        f"--storage.path={home / 'data'}",
        f"--web.listen-address={url.removeprefix('http://')}",
        "--cluster.listen-address=",
    ]
    with served(command, {}, home / "log", f"{url}/-/ready", 30):
        yield Running(url)


def _program(cache: Path) -> Path:
    folder = cache / "alertmanager"
    program = folder / "usr" / "bin" / "prometheus-alertmanager"
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        download = ["apt-get", "download", "prometheus-alertmanager"]
        subprocess.run(download, cwd=folder, check=True, timeout=120, capture_output=True)
        (package,) = folder.glob("*.deb")
        subprocess.run(["dpkg", "-x", str(package), str(folder)], check=True, timeout=60)
    shutil.copytree(folder / TEMPLATES.relative_to("/"), TEMPLATES, dirs_exist_ok=True)
    return program
