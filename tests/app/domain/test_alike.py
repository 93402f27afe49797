"""Misspelt names: what was meant, or what there is."""

import pytest

from app.domain.alike import LONGEST, MOST_NAMES, alike, way_out


def test_a_name_close_to_a_known_one_is_told_with_it() -> None:
    assert alike(["ammount", "debug"], ["amount", "tenure"]) == {"ammount": "amount"}


def test_what_is_compared_is_bounded() -> None:
    many = [f"amount{n}" for n in range(1_000)]
    assert len(alike(many, ["amount"])) == MOST_NAMES
    long = "a" * (LONGEST + 1)
    assert alike([long], [long]) == {}
    assert len(way_out(long, [long] * 1_000)) < 10 * LONGEST


@pytest.mark.parametrize(
    ("name", "known", "said"),
    [
        ("ammount", ["amount", "tenure"], "; was 'amount' meant?"),
        ("x", ["amount", "tenure"], "; there are 'amount' and 'tenure'"),
        ("x", ["amount"], "; there is 'amount'"),
        ("x", [], ""),
        ("x", list("abcdefgh"), "; there are 'a', 'b', 'c', 'd', 'e' and 3 more"),
    ],
)
def test_a_way_out(name: str, known: list[str], said: str) -> None:
    assert way_out(name, known) == said
