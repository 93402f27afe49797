"""Files, one after another; the batches of each, a few at a time."""

import random
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
from rich.console import Console
from rich.text import Text

from app.send import show
from app.send.journal import Journal
from app.send.naming import key, number, prefix
from app.send.order import DONE, INTERRUPTED, REJECTED, Order, Stop, check_address
from app.send.part import Part
from app.send.post import Declared, Outcome, Poster, Rejected
from app.send.reading import File, read
from app.send.tally import Tally

TIMEOUT = httpx.Timeout(60.0, connect=5.0)
RESUME = "Send the same again to go on: what was acknowledged is counted once."
SKIPPED = (
    "{:,} rows skipped: the journal in {} says they were acknowledged; "
    "--no-journal asks the service"
)


def send_files(order: Order, out: Console, err: Console) -> int:
    """Send all files and say what became of them; return the exit status.

    Parameters
    ----------
    order
        What was asked.
    out
        Where the table goes.
    err
        Where progress, refusals and reasons to stop go.
    """
    tallies: list[Tally] = []
    try:
        status = _send(order, tallies, err)
    except Stop as stop:
        err.print(Text(str(stop), style="red"), soft_wrap=True)
        status = stop.status
    except KeyboardInterrupt:
        status = INTERRUPTED
    if status not in (DONE, REJECTED) and any(tally.rows for tally in tallies):
        err.print(RESUME)
    skipped = sum(tally.skipped for tally in tallies)
    if skipped and not order.quiet:
        err.print(Text(SKIPPED.format(skipped, order.journal)), soft_wrap=True)
    if not order.quiet and tallies:
        out.print(show.table(tallies))
    return status


def _send(order: Order, tallies: list[Tally], err: Console) -> int:
    check_address(order.to)
    headers = {} if order.key is None else {"Authorization": f"Bearer {order.key}"}
    rejected = False
    model: Declared | None = None
    with (
        httpx.Client(base_url=order.to, headers=headers, timeout=TIMEOUT) as http,
        show.bars(err, quiet=order.quiet) as bars,
        ThreadPoolExecutor(order.parallel, thread_name_prefix="send") as pool,
    ):
        poster = Poster(http, order, random.Random())  # noqa: S311  spreads retries
        for path in order.files:
            tallies.append(Tally(str(path)))
            file = read(path)
            if model is None:
                model = poster.declared()
                for line in show.untimed(order.model, model):
                    err.print(Text(line, style="yellow"), soft_wrap=True)
            sending = _Sending(order, model, poster, pool, tallies[-1])
            sending.send(file, show.begin(bars, path.name))
            rejected |= bool(tallies[-1].refusals)
            for line in show.refusals(tallies[-1]):
                err.print(Text(line), soft_wrap=True)
            if rejected and not order.skip_rejected:
                return REJECTED
    return REJECTED if rejected else DONE


@dataclass(frozen=True, slots=True)
class _Sending:
    """One file on its way."""

    order: Order
    model: Declared
    poster: Poster
    pool: ThreadPoolExecutor
    tally: Tally

    def send(self, file: File, bar: show.Bar) -> None:
        """Send what the journal does not know, never more batches at a time than are allowed."""
        named = prefix(file, self.order)
        journal = Journal.opened(self.order.journal, file, named, self.order, self.model.created)
        begun = time.monotonic()
        flying: deque[Future[Outcome]] = deque()
        try:
            for part, done in self._unknown(file, journal):
                under = key(named, part, self.order.version)
                its = number(named, part, self.order)
                flying.append(self.pool.submit(self.poster.post, part, under, its))
                if len(flying) > self.order.parallel:
                    self._settle(flying.popleft(), journal)
                bar.show(done, self.tally, time.monotonic() - begun)
                if self.tally.refusals and not self.order.skip_rejected:
                    break
        except BaseException:
            self.poster.stop()
            raise
        finally:
            # what is under way may be acknowledged yet, which must not be forgotten
            self._finish(flying, journal)
        _same(file)

    def _unknown(self, file: File, journal: Journal) -> Iterator[tuple[Part, float]]:
        for part, done in file.parts(self.order.rows):
            if part.number in journal.done:
                self.tally.skip(part)
            else:
                yield part, done

    def _settle(self, future: "Future[Outcome]", journal: Journal) -> None:
        outcome = future.result()
        self.tally.add(outcome)
        if not isinstance(outcome, Rejected):
            journal.note(outcome.part.number, outcome.part.rows)

    def _finish(self, flying: "deque[Future[Outcome]]", journal: Journal) -> None:
        failed: BaseException | None = None
        while flying:
            try:
                self._settle(flying.popleft(), journal)
            except Stop as stop:
                failed = failed or stop
        if failed is not None:
            raise failed


def _same(file: File) -> None:
    """Refuse to call a file sent that changed meanwhile."""
    if read(Path(file.path)).digest != file.digest:
        raise Stop(f"{file.path} changed while it was sent; what was read of it may be mixed")
