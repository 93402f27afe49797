"""``leeway doctor``: everything that serving needs is tried, without serving."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx

from app.address import listen_on
from app.domain.errors import LeewayError
from app.egress import parse_allow
from app.main import warm_up
from app.settings import Settings
from app.store import SqlStore, is_current

ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104  asked, not bound
PATIENCE = 2.0
"""Seconds in which whoever listens there must answer."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing that was tried."""

    name: str
    fault: str | None = None
    """What has to be mended first."""
    advice: str | None = None
    """What may well be so, and is worth knowing."""
    note: str = ""


async def inspect(settings: Settings) -> AsyncIterator[Checked]:
    """Try one thing after the other, and tell of each."""
    yield _settings(settings)
    yield await _port(settings)
    yield _links(settings)
    await asyncio.to_thread(warm_up)
    yield Checked("kernels")
    async for one in _database(settings):
        yield one


def _settings(settings: Settings) -> Checked:
    try:
        parse_allow(settings.allow)
    except LeewayError as error:
        return Checked("settings", error.detail)
    return Checked("settings")


def _links(settings: Settings) -> Checked:
    if settings.public_url:
        return Checked("links", note=f"messages link to {settings.public_url}")
    said = (
        "LEEWAY_PUBLIC_URL is not set: messages to people have no links, and those in webhooks "
        "are paths; set it to where people reach this service"
    )
    return Checked("links", advice=said)


async def _port(settings: Settings) -> Checked:
    """Say whether the address is free, or a Leeway answers there already."""
    try:
        listen_on(settings).close()
    except LeewayError as error:
        if await _answers(settings):
            return Checked("port", note=f"a Leeway answers on port {settings.port}")
        return Checked("port", error.detail)
    return Checked("port", note=f"{settings.port or 'any'} is free")


async def _answers(settings: Settings) -> bool:
    host = ANYWHERE.get(settings.host, settings.host)
    url = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/readyz"
    try:
        async with httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as client:
            said = (await client.get(url)).text
    except httpx.HTTPError:
        return False
    # ready, or not ready as a problem of ours
    return '"checks":' in said or "urn:leeway:problem:" in said


async def _database(settings: Settings) -> AsyncIterator[Checked]:
    try:
        store = SqlStore(settings.url)
    except LeewayError as error:
        yield Checked("database", error.detail)
        return
    try:
        async with store.read():
            yield Checked("database")
        current = await is_current(store.engine)
        yield Checked("schema", None if current else "not current: run 'leeway migrate'")
    except LeewayError as error:
        yield Checked("database", error.detail)
    finally:
        await store.close()
