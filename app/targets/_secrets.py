"""Secrets by reference: ``env:NAME`` or ``file:PATH``, read when used and kept nowhere."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

MAX_SECRET = 4_096

_REFERENCE = re.compile(
    r"env:(?P<name>[A-Za-z_][A-Za-z0-9_]{0,127})|file:(?P<path>/[^\0\n]{1,1023})"
)


class SecretUnavailable(Exception):
    """A reference leads to no usable secret. The message names the reference, never a value."""


def check_reference(reference: str) -> str | None:
    """Return what is wrong with the form of a reference, or None. What it leads to is not read."""
    if _REFERENCE.fullmatch(reference):
        return None
    # Most likely somebody wrote the secret itself, so it is not repeated.
    return "this must be a reference, env:NAME or file:/absolute/path, not the secret itself"


@dataclass(frozen=True, slots=True)
class Secrets:
    """Looks references up: in the environment that it is given, and in files."""

    environment: Mapping[str, str]

    async def read(self, reference: str) -> str:
        """Return the secret that a reference leads to; raises `SecretUnavailable`."""
        match = _REFERENCE.fullmatch(reference)
        if match is None:
            raise SecretUnavailable("the secret is not given as env:NAME or file:PATH")
        if match["name"] is not None:
            value = self.environment.get(match["name"], "")
        else:
            value = await asyncio.to_thread(_read_file, Path(match["path"]))
        if not value.strip():
            raise SecretUnavailable(f"there is no secret at {reference}")
        return value.strip()


def _read_file(path: Path) -> str:
    """Return the text of a small regular file; empty where it cannot be read.

    Devices and pipes are left alone: reading them may never end.
    """
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            return file.read(MAX_SECRET).decode()
    except (OSError, UnicodeDecodeError):
        return ""
