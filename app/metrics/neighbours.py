"""Processes behind one address answer one scrape: the first of them for all.

Whichever is asked passes the question on, so that no counter depends on who took the connection.
They speak over sockets in a folder that is theirs alone.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias
from uuid import uuid4

import msgspec

from app.domain.errors import Unavailable
from app.domain.telling.reports import Rendered
from app.metrics.exposition import Exposition
from app.metrics.requests import Own

Render: TypeAlias = Callable[[str], Awaitable[Rendered]]
PATIENCE: Final = 2.0
"""Seconds in which a process says what it counted."""
SCRAPE_PATIENCE: Final = 9.0
"""And in which the first renders: a scrape is given up after ten."""
LONGEST_QUESTION: Final = 65_536


class Question(msgspec.Struct, frozen=True):
    """For all series where ``accept`` is given, else for what the process counted of itself."""

    accept: str | None = None


class Said(msgspec.Struct, frozen=True):
    """An answer: one of the three."""

    own: Own | None = None
    born: str = ""
    rendered: Rendered | None = None
    refused: tuple[str, str] | None = None
    """What is the matter, and its code."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The place of a process among those behind one address."""

    folder: Path
    number: int
    of: int

    @asynccontextmanager
    async def sharing(self, exposition: Exposition) -> AsyncIterator[Render]:
        """Answer the others meanwhile; give what renders the series of all."""
        rest = Rest(self)

        async def whole(accept: str) -> Rendered:
            return await exposition.render(accept, await rest.counted())

        async def passed_on(accept: str) -> Rendered:
            return await self._first(accept)

        mine = whole if self.number == 0 else passed_on
        answering = _Answering(exposition, mine, uuid4().hex)
        path = self._path(self.number)
        path.unlink(missing_ok=True)  # of one that was killed
        server = await asyncio.start_unix_server(answering.answer, path, limit=LONGEST_QUESTION)
        async with server:
            yield mine

    async def ask(self, number: int, question: Question, patience: float) -> Said:
        """Ask one of them.

        Raises
        ------
        OSError, TimeoutError, msgspec.MsgspecError
            It does not answer, or not in a whole piece.
        """
        async with asyncio.timeout(patience):
            reader, writer = await asyncio.open_unix_connection(self._path(number))
            with closing(writer):
                writer.write(msgspec.json.encode(question) + b"\n")
                return msgspec.msgpack.decode(await reader.read(), type=Said)

    async def _first(self, accept: str) -> Rendered:
        try:
            said = await self.ask(0, Question(accept), SCRAPE_PATIENCE)
        except (OSError, TimeoutError, msgspec.MsgspecError):
            said = Said(refused=("the process that tells the series does not answer", "busy"))
        if said.rendered is None:
            detail, code = said.refused or ("it was not understood", "busy")
            raise Unavailable(detail, code=code)
        return said.rendered

    def _path(self, number: int) -> Path:
        return self.folder / f"{number}.sock"


@dataclass(slots=True)
class _Answering:
    """Answers the questions of others."""

    exposition: Exposition
    render: Render
    born: str

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer):
            question = msgspec.json.decode(await reader.readline(), type=Question)
            writer.write(msgspec.msgpack.encode(await self._said(question)))
            await writer.drain()

    async def _said(self, question: Question) -> Said:
        if question.accept is None:
            return Said(own=self.exposition.own(), born=self.born)
        try:
            return Said(rendered=await self.render(question.accept))
        except Unavailable as error:
            return Said(refused=(error.detail, error.code))


@dataclass(slots=True)
class Rest:
    """What the others counted. It never shrinks: what an ended process said last is kept."""

    neighbours: Neighbours
    _ended: Own = field(default_factory=Own)
    _last: dict[int, Said] = field(default_factory=dict)

    async def counted(self) -> Own:
        """Ask all; who does not answer counts with what it said before."""
        others = [n for n in range(self.neighbours.of) if n != self.neighbours.number]
        asking = (self.neighbours.ask(n, Question(), PATIENCE) for n in others)
        found = await asyncio.gather(*asking, return_exceptions=True)
        for number, said in zip(others, found, strict=True):
            if isinstance(said, Said) and said.own is not None:
                self.hear(number, said)
        total = self._ended
        for said in self._last.values():
            total += said.own or Own()
        return total

    def hear(self, number: int, said: Said) -> None:
        """Keep what one says; where another has taken its place, what that said is done."""
        before = self._last.get(number)
        if before is not None and before.born != said.born and before.own is not None:
            self._ended += before.own
        self._last[number] = said
