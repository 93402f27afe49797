"""Lines on retraining name a target that is there, or how to declare one."""

import html
from pathlib import Path

import httpx

from tests.app.api.service import calling, post, rows, running, with_baseline
from tests.app.dashboard.conftest import HTML

TRAINER = {"kind": "github", "repository": "acme/fraud", "token": "env:NONE"}


async def told(client: httpx.AsyncClient, path: str) -> str:
    page = await client.get(path, headers=HTML)
    assert page.status_code == 200
    return html.unescape(page.text)


async def test_a_target_is_named_only_where_it_is_declared(tmp_path: Path) -> None:
    async with running(tmp_path) as app, calling(app) as client:
        await with_baseline(client, "watched")
        await post(client, "watched", rows(1_000))
        for path in ("/retrainings", "/retrainings?model=watched"):
            page = await told(client, path)
            assert "/v1/targets/trainer -H" in page
            assert '{"target": "trainer"}' in page
        paths = {"slack": {"kind": "slack", "url": "env:NONE"}, "zz-runs": TRAINER}
        for name, declared in paths.items():
            answer = await client.put(f"/v1/targets/{name}", json=declared)
            assert answer.status_code == 201, answer.text
        for path in ("/retrainings", "/retrainings?model=watched"):
            page = await told(client, path)
            assert "/v1/targets/" not in page
            assert '{"target": "zz-runs"}' in page
