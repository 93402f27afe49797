"""Every hostile body against the decoders alone."""

import pytest

from app.domain.errors import Invalid, NoRows, TooLarge, Unsupported
from app.sources.formats import decode, find_format, inflate
from tests.app.sources.columns import typed
from tests.app.sources.corpus import Case, cases

CASES = cases()
ERRORS = {400: Invalid, 413: TooLarge, 415: Unsupported}
NO_ROWS = {
    "JSON: no rows",
    "JSON: no wrapped rows",
    "JSON: no columns",
    "JSON: columns without values",
    "lines: empty",
    "lines: blank lines",
    "CSV: empty",
    "CSV: blank",
    "CSV: mark alone",
    "CSV: header alone",
    "CSV: header and line end",
    "CSV: header and blank lines",
    "Parquet: no rows",
    "Parquet: no columns",
    "Arrow: no rows",
    "Arrow: no columns",
}
"""Refused as bodies; objects of a source may be like that."""


def test_there_are_many() -> None:
    assert len(CASES) >= 300


@pytest.mark.parametrize("name", CASES)
def test_a_body_is_read_or_refused_as_it_must_be(name: str) -> None:
    case = CASES[name]
    if case.status in {200, 422}:
        # what rows mean is for those who know the model
        table = read(case)
        assert table > 0
        return
    with pytest.raises(Invalid) as caught:
        read(case)
    assert type(caught.value) is (NoRows if name in NO_ROWS else ERRORS[case.status])
    assert caught.value.faults
    first = caught.value.faults[0]
    assert case.points_at(first.row, first.field, first.pointer), first


def read(case: Case) -> int:
    form = find_format(case.media_type)
    plain = inflate(case.body, case.encoding, form.limits)
    table = decode(plain, case.media_type)
    heights = {len(c) if isinstance(c, list) else typed(c).len() for c in table.columns.values()}
    assert heights <= {table.rows}
    return table.rows
