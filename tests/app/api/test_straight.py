"""Bodies that their routes take whole: pieces, limits, budgets, and other servers than ours."""

import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from app.api.body import receive_body
from app.api.edge import straight
from app.api.state import Budget
from app.domain.errors import TooLarge, Unavailable

PIECES = [b"a" * 5_000, *([b"b"] * 6_000), b"c" * 5_000, b"d"]


class Hands:
    """A server that hands over what came before, then the rest piece by piece."""

    def __init__(self, pieces: list[bytes], before: int = 0, *, gone: bool = False) -> None:
        self.body = bytearray(b"".join(pieces[:before]))
        self.more_body = True
        self.refused = 0
        self._pieces = pieces[before:]
        self._gone = gone
        self._take: straight.Take | None = None

    def begin(self, take: straight.Take) -> None:
        if straight.drain(self, take):
            self._take = take

    async def receive(self) -> Message:
        if self._gone:
            return {"type": "http.disconnect"}
        for piece in self._pieces:
            if self._take is None:
                self.body += piece
            elif not self._take(piece):
                self.refused += 1
                return {"type": "http.request", "body": b"", "more_body": True}
        return {"type": "http.request", "body": bytes(self.body), "more_body": False}

    def request(self, *, ours: bool = True) -> Request:
        scope = {"type": "http", "headers": []}
        if ours:
            straight.offer(scope, self.begin)
        return Request(scope, self.receive)


@pytest.mark.parametrize("before", [0, 1, 40, len(PIECES)])
@pytest.mark.parametrize("ours", [True, False])
async def test_a_body_is_the_sum_of_its_pieces(before: int, ours: bool) -> None:
    budget = Budget(1_000_000)
    async with receive_body(Hands(PIECES, before).request(ours=ours), 100_000, budget) as body:
        assert body == b"".join(PIECES)
        assert not budget.take(1_000_000 - len(body) + 1)
    assert budget.take(1_000_000)


async def test_the_limit_holds_before_the_rest_is_taken() -> None:
    budget = Budget(1_000_000)
    server = Hands(PIECES)
    with pytest.raises(TooLarge):
        async with receive_body(server.request(), 5_500, budget):
            pass
    assert server.refused == 1
    assert budget.take(1_000_000)


async def test_what_others_hold_leaves_no_room() -> None:
    budget = Budget(6_000)
    with pytest.raises(Unavailable):
        async with receive_body(Hands(PIECES).request(), 100_000, budget):
            pass
    assert budget.take(6_000)


async def test_a_client_that_left_is_noticed() -> None:
    with pytest.raises(ClientDisconnect):
        async with receive_body(Hands(PIECES, gone=True).request(), 100_000, Budget(10_000)):
            pass
