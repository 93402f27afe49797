"""What was acknowledged is remembered, and a file that has grown is not sent twice unawares."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.sources.sequence import Numbered, parse
from app.send.journal import Journal
from app.send.naming import key, number, prefix
from app.send.order import Order, Stop, numbers_from
from app.send.part import Part
from app.send.reading import read

ORDER = Order((), "http://127.0.0.1:1", "m")


def _opened(path: Path, order: Order, folder: Path, created: str = "monday") -> Journal:
    file = read(path)
    return Journal.opened(folder, file, prefix(file, order), order, created)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "rows.csv"
    found.write_bytes(b"a\n1\n2\n")
    return found


def test_what_was_acknowledged_is_known_in_the_next_run(path: Path, tmp_path: Path) -> None:
    first = _opened(path, ORDER, tmp_path / "sent")
    first.note(0, 10)
    first.note(2, 7)
    assert _opened(path, ORDER, tmp_path / "sent").done == {0: 10, 2: 7}


def test_a_line_that_was_cut_short_is_not_believed(path: Path, tmp_path: Path) -> None:
    _opened(path, ORDER, tmp_path / "sent").note(0, 10)
    (written,) = (tmp_path / "sent").iterdir()
    with written.open("ab") as file:
        file.write(b'{"part":1,"rows":1')
    assert _opened(path, ORDER, tmp_path / "sent").done == {0: 10}


@pytest.mark.parametrize(
    "other",
    [
        replace(ORDER, model="other"),
        replace(ORDER, to="http://127.0.0.1:2"),
        replace(ORDER, rows=5),
        replace(ORDER, version="v2"),
    ],
)
def test_another_model_service_version_or_size_begins_anew(
    path: Path, tmp_path: Path, other: Order
) -> None:
    _opened(path, ORDER, tmp_path / "sent").note(0, 10)
    assert _opened(path, other, tmp_path / "sent").done == {}


def test_a_file_that_has_grown_is_refused_with_the_way_out(path: Path, tmp_path: Path) -> None:
    _opened(path, ORDER, tmp_path / "sent").note(0, 2)
    path.write_bytes(path.read_bytes() + b"3\n")
    with pytest.raises(Stop, match=r"has grown since 2 rows.*--again"):
        _opened(path, ORDER, tmp_path / "sent")
    assert _opened(path, replace(ORDER, again=True), tmp_path / "sent").done == {}


def test_a_model_that_was_declared_again_knows_nothing_of_it(path: Path, tmp_path: Path) -> None:
    _opened(path, ORDER, tmp_path / "sent").note(0, 2)
    assert _opened(path, ORDER, tmp_path / "sent", "tuesday").done == {}
    path.write_bytes(path.read_bytes() + b"3\n")
    assert _opened(path, ORDER, tmp_path / "sent", "wednesday").done == {}


def test_another_file_in_its_place_is_no_growth(path: Path, tmp_path: Path) -> None:
    _opened(path, ORDER, tmp_path / "sent").note(0, 2)
    path.write_bytes(b"a\n7\n8\n9\n")
    assert _opened(path, ORDER, tmp_path / "sent").done == {}


def test_names_go_by_content_version_and_size_of_batches(path: Path, tmp_path: Path) -> None:
    copied = tmp_path / "copy.csv"
    copied.write_bytes(path.read_bytes())
    part = Part(3, 30, 10, b"", "text/csv")
    named = {
        key(prefix(read(file), order), part, order.version)
        for file, order in [
            (path, ORDER),
            (copied, ORDER),
            (path, replace(ORDER, source="elsewhere")),
        ]
    }
    assert len(named) == 1
    assert len(named.pop()) < 255
    others = {prefix(read(path), replace(ORDER, rows=5)), prefix(read(path), ORDER)}
    assert len(others | {prefix(read(path), replace(ORDER, version="v"))}) == 3


def test_a_file_is_a_run_whose_numbers_are_always_the_same(path: Path, tmp_path: Path) -> None:
    parts = [Part(index, 10 * index, 10, b"", "text/csv") for index in range(3)]
    named = prefix(read(path), ORDER)
    found = [number(named, part, ORDER) for part in parts]
    assert [one.number for one in found if one] == [1, 2, 3]
    assert len({one.epoch for one in found if one}) == 1
    assert parse(str(found[1])) == found[1], "the service reads them"
    copy = tmp_path / "copy.csv"
    copy.write_bytes(path.read_bytes())
    assert number(prefix(read(copy), ORDER), parts[1], ORDER) == found[1]
    copy.write_bytes(b"a\n1\n3\n")
    assert number(prefix(read(copy), ORDER), parts[1], ORDER) != found[1]
    assert number(named, parts[0], replace(ORDER, numbered=False)) is None
    mended = replace(ORDER, sequence=numbers_from("file-7d0c/5", 1))
    assert number(named, parts[1], mended) == Numbered("file-7d0c", 6)


@pytest.mark.parametrize(("text", "files"), [("5", 1), ("a b/5", 1), ("run/", 1), ("run/5", 2)])
def test_numbers_that_would_be_no_ones(text: str, files: int) -> None:
    with pytest.raises(Stop, match="--sequence"):
        numbers_from(text, files)
