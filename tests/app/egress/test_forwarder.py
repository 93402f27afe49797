"""The forwarder: what a client reaches through it, and what it does not, redirected or not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass, field

import httpx
import obstore
import pytest
from obstore.exceptions import BaseError
from obstore.store import S3Store

from app.egress import Allow, forwarding, parse_allow

HEADERS = 'ETag: "e"\r\nLast-Modified: Mon, 02 Mar 2026 00:00:00 GMT\r\n'


@dataclass
class Origin:
    """A server that answers every request alike, and remembers the first lines."""

    answer: str
    seen: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def open(self) -> Allow:
        """Its own address alone is allowed."""
        return parse_allow(f"127.0.0.1:{self.port}")

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError), closing(writer):
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.seen.append(head.decode().splitlines()[0])
                assert b"Proxy-Authorization" not in head.title()
                writer.write(self.answer.encode())
                await writer.drain()


def saying(body: str) -> str:
    return f"HTTP/1.1 200 OK\r\n{HEADERS}Content-Length: {len(body)}\r\n\r\n{body}"


def sending_to(url: str) -> str:
    return f"HTTP/1.1 307 Temporary Redirect\r\nLocation: {url}\r\nContent-Length: 0\r\n\r\n"


@asynccontextmanager
async def origins(*answers: str) -> AsyncIterator[list[Origin]]:
    async with AsyncExitStack() as stack:
        made = []
        for answer in answers:
            origin = Origin(answer)
            server = await asyncio.start_server(origin.serve, "127.0.0.1", 0)
            stack.callback(server.close)
            origin.port = server.sockets[0].getsockname()[1]
            made.append(origin)
        yield made


def bucket(port: int, proxy: str | None) -> S3Store:
    through = {} if proxy is None else {"proxy_url": proxy}
    return S3Store(
        "logs",
        endpoint=f"http://127.0.0.1:{port}",
        region="us-east-1",
        skip_signature=True,
        client_options={"allow_http": True, **through},  # type: ignore[typeddict-item]
        retry_config={"max_retries": 0},
    )


async def test_object_storage_is_read_through_it() -> None:
    async with origins(saying("hello")) as (origin,), forwarding(origin.open) as proxy:
        for _ in range(3):
            answer = await obstore.get_async(bucket(origin.port, proxy), "a b.csv")
            assert bytes(await answer.bytes_async()) == b"hello"
    assert origin.seen == ["GET /logs/a%20b.csv HTTP/1.1"] * 3


async def test_a_redirect_leads_to_nothing_that_is_not_allowed() -> None:
    async with origins(saying("secret"), "") as (inner, outer):
        outer.answer = sending_to(f"http://127.0.0.1:{inner.port}/latest/meta-data")
        async with forwarding(parse_allow(f"127.0.0.1:{outer.port}")) as proxy:
            with pytest.raises(BaseError):
                await obstore.get_async(bucket(outer.port, proxy), "a.csv")
        assert (len(outer.seen), inner.seen) == (1, [])
        outer.seen.clear()
        await obstore.get_async(bucket(outer.port, None), "a.csv")
        assert (len(outer.seen), len(inner.seen)) == (1, 1), "left alone, the client follows"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "http://169.254.169.254/", "https://127.0.0.1/"]
)
async def test_private_addresses_are_refused(url: str) -> None:
    async with forwarding(parse_allow("")) as proxy, httpx.AsyncClient(proxy=proxy) as client:
        try:
            answer = await client.get(url)
        except httpx.ProxyError as error:
            assert "403" in str(error)  # noqa: PT017  a tunnel is refused by an error
        else:
            assert answer.status_code == 403


async def test_a_tunnel_reaches_what_is_allowed() -> None:
    async with origins(saying("hello")) as (origin,), forwarding(origin.open) as proxy:
        url = httpx.URL(proxy)
        reader, writer = await asyncio.open_connection("127.0.0.1", url.port)
        mark = httpx.BasicAuth(url.username, url.password)._auth_header
        place = f"127.0.0.1:{origin.port}"
        head = f"CONNECT {place} HTTP/1.1\r\nProxy-Authorization: {mark}\r\n\r\n"
        writer.write(head.encode())
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 200 OK\r\n\r\n"
        writer.write(b"GET /x HTTP/1.1\r\n\r\n")
        assert (await reader.readuntil(b"hello")).endswith(b"hello")
        writer.close()
    assert origin.seen == ["GET /x HTTP/1.1"]


async def test_who_does_not_know_the_token_gets_nowhere() -> None:
    async with origins(saying("hello")) as (origin,), forwarding(parse_allow("127.0.0.1")) as proxy:
        stranger = str(httpx.URL(proxy).copy_with(username="leeway", password="guess"))  # noqa: S106
        async with httpx.AsyncClient(proxy=stranger) as client:
            answer = await client.get(f"http://127.0.0.1:{origin.port}/")
        assert answer.status_code == 407
        assert origin.seen == []


async def test_nothing_is_written_through_it() -> None:
    async with origins(saying("hello")) as (origin,), forwarding(parse_allow("127.0.0.1")) as proxy:
        async with httpx.AsyncClient(proxy=proxy) as client:
            answer = await client.put(f"http://127.0.0.1:{origin.port}/", content=b"x")
        assert answer.status_code == 400
        assert origin.seen == []


@pytest.mark.parametrize("raw", [b"\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"x" * 99])
async def test_nonsense_is_answered_or_cut(raw: bytes) -> None:
    async with forwarding(parse_allow("")) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(proxy).port)
        writer.write(raw)
        writer.write_eof()
        answer = await asyncio.wait_for(reader.read(), 5)
        assert answer == b"" or answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 407 "))
        writer.close()
