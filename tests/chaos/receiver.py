"""A webhook receiver that writes down what came before it answers, and an orchestrator behind it.

``python -m tests.chaos.receiver PORT LOG RUNS URL...``; it ends when its standard input does.
"""

import asyncio
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.chaos.journal import Journal, read
from tests.chaos.orchestrator import Orchestrator

ANSWER = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


async def main(port: int, log: Path, runs: Path, urls: Sequence[str]) -> None:
    journal = Journal(log)
    orchestrator = Orchestrator(urls, list(read(runs)), Journal(runs))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            lines = head.split("\r\n")[1:-2]
            headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
            body = await reader.readexactly(int(headers["content-length"]))
            digest = hashlib.sha256(body).hexdigest()
            journal.write({"id": headers["webhook-id"], "digest": digest})
            orchestrator.take(body)
            writer.write(ANSWER)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # the fault proxy cut it; the sender must come again
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(commands), sys.stdin
    )
    await commands.read()
    server.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:]))
