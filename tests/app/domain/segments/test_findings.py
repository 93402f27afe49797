"""A segment that appears or vanishes is said, and chance is not."""

import numpy as np

from app.domain.segments.findings import changes
from app.domain.segments.segment import Grouping

COUNTRIES = Grouping(("c",), (("a",), ("b",), ("new",)))
REFERENCE = {"c=a": 8_000, "c=b": 1_900, "c=new": 0, "c=(other)": 100}


def codes(**window: int) -> dict[str, str]:
    held = {f"c={'(other)' if name == 'other' else name}": rows for name, rows in window.items()}
    return {one.feature: one.code for one in changes([COUNTRIES], REFERENCE, held)}


def test_what_comes_and_goes_is_found() -> None:
    assert codes(a=800, b=190, other=10) == {}
    assert codes(a=800) == {"c=b": "segment_vanished"}
    assert codes(a=800, b=190, new=40, other=10) == {"c=new": "segment_appeared"}
    assert codes(a=800, b=190, other=80) == {"c=(other)": "segment_appeared"}


def test_a_share_that_moves_is_neither() -> None:
    assert codes(a=500, b=490, other=10) == {}


def test_too_few_rows_say_nothing() -> None:
    assert codes(a=8) == {}
    assert codes() == {}
    assert changes([COUNTRIES], {}, {"c=a": 100}) == ()


def test_chance_is_rarely_told() -> None:
    rng = np.random.default_rng(1)
    texts = [f"v{i}" for i in range(19)]
    grouping = Grouping(("c",), tuple((text,) for text in texts))
    shares = rng.dirichlet(np.full(20, 0.5))
    told = 0
    for _ in range(400):
        ref, cur = rng.multinomial(5_000, shares), rng.multinomial(300, shares)
        told += bool(
            changes(
                [grouping],
                dict(zip(grouping.texts, ref.tolist(), strict=True)),
                dict(zip(grouping.texts, cur.tolist(), strict=True)),
            )
        )
    assert told <= 2
