"""The real Dockerfile, built by buildah on a base of Debian's own: no registry, no daemon."""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SUITE = "bookworm"
PYTHON = "3.11"  # what the suite brings
PACKAGES = "python3,python3-venv,ca-certificates"
TOOLS = ("buildah", "debootstrap", "unshare", "chroot")


class Unable(RuntimeError):
    """What this machine lacks, and how to get it."""


@dataclass(frozen=True, slots=True)
class Builder:
    """buildah with storage of its own, so that nothing of the machine's is touched."""

    folder: Path

    def run(self, *arguments: str) -> str:
        """Run one buildah command; its output without the last line end."""
        command = [
            "buildah", "--storage-driver", "vfs", "--root", str(self.folder / "storage"),
            "--runroot", str(self.folder / "run"), *arguments,
        ]  # fmt: skip
        done = subprocess.run(
            command,
            env=os.environ | {"BUILDAH_ISOLATION": "chroot"},
            check=False,
            stdout=subprocess.PIPE,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}")
        return done.stdout.strip()

    @property
    def policy(self) -> tuple[str, str]:
        """Images of our own making carry no signatures."""
        path = self.folder / "policy.json"
        path.write_text(json.dumps({"default": [{"type": "insecureAcceptAnything"}]}))
        return ("--signature-policy", str(path))


def check_tools() -> None:
    """Say at once what is missing."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        raise Unable(f"needs {', '.join(missing)}: apt-get install buildah debootstrap")
    if os.geteuid():
        raise Unable("needs root: debootstrap and mounts do; try it in a throw-away machine")


def build_base(builder: Builder, mirror: str) -> str:
    """Make the image that the Dockerfile begins with, under the very name it asks for."""
    name = f"docker.io/library/python:{PYTHON}-slim-{SUITE}"
    rootfs = builder.folder / "rootfs"
    if not (rootfs / "etc/debian_version").exists():
        subprocess.run(
            ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, rootfs, mirror],
            check=True,
            stdout=subprocess.DEVNULL,
        )
    # the official image has its python in /usr/local/bin, under its short name
    short = rootfs / "usr/local/bin/python"
    if not short.is_symlink():
        short.symlink_to("/usr/bin/python3")
    container = builder.run("from", "scratch")
    builder.run("add", "-q", container, str(rootfs), "/")
    builder.run("commit", "-q", "--rm", *builder.policy, container, name)
    return name


def build_image(builder: Builder, extra: Sequence[str]) -> str:
    """Build the Dockerfile as it is; ``extra`` are flags for buildah, such as volumes."""
    name = "localhost/leeway:test"
    builder.run(
        "bud", "--isolation", "chroot", "--network", "host", "--pull-never", "--layers=false",
        "--format", "docker",  # the other format has no health check
        *builder.policy, "--build-arg", f"PYTHON_VERSION={PYTHON}", *extra, "-t", name,
        "-f", str(ROOT / "Dockerfile"), str(ROOT),
    )  # fmt: skip
    return name
