"""Debian's Alertmanager."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.integration.debian import extracted
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
    folder = extracted(cache, "prometheus-alertmanager")
    shutil.copytree(folder / TEMPLATES.relative_to("/"), TEMPLATES, dirs_exist_ok=True)
    return folder / "usr" / "bin" / "prometheus-alertmanager"
