"""Secrets by reference, and what is said where there is none."""

import os
from pathlib import Path

import pytest

from app.targets import Secrets, SecretUnavailable
from app.targets._secrets import MAX_SECRET, check_reference


@pytest.mark.parametrize("reference", ["env:NAME", "env:_a1", "file:/run/secrets/a b", "file:/a"])
def test_references(reference: str) -> None:
    assert check_reference(reference) is None


@pytest.mark.parametrize(
    "reference",
    [
        "",
        "env:",
        "env:1A",
        "env:A-B",
        "env:A\n",
        "file:",
        "file:relative",
        "file:/a\n",
        "file:/\0",
        "whsec_canary",
        "vault:canary",
        "ENV:NAME",
    ],
)
def test_what_is_no_reference_is_not_repeated(reference: str) -> None:
    said = check_reference(reference)
    assert said is not None
    assert "canary" not in said


async def test_from_the_environment_given() -> None:
    secrets = Secrets({"NAME": " value\n"})
    assert await secrets.read("env:NAME") == "value"


async def test_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("value\n")
    assert await Secrets({}).read(f"file:{tmp_path}/secret") == "value"


async def test_a_file_is_read_anew_each_time(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    for value in ("old", "new"):
        path.write_text(value)
        assert await Secrets({}).read(f"file:{path}") == value


@pytest.mark.parametrize("reference", ["env:MISSING", "env:EMPTY", "whsec_canary"])
async def test_a_missing_secret_is_named_without_a_value(reference: str) -> None:
    with pytest.raises(SecretUnavailable) as raised:
        await Secrets({"EMPTY": " ", "OTHER": "canary"}).read(reference)
    assert "canary" not in str(raised.value)


async def test_unreadable_files(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("absent", "binary", "folder", "pipe", "absent/below", "x" * 300):
        with pytest.raises(SecretUnavailable, match="there is no secret at file:"):
            await Secrets({}).read(f"file:{tmp_path}/{name}")
    with pytest.raises(SecretUnavailable):
        await Secrets({}).read("file:/dev/zero")


async def test_a_huge_file_is_not_read_whole(tmp_path: Path) -> None:
    (tmp_path / "huge").write_text("x" * 100_000)
    assert len(await Secrets({}).read(f"file:{tmp_path}/huge")) == MAX_SECRET
