"""An open service answers to its own names only: no page may reach it under the page's name."""

from pathlib import Path

import httpx
import pytest

from app.api.edge.hosts import host_of
from tests.app.api.service import KEY, calling, problem, running

pytestmark = pytest.mark.asyncio(loop_scope="module")
OWN = ("localhost", "LocalHost:8000", "127.0.0.1", "127.0.0.1:65535", "[::1]", "[::1]:8000")
FOREIGN = (
    "page.example",
    "page.example:8000",
    "localhost.page.example",
    "127.0.0.1.page.example",
    "page.example@localhost",
    "10.0.0.1",
    "[::2]:8000",
    "[::1",
    "0.0.0.0",  # noqa: S104
    "",
)


@pytest.mark.parametrize("host", OWN[:-1])
async def test_its_own_names_are_answered(client: httpx.AsyncClient, host: str) -> None:
    assert (await client.get("/v1/models", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize("host", FOREIGN)
async def test_other_names_are_refused(client: httpx.AsyncClient, host: str) -> None:
    for method, path in (("GET", "/v1/models"), ("PUT", "/v1/models/m"), ("GET", "/nope")):
        answer = await client.request(method, path, headers={"Host": host}, json={})
        assert problem(answer, 421)["type"] == "urn:leeway:problem:misdirected"
        assert "page" not in answer.text


async def test_a_second_name_is_no_way_in(client: httpx.AsyncClient) -> None:
    hosts = [("Host", "localhost"), ("Host", "page.example")]
    problem(await client.get("/v1/models", headers=hosts), 421)


async def test_the_address_it_listens_on_is_its_own(tmp_path: Path) -> None:
    async with running(tmp_path, host="127.9.9.9") as served, calling(served) as client:
        assert (await client.get("/", headers={"Host": "127.9.9.9:80"})).status_code == 200
        problem(await client.get("/", headers={"Host": "127.9.9.8:80"}), 421)


async def test_a_key_is_enough_whatever_the_name(tmp_path: Path) -> None:
    headers = {"Host": "leeway.example", "Authorization": f"Bearer {KEY}"}
    async with running(tmp_path, api_keys=(KEY,)) as served, calling(served) as client:
        assert (await client.get("/v1/models", headers=headers)).status_code == 200
        problem(await client.get("/v1/models", headers={"Host": "leeway.example"}), 401)


@pytest.mark.parametrize(
    ("header", "host"),
    [
        ("A.b:1", "a.b"),
        ("[::1]:80", "::1"),
        ("[::1]", "::1"),
        (" a ", "a"),
        (":80", ""),
        ("[::1", "[::1"),
    ],
)
async def test_ports_and_brackets_are_no_part_of_a_host(header: str, host: str) -> None:
    assert host_of(header) == host
