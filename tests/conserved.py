"""The law that every test ends with: nothing received is lost, and no row appears from nowhere."""

import asyncio
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from app.domain.conservation import Balance
from app.store import SqlStore, is_current

RESULTS = ("counted", "duplicate", "late", "rejected")
SAMPLE = re.compile(r"^leeway_ingest_rows(_received)?_total\{(.*)\} ([0-9.e+]+)$", re.MULTILINE)
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


async def balances(store: SqlStore) -> dict[str, Balance]:
    async with store.read() as unit:
        return {one.model: one for one in await unit.views.balances()}


async def check(store: SqlStore, *, all_receipts: bool = True) -> None:
    """Check tallies, receipts and stored counts of every model against each other."""
    found = await balances(store)
    faults = [fault for one in found.values() for fault in one.faults(all_receipts=all_receipts)]
    assert not faults, faults


def check_metrics(text: str, found: Mapping[str, Balance]) -> None:
    """Check what ``/metrics`` says against the database."""
    told: dict[tuple[str, str], int] = {}
    for total, labels, value in SAMPLE.findall(text):
        given = dict(LABEL.findall(labels))
        key = (given["model"], "received" if total else given["result"])
        told[key] = told.get(key, 0) + int(float(value))
    for model, balance in found.items():
        for name in ("received", *RESULTS):
            if balance.received:
                assert told[model, name] == getattr(balance, name), (model, name)


def check_place(url: str, *, all_receipts: bool = True) -> None:
    """The same for a database that no store of this process has open, within a loop or not."""

    async def look() -> None:
        store = SqlStore(url)
        try:
            if await is_current(store.engine):
                await check(store, all_receipts=all_receipts)
        finally:
            await store.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, look()).result(60)
