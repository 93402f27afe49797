"""An image's own command, as its own user, on a root that cannot be written."""

import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests.image.build import Builder

# In a mount namespace of its own, so that all of it is gone when the process ends.
ENTER = """
set -eu
mount --bind "$ROOT" "$ROOT"
mount --bind /proc "$ROOT/proc"
mount --rbind /dev "$ROOT/dev"
mount -t tmpfs -o mode=1777,size=64m tmpfs "$ROOT/tmp"
mount --bind "$VOLUME" "$ROOT$AT"
mount -o remount,ro,bind "$ROOT"
exec chroot --userspec="$WHO" "$ROOT" /usr/bin/env -i -C "$WORKDIR" "$@"
"""


@dataclass(frozen=True, slots=True)
class Image:
    """What an image says of itself, and where its files lie."""

    root: Path
    config: Mapping[str, Any]

    @property
    def command(self) -> Sequence[str]:
        return [*(self.config["Entrypoint"] or []), *(self.config["Cmd"] or [])]

    @property
    def health_check(self) -> Sequence[str]:
        kind, *command = self.config["Healthcheck"]["Test"]
        assert kind == "CMD", kind
        return command


def opened(builder: Builder, name: str) -> Image:
    """Mount the image's files."""
    container = builder.run("from", "--pull-never", *builder.policy, name)
    config = json.loads(builder.run("inspect", "--type", "image", name))["Docker"]["config"]
    return Image(Path(builder.run("mount", container)), config)


class Container:
    """One process of an image; leaving the context ends it."""

    def __init__(
        self, image: Image, volume: Path, log: Path, command: Sequence[str], env: Mapping[str, str]
    ) -> None:
        user = str(image.config["User"])
        (at,) = image.config["Volumes"]
        volume.mkdir(exist_ok=True)
        os.chown(volume, int(user), int(user))
        variables = [*image.config["Env"], *(f"{name}={value}" for name, value in env.items())]
        self.log = log
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                ["unshare", "--mount", "sh", "-c", ENTER, "sh", *variables, *command],
                env=os.environ
                | {
                    "ROOT": str(image.root),
                    "VOLUME": str(volume),
                    "AT": at,
                    "WHO": f"{user}:{user}",
                    "WORKDIR": image.config["WorkingDir"],
                },
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait(10)

    def owner(self) -> int:
        """The user id that the process runs as."""
        return self._proc("status").stat().st_uid

    def root_is_read_only(self) -> bool:
        """What the kernel says of the mount that the process has as its root."""
        mounts = (line.split() for line in self._proc("mounts").read_text().splitlines())
        (options,) = (mount[3].split(",") for mount in mounts if mount[1] == "/")
        return "ro" in options

    def _proc(self, name: str) -> Path:
        return Path(f"/proc/{self._process.pid}") / name

    def wait(self, seconds: float) -> int:
        """Wait for its own end."""
        return self._process.wait(seconds)

    def stop(self, seconds: float) -> int:
        """Ask it to stop as an orchestrator does; its exit status."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(seconds)
