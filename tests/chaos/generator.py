"""The load generator as the supervisor sees it."""

import json
import sys
from pathlib import Path

from tests.chaos.children import Child
from tests.chaos.load import Settings, write_settings


class Generator(Child):
    """The load generator; it is not killed, since it is our witness."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        module = (sys.executable, "-m", "tests.chaos.load")
        super().__init__("load", (*module, write_settings(settings)), folder / "load.log")
        self.acknowledged = 0
        self.retries = 0

    async def listen(self) -> int:
        """Follow what it says until it ends; return its exit status."""
        assert self.process is not None
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            said = json.loads(line)
            self.acknowledged, self.retries = said["acknowledged"], said["retries"]
        return await self.process.wait()
