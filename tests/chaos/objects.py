"""Object storage: a real S3 server as a child process, and a client of it."""

import os
import socket
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import obstore
from obstore.store import S3Store

from tests.chaos.children import Child

BUCKET = "logs"
KEY = "chaoskey"
SECRET = "chaossecret"  # noqa: S105  of a server that only this run can reach
GRPC = 10_000
"""Every port has a twin so much higher."""
LOWEST, HIGHEST = 20_000, 45_000
TIMEOUT = timedelta(seconds=10)


def free_pair(after: int = LOWEST) -> int:
    """Return a port that is free, as its twin is."""
    for port in range(after, HIGHEST):
        if _free(port) and _free(port + GRPC):
            return port
    raise RuntimeError("no two free ports for the S3 server")


def _free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Objects(Child):
    """SeaweedFS; it may be frozen, but is not killed: what it loses is no business of ours."""

    def __init__(self, folder: Path, log: Path) -> None:
        ports = {}
        last = LOWEST + os.getpid() % 5_000
        for role in ("master.port", "volume.port", "filer.port", "s3.port"):
            last = ports[role] = free_pair(last + 1)
        self.port = ports["s3.port"]
        self.endpoint = f"http://127.0.0.1:{self.port}"
        folder.mkdir()
        command = (
            str(Path(sys.prefix) / "bin" / "weed"),
            "mini",
            f"-dir={folder}",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            *(f"-{role}={port}" for role, port in ports.items()),
            *("-s3.port.iceberg=0", "-s3.port.lance=0", "-webdav=false", "-admin.ui=false"),
            f"-bucket={BUCKET}",
            "-master.telemetry=false",
        )
        super().__init__("objects", command, log)

    async def start(self, env: Mapping[str, str] | None = None) -> None:
        assert env is None, "it has an environment of its own"
        keys = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
        await super().start(dict(os.environ) | keys)


def open_bucket(endpoint: str, key: str, secret: str) -> S3Store:
    return S3Store(
        BUCKET,
        endpoint=endpoint,
        region="us-east-1",
        access_key_id=key,
        secret_access_key=secret,
        client_options={"allow_http": True, "timeout": TIMEOUT},
        retry_config={"max_retries": 0, "retry_timeout": TIMEOUT},
    )


async def answers(endpoint: str) -> bool:
    """Whether the bucket is there."""
    try:
        async for _ in obstore.list(open_bucket(endpoint, KEY, SECRET)):
            break
    except obstore.exceptions.BaseError:
        return False
    return True


def source(endpoint: str, model: str) -> dict[str, object]:
    """Return the declaration of a model's source, through a proxy."""
    return {
        "url": f"s3://{BUCKET}/{model}",
        "endpoint": endpoint,
        "region": "us-east-1",
        "poll": "2s",
        "credentials": {"access_key_id": "env:CHAOS_KEY", "secret_access_key": "env:CHAOS_SECRET"},
    }
