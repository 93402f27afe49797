"""Lines for a shell run as they stand, whatever stands in names, and name the key where one is."""

import shlex

import httpx
import pytest
from fastapi import FastAPI

from app.dashboard.links import Links
from app.dashboard.rendering import environment
from tests.app.api.service import KEY, calling, running

HOSTILE = ["a b", "$(reboot)", "`id`", "it's", 'a"b', "a;b", "!x", "\u202e", "a\nb", "<b>", "-x"]


def line(link: Links, *parts: str, **about: object) -> str:
    """What a template makes of it, before it is escaped for the page."""
    template = environment().from_string("{{ curl(*parts, **about) | safe }}")
    return template.render(link=link, parts=parts, about=about)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_shell_reads_one_address_out_of_any_name(name: str) -> None:
    link = Links("/at", "https://leeway.example:8443")
    words = shlex.split(line(link, "v1", "models", name, json=f'{{"reason": "{name}"}}'))
    address = link.origin + link("v1", "models", name)
    json = ["-H", "Content-Type: application/json", "-d", f'{{"reason": "{name}"}}']
    assert words == ["curl", address, *json]


def test_the_key_is_a_variable_that_the_first_line_explains() -> None:
    link = Links("", "http://localhost:1", has_keys=True)
    first, asks = line(link, "v1", "models", csv="a.csv").split("\n")
    assert first.startswith("KEY=")
    assert '-H "Authorization: Bearer $KEY"' in asks
    assert line(link, "v1", "models", key=False).startswith("curl http://localhost:1/v1/models ")
    assert "KEY" not in line(Links(), "v1", "models")


async def test_pages_name_the_address_that_was_called(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("shell")
    headers = {"Accept": "text/html", "Authorization": f"Bearer {KEY}"}
    async with running(folder, api_keys=(KEY,)) as app, calling(app, headers=headers) as client:
        assert (await client.put("/v1/models/m", json={})).is_success
        for path in ("/models/m", "/retrainings", "/deliveries", "/alerts", "/ingest/m"):
            page = await _page(client, path, "drift.example:81")
            assert "curl " in page
            for asked in (one for one in page.splitlines() if "curl " in one):
                assert "http://drift.example:81/v1/" in asked
                assert "Bearer $KEY" in asked.replace("&#34;", '"')
            assert KEY not in page
            assert "evil" not in await _page(client, path, "evil'$(reboot)")


async def test_without_keys_none_is_named(app: FastAPI) -> None:
    async with calling(app, headers={"Accept": "text/html"}) as client:
        page = await _page(client, "/retrainings", "localhost:8123")
        assert "curl -X PUT http://localhost:8123/v1/models/flights/retraining" in page
        assert "Authorization" not in page


async def _page(client: httpx.AsyncClient, path: str, host: str) -> str:
    page = await client.get(path, headers={"Host": host})
    assert page.status_code == 200, (path, page.text[:200])
    return page.text
