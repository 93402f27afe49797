"""The guarded client against real sockets on loopback."""

import asyncio
import ssl
import time
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest

from app.domain.errors import Invalid
from app.egress import (
    MAX_ANSWER,
    Address,
    Allow,
    Refused,
    Resolve,
    check_target,
    guarded_client,
    parse_allow,
)
from tests.receivers import Request, answer, hang, receiving

LOOPBACK = parse_allow("127.0.0.0/8")
PEM = Path(__file__).with_name("receiver_test.pem")


def to(*addresses: str) -> Resolve:
    async def resolve(_: str, __: int) -> Sequence[Address]:
        return [ip_address(a) for a in addresses]

    return resolve


def client(allow: Allow = LOOPBACK, **options) -> httpx.AsyncClient:
    return guarded_client(allow, user_agent="leeway/test", **options)


async def test_an_allowed_receiver_is_reached() -> None:
    async with receiving(answer(200, body=b"taken")) as receiver, client() as http:
        response = await http.post(receiver.url, content=b"event")
    assert (response.status_code, response.content) == (200, b"taken")
    (request,) = receiver.requests
    assert request.line == "POST /hook HTTP/1.1"
    assert request.body == b"event"
    assert request.headers["user-agent"] == "leeway/test"
    assert request.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",  # noqa: S104
        "[::]",
        "user@127.0.0.1",
        "①②⑦.⓪.⓪.①",
    ],
)
async def test_a_forbidden_receiver_sees_no_connection(host: str) -> None:
    async with receiving(answer(200)) as receiver, client(Allow()) as http:
        with pytest.raises((Refused, httpx.TransportError, httpx.InvalidURL)):
            await http.post(f"http://{host}:{receiver.port}/", content=b"event")
    assert receiver.accepts == 0


async def test_one_forbidden_address_among_public_ones_refuses_the_name() -> None:
    http = client(Allow(), resolve=to("8.8.8.8", "127.0.0.1"))
    async with http, receiving(answer(200)) as receiver:
        with pytest.raises(Refused) as raised:
            await http.post(f"http://two.example:{receiver.port}/", content=b"event")
    assert raised.value.reason == "loopback"
    assert receiver.accepts == 0


async def test_a_name_that_turns_to_loopback_after_it_was_saved_is_refused() -> None:
    answers = iter(["8.8.8.8", "127.0.0.1"])

    async def rebinding(_: str, __: int) -> Sequence[Address]:
        return [ip_address(next(answers))]

    async with receiving(answer(200)) as receiver:
        url = f"http://rebind.example:{receiver.port}/"
        await check_target(url, Allow(), rebinding)
        async with client(Allow(), resolve=rebinding) as http:
            with pytest.raises(Refused):
                await http.post(url, content=b"event")
    assert receiver.accepts == 0


async def test_it_connects_to_the_address_that_was_checked_and_asks_once() -> None:
    asked: list[tuple[str, int]] = []

    async def once(host: str, port: int) -> Sequence[Address]:
        asked.append((host, port))
        return [ip_address("127.0.0.1")]

    async with receiving(answer(204)) as receiver, client(resolve=once) as http:
        response = await http.post(f"http://no-such-name.invalid:{receiver.port}/")
    assert response.status_code == 204
    assert asked == [("no-such-name.invalid", receiver.port)]
    assert receiver.requests[0].headers["host"] == f"no-such-name.invalid:{receiver.port}"


async def test_the_next_address_is_tried_when_one_is_dead() -> None:
    http = client(resolve=to("127.9.9.9", "127.0.0.1"))
    async with http, receiving(answer(204)) as receiver:
        response = await http.post(f"http://two.example:{receiver.port}/")
    assert response.status_code == 204


async def test_redirects_are_answers() -> None:
    async with receiving(answer(200)) as second:
        location = f"Location: {second.url}"
        async with receiving(answer(307, location)) as first, client() as http:
            response = await http.post(first.url, content=b"event")
    assert response.status_code == 307
    assert (first.accepts, second.accepts) == (1, 0)


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving(answer(200)) as proxy, receiving(answer(204)) as receiver:
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        async with httpx.AsyncClient() as naive:  # would use it, so the test can fail
            assert (await naive.post(receiver.url)).status_code == 200
        assert proxy.accepts == 1
        async with client() as http:
            assert (await http.post(receiver.url)).status_code == 204
    assert (proxy.accepts, receiver.accepts) == (1, 1)


