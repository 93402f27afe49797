"""Each thing that a fault proxy does, on real sockets."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.chaos.proxy import Mode, Proxy, Weather, slices

QUESTION = b"what is the time?" * 40


@asynccontextmanager
async def between() -> AsyncIterator[tuple[Proxy, int, list[bytes]]]:
    """A proxy before a server that answers each question with itself, and remembers it."""
    heard: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            while question := await reader.readexactly(len(QUESTION)):
                heard.append(question)
                writer.write(question)
                await writer.drain()
        writer.close()

    behind = await asyncio.start_server(answer, "127.0.0.1", 0)
    proxy = Proxy(behind.sockets[0].getsockname()[1], random.Random(1))
    front = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    try:
        yield proxy, front.sockets[0].getsockname()[1], heard
    finally:
        for pair in list(proxy.pairs):
            pair.cut()
        front.close()
        behind.close()
        await asyncio.sleep(0.05)


async def ask(port: int) -> bytes | None:
    """Ask once; None where the connection broke."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(QUESTION)
        await writer.drain()
        return await asyncio.wait_for(reader.readexactly(len(QUESTION)), 5)
    except (OSError, asyncio.IncompleteReadError):
        return None
    finally:
        writer.close()


@pytest.mark.parametrize("mode", [Mode.PASS, Mode.DELAY, Mode.SLICE, Mode.STALL])
async def test_what_is_slow_or_sliced_arrives_whole(mode: Mode) -> None:
    async with between() as (proxy, port, heard):
        weather = asyncio.create_task(proxy.become(Weather(mode, 1.0, 0.3)))
        await asyncio.sleep(0)
        assert await ask(port) == QUESTION
        assert heard == [QUESTION]
        assert (await weather > 0) == (mode is not Mode.PASS)


@pytest.mark.parametrize(("mode", "reached"), [(Mode.CUT_BEFORE, 0), (Mode.CUT_AFTER, 1)])
async def test_a_cut_comes_before_the_request_or_before_its_answer(
    mode: Mode, reached: int
) -> None:
    async with between() as (proxy, port, heard):
        weather = asyncio.create_task(proxy.become(Weather(mode, 1.0, 0.3)))
        await asyncio.sleep(0)
        assert await ask(port) is None
        assert len(heard) == reached
        assert await weather == 1
        assert await ask(port) == QUESTION


async def test_a_reset_breaks_what_is_open_and_nothing_later() -> None:
    async with between() as (proxy, port, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(QUESTION)
        await reader.readexactly(len(QUESTION))
        assert await proxy.become(Weather(Mode.RESET)) == 1
        with pytest.raises(ConnectionResetError):
            await reader.readexactly(1)
        writer.close()
        assert await ask(port) == QUESTION


@given(st.binary(min_size=1, max_size=2_000), st.integers())
def test_slices_are_the_whole_and_none_is_empty(data: bytes, seed: int) -> None:
    pieces = list(slices(data, random.Random(seed)))
    assert b"".join(pieces) == data
    assert all(pieces)
