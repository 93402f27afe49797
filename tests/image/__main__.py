"""``make image-test``: the real image, built, started as it will be, and asked for a verdict."""

import argparse
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from tests.e2e.server import await_ready
from tests.image import watched
from tests.image.build import Builder, Unable, build_base, build_image, check_tools
from tests.image.container import Container, Image, opened
from tests.image.verdict import judged

KEY = "image-test-key-0123456789"
USER = 10_001
MIRROR = "http://deb.debian.org/debian"
console = Console()


def main() -> int:
    """Run all of it; 0 where the image does what it must."""
    options = _options()
    try:
        check_tools()
    except Unable as lacking:
        console.print(f"make image-test {lacking}")
        return 2
    options.folder.mkdir(parents=True, exist_ok=True)
    builder = Builder(options.folder)
    try:
        with _step("base image"):
            build_base(builder, options.mirror)
        with _step("image from the Dockerfile"):
            name = build_image(builder, options.flags)
        image = opened(builder, name)
        assert image.command == ["leeway", "serve"], image.command
        with tempfile.TemporaryDirectory() as scratch:
            _try(image, Path(scratch))
    finally:
        builder.run("umount", "--all")
        builder.run("rm", "--all")
    return 0


def _try(image: Image, scratch: Path) -> None:
    python = "/opt/leeway/bin/python"
    with _step("kernels all come out of the cache, and the watch sees one that does not"):
        check = [python, "/opt/leeway/share/compile_kernels.py", "--check"]
        _ends_well(image, scratch, check)
        control = _ends_well(image, scratch, [python, "-c", watched.CONTROL])
        assert watched.MARK in control, control
    with _step("a public address without a key is refused"):
        with Container(image, scratch / "data", scratch / "refused.log", image.command, {}) as bare:
            assert bare.wait(60) == 2
        assert "LEEWAY_API_KEYS" in (scratch / "refused.log").read_text()
    port = _free_port()
    env = {"LEEWAY_API_KEYS": KEY, "LEEWAY_PORT": str(port), "LEEWAY_LOG_FORMAT": "json"}
    log = scratch / "serve.log"
    command = [python, "-c", watched.SERVE]
    with (
        _step(f"a verdict from uid {USER} on a read-only root"),
        Container(image, scratch / "data", log, command, env) as serving,
    ):
        await_ready(f"http://127.0.0.1:{port}", log)
        assert serving.owner() == USER, serving.owner()
        assert serving.root_is_read_only()
        _ends_well(image, scratch, image.health_check, env)
        report = judged(f"http://127.0.0.1:{port}", KEY)
        verdict = report["verdict"]
        assert isinstance(verdict, dict)
        assert verdict["drifted"] == ["amount"], verdict
        assert serving.stop(20) == 0
    with _step("no kernel was compiled at run time"):
        assert watched.MARK not in log.read_text(), log.read_text()[-4000:]


def _ends_well(
    image: Image, scratch: Path, command: Sequence[str], env: Mapping[str, str] | None = None
) -> str:
    log = scratch / "short.log"
    with Container(image, scratch / "data", log, command, env or {}) as container:
        status = container.wait(120)
    assert status == 0, log.read_text()[-4000:]
    return log.read_text()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _step(what: str) -> Iterator[None]:
    begun = time.monotonic()
    with console.status(what):
        yield
    console.print(f"[green]ok[/] {what} [dim]({time.monotonic() - begun:.0f} s)[/]")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make image-test", description=__doc__)
    parser.add_argument("--mirror", default=MIRROR, help="where Debian's packages are")
    parser.add_argument(
        "--folder", type=Path, default=Path("build/image"), help="kept, so that the next is quicker"
    )
    parser.add_argument(
        "flags", nargs="*", help="flags for buildah, after --: -v /etc/pip.conf:/etc/pip.conf:ro"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