async def test_cookies_of_a_receiver_are_not_kept() -> None:
    async with receiving(answer(200, "Set-Cookie: a=b")) as receiver, client() as http:
        await http.post(receiver.url)
        await http.post(receiver.url)
    assert "cookie" not in receiver.requests[1].headers


async def test_a_huge_answer_is_cut() -> None:
    sent = 0

    async def gigabyte(_: Request, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        for _ in range(16_000):
            writer.write(b"x" * 62_500)
            await writer.drain()
            sent += 62_500

    async with receiving(gigabyte) as receiver, client() as http:
        response = await http.post(receiver.url)
        await asyncio.sleep(0.1)
        longer = await http.get(receiver.url, extensions={"max_answer": 2 * MAX_ANSWER})
    assert response.content == b"x" * MAX_ANSWER
    assert longer.content == b"x" * MAX_ANSWER * 2
    assert sent < 50_000_000


async def test_a_compressed_answer_is_not_inflated() -> None:
    script = answer(200, "Content-Encoding: gzip", body=b"not gzip at all")
    async with receiving(script) as receiver, client() as http:
        assert (await http.post(receiver.url)).content == b"not gzip at all"


async def _drip(_: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(1000):
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def _slow_headers(_: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for i in range(1000):
        writer.write(f"X-{i}: y\r\n".encode())
        await writer.drain()
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("script", [hang, _drip, _slow_headers])
async def test_the_deadline_holds_for_everything_together(script) -> None:
    async with receiving(script) as receiver, client(deadline=0.3) as http:
        begun = time.perf_counter()
        with pytest.raises(httpx.ReadTimeout, match=r"no complete answer within 0\.3 s"):
            await http.post(receiver.url, content=b"event")
    assert time.perf_counter() - begun < 3


async def test_the_deadline_holds_for_the_name_server() -> None:
    async def slow(_: str, __: int) -> Sequence[Address]:
        await asyncio.sleep(30)
        return []

    async with client(resolve=slow, deadline=0.2) as http:
        with pytest.raises(httpx.ReadTimeout):
            await http.post("http://slow.example/")


async def _endless_headers(_: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for _ in range(10_000):
        writer.write(b"X-Canary: y\r\n" * 100)
        await writer.drain()


async def _nonsense(_: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"canary canary canary\r\n\r\n")


async def _silence(_: Request, __: asyncio.StreamWriter) -> None:
    """Close at once."""


@pytest.mark.parametrize("script", [_endless_headers, _nonsense, _silence])
async def test_what_is_no_http_is_said_without_quoting_it(script) -> None:
    async with receiving(script) as receiver, client() as http:
        with pytest.raises(httpx.TransportError) as raised:
            await http.post(f"{receiver.url}?token=canary", content=b"canary")
    assert "canary" not in str(raised.value).lower()
    assert str(raised.value)


async def test_a_closed_port_is_named() -> None:
    async with receiving(answer(200)) as receiver:
        pass
    async with client() as http:
        with pytest.raises(httpx.ConnectError, match="connection refused"):
            await http.post(receiver.url)


async def test_a_name_without_address_is_named() -> None:
    async def nowhere(_: str, __: int) -> Sequence[Address]:
        raise OSError("canary")

    async with client(resolve=nowhere) as http:
        with pytest.raises(httpx.ConnectError, match="could not be resolved"):
            await http.post("http://gone.example/")


def _server_tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PEM)
    return context


async def test_tls_is_verified_with_the_name() -> None:
    trusting = ssl.create_default_context(cafile=PEM)
    async with receiving(answer(204), tls=_server_tls()) as receiver:
        async with client(resolve=to("127.0.0.1"), tls=trusting) as http:
            good = await http.post(f"https://receiver.test:{receiver.port}/")
            assert good.status_code == 204
            with pytest.raises(httpx.ConnectError, match="TLS certificate refused"):
                await http.post(f"https://other.test:{receiver.port}/")
        async with client(resolve=to("127.0.0.1")) as http:
            with pytest.raises(httpx.ConnectError, match="TLS certificate refused"):
                await http.post(f"https://receiver.test:{receiver.port}/")
    assert len(receiver.requests) == 1


async def test_saved_and_connected_alike() -> None:
    """Whatever may be saved by number may be reached, and the reverse."""
    async with receiving(answer(204)) as receiver:
        open_here = parse_allow(f"127.0.0.1:{receiver.port}")
        await check_target(receiver.url, open_here)
        async with client(open_here) as http:
            assert (await http.post(receiver.url)).status_code == 204
        with pytest.raises(Invalid):
            await check_target(receiver.url, parse_allow("127.0.0.1:1"))
