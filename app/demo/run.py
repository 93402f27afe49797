"""The demo from beginning to end: train, declare, send, wait, read, show."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.demo.answers import NOTHING, Delivery, Receipt
from app.demo.client import Client
from app.demo.model import with_score
from app.demo.show import Outcome, as_svg, report
from app.demo.story import MODEL, WEEKS, Story, load, posts, tell
from app.demo.trainer import Retrained, Trainer

TARGET = "demo"
PATIENCE = 120.0
POLL = 0.25


class DemoTimeoutError(Exception):
    """The service did not finish in time; the message says what was awaited."""


async def run_demo(
    base_url: str,
    *,
    console: Console,
    api_key: str | None = None,
    target_url: str | None = None,
    target_secret: str = "env:LEEWAY_DEMO_SECRET",  # noqa: S107  a reference, not a secret
    trainer: Trainer | None = None,
    svg: Path | None = None,
) -> Outcome:
    """Tell the story to a running service and show what it found.

    Parameters
    ----------
    base_url
        Where the service listens, without a slash at the end.
    console
        Where progress and the final table are shown.
    api_key
        Sent as a bearer token where given.
    target_url, target_secret
        A webhook for the alerts, and the reference under which the service finds its secret.
    trainer
        Runs the retraining that drift asks for, where it gets the webhook's events.
    svg
        Also write the final table to this file, as a picture.

    Raises
    ------
    app.demo.model.DemoExtraMissingError
        scikit-learn is not installed.
    app.demo.client.RefusedError
        The service refused a request.
    DemoTimeoutError
        The windows did not close within two minutes.
    """
    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    async with AsyncExitStack() as stack:
        http = httpx.AsyncClient(base_url=base_url, headers=headers, timeout=60, trust_env=False)
        client = Client(await stack.enter_async_context(http), MODEL)
        bars = stack.enter_context(progress(console))
        outcome = await converse(client, bars, (target_url, target_secret), trainer)
    shown = report(outcome, base_url, keyed=api_key is not None)
    console.print(shown, crop=False)
    if svg is not None:
        await asyncio.to_thread(svg.write_text, as_svg(shown), encoding="utf-8")
    return outcome


async def converse(
    client: Client, bars: Progress, webhook: tuple[str | None, str], trainer: Trainer | None
) -> Outcome:
    """Hold the whole conversation, one bar for each of its parts."""
    target_url, target_secret = webhook
    story = await prepare(bars)
    bar = bars.add_task("declaring the model, uploading January and February", total=3)
    await client.declare(window="7d")
    bars.advance(bar)
    await client.upload_reference(story.reference)
    bars.advance(bar)
    if target_url is not None:
        await client.put_webhook(TARGET, target_url, target_secret)
        if trainer is not None:
            await client.retrain_by(TARGET)
    bars.advance(bar)
    rows, batches = await send_all(client, story, bars)
    starts = await closed(client, bars)
    weeks = [await client.week(start) for start in starts[:WEEKS]]
    alerts = await client.alerts()
    retrained = await retrain(client, story, bars, trainer) if trainer is not None else None
    deliveries = await settled(client) if target_url is not None else []
    return Outcome(weeks, rows, batches, alerts, deliveries, retrained)


async def prepare(bars: Progress) -> Story:
    """Train the model on the winter and score everything with it, off the event loop."""
    bar = bars.add_task("training a model on January and February 2013", total=1)
    flights = load()
    scored = await asyncio.to_thread(with_score, flights, tell(flights).reference)
    bars.advance(bar)
    return tell(scored)


async def send_all(client: Client, story: Story, bars: Progress) -> tuple[Receipt, int]:
    """Post every day in order; return what the receipts add up to, and how many they were."""
    days = list(posts(story))
    bar = bars.add_task("sending March to December, a batch a day", total=len(days))
    rows = NOTHING
    for day in days:
        rows += await client.send(day)
        bars.advance(bar)
    return rows, len(days)


async def closed(client: Client, bars: Progress) -> Sequence[str]:
    """Wait until every whole week has been judged."""
    bar = bars.add_task("waiting for the last week to close", total=WEEKS)
    for _ in range(int(PATIENCE / POLL)):
        starts = await client.closed_weeks()
        bars.update(bar, completed=min(len(starts), WEEKS))
        if len(starts) >= WEEKS:
            return starts
        await asyncio.sleep(POLL)
    raise DemoTimeoutError(f"{len(starts)} of {WEEKS} weeks closed within {PATIENCE:.0f} seconds")


async def retrain(
    client: Client, story: Story, bars: Progress, trainer: Trainer
) -> Retrained | None:
    """Do what the drift asked for: only now, so that every week is held against one winter."""
    bar = bars.add_task("retraining on the last eight weeks, as the drift asked", total=1)
    retrained = await trainer.retrain(client, story)
    bars.advance(bar)
    return retrained


async def settled(client: Client) -> Sequence[Delivery]:
    """Give the webhook a few seconds to be delivered, and return how it stands then."""
    deliveries: Sequence[Delivery] = []
    for _ in range(int(10 / POLL)):
        deliveries = await client.deliveries(TARGET)
        if deliveries and all(delivery.state != "pending" for delivery in deliveries):
            break
        await asyncio.sleep(POLL)
    return deliveries


def progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description:<52}"), BarColumn(bar_width=20))
    return Progress(*columns, MofNCompleteColumn(), TimeElapsedColumn(), console=console)
