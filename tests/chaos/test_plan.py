"""The workload: what makes a batch recognisable, and that it is the same batch each time."""

import gzip
import random
from collections import Counter
from itertools import islice

import pytest

from app.sources.formats import FORMATS, decode
from tests.chaos.encode import ENCODERS, columns_of, encode, known_forms, tag
from tests.chaos.plan import Batch, Kind, Shape, Workload, recut, reuse

SHAPE = Shape(seed=5, origin=1_767_225_600, models=3, levels=16)
MANY = 1_000


def batches() -> list[Batch]:
    work = Workload(SHAPE)
    found = list(islice(work, MANY))
    return found + work.last()


def test_one_seed_is_one_workload() -> None:
    assert batches() == batches()


def test_no_two_batches_count_in_one_cell_of_one_pane() -> None:
    cells = Counter(
        (batch.model, pane, batch.level)
        for batch in batches()
        if not batch.kind.refused
        for pane, _ in batch.parts
    )
    assert set(cells.values()) == {1}


def test_every_group_is_sent_whole_and_some_of_it_late() -> None:
    found = [batch for batch in batches() if not batch.kind.refused]
    complete = range(MANY // (SHAPE.models * SHAPE.levels) - 1)
    names = {batch.name for batch in found}
    for group in complete:
        for model in range(SHAPE.models):
            assert {f"m{model}-{group}-{level}" for level in range(SHAPE.levels)} <= names
    groups = [batch.group for batch in found if batch.model == "m0"]
    assert groups != sorted(groups)


def test_sizes_go_from_one_to_five_hundred() -> None:
    sizes = [SHAPE.rows(level) for level in range(SHAPE.levels)]
    assert (sizes[0], sizes[-1]) == (1, 500)
    assert sizes == sorted(sizes)


@pytest.mark.parametrize("form", known_forms(set(FORMATS)))
def test_each_format_carries_the_same_rows(form: str) -> None:
    batch = Workload(Shape(1, SHAPE.origin, forms=(form,))).batch(0, 3, 40, Kind.KEYED)
    body, headers = encode(batch)
    assert encode(batch) == (body, headers)
    if batch.zipped:
        body = gzip.decompress(body)
    table = decode(body, ENCODERS[form][0])
    wanted = columns_of(batch)
    assert table.rows == batch.rows == len(wanted["t"])
    assert set(table.columns) == set(wanted)


def test_rows_with_ids_keep_them_when_they_are_cut_anew() -> None:
    batch = Workload(SHAPE).batch(SHAPE.models - 1, 2, SHAPE.levels - 1, Kind.KEYED)
    rows = list(zip(*columns_of(batch).values(), strict=True))
    for seed in range(50):
        cut = recut(batch, random.Random(seed))
        again = list(zip(*columns_of(cut).values(), strict=True))
        assert again == rows[cut.begin : cut.begin + cut.rows]
        assert len(again) == cut.rows == sum(n for _, n in cut.parts) > 0
        assert Counter(row[0] // 900 * 900 for row in again) == dict(cut.parts)


def test_other_rows_under_a_known_key_have_a_level_of_their_own() -> None:
    batch = Workload(SHAPE).batch(1, 2, 3, Kind.KEYED)
    other = reuse(batch, SHAPE.levels)
    assert encode(other)[1]["Idempotency-Key"] == encode(batch)[1]["Idempotency-Key"]
    assert set(columns_of(other)["tag"]) == {tag(SHAPE.levels + 1)}
