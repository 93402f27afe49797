"""A small file system that can be filled: a tmpfs, where we may mount one."""

import errno
import os
import subprocess
from pathlib import Path

LARGEST_STEP = 1 << 30
BLOCK = 4_096


class Disk:
    """A folder; on a file system of its own it can be filled to the last block."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder = folder
        folder.mkdir()
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", folder],
            capture_output=True,
            check=False,
        )
        self.own = mounted.returncode == 0
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Take all that is free; others take some of it at the same moment."""
        with self._ballast.open("wb") as file:
            at, step = 0, LARGEST_STEP
            while step >= BLOCK:
                try:
                    os.posix_fallocate(file.fileno(), at, step)
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    step //= 2
                else:
                    at += step

    @property
    def full(self) -> bool:
        return self._ballast.exists()

    def free(self) -> None:
        self._ballast.unlink(missing_ok=True)

    def close(self) -> None:
        """Take it down; lazily, since a process that was just killed may still hold it."""
        if self.own:
            subprocess.run(["umount", "-l", self.folder], check=True)
            self.own = False
