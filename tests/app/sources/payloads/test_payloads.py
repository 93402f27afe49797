"""The open folder: plain formats are logs as well, and a new log is one new file."""

import gzip
import subprocess
import sys
from pathlib import Path

import pytest
import zstandard

from app.domain.errors import Invalid, TooLarge, Unsupported
from app.sources import payloads
from app.sources.formats import FORMATS, Limits
from app.sources.payloads import PAYLOADS, Columns, decode_object
from tests.app.sources.columns import rows_of

CSV = b"a,b\n1,x\n2,y\n"
THIRD = """
from app.sources.payloads._spec import Payload


def reshape(table, columns, limits):
    (lines,) = table.columns.values()
    rows = [{columns.renames.get("m", "m"): line["v"]} for line in lines]
    from app.sources.formats import from_rows
    return from_rows(rows, table.layout, limits)


PAYLOAD = Payload("third", "application/x-ndjson", reshape)
"""
PROOF = """
import sys
import app.sources.payloads as payloads
payloads.__path__.append(sys.argv[1])
found = payloads._load()
payloads.PAYLOADS.update(found)
table = payloads.decode_object("third", b'{"x":{"v":1}}\\n{"x":{"v":2}}')
print(sorted(table.columns), table.rows, "sagemaker" in found, "feast" in found)
"""


def test_plain_formats_and_two_logs_are_there() -> None:
    assert PAYLOADS.keys() == {form.name for form in FORMATS.values()} | {"sagemaker", "feast"}


def test_a_file_put_beside_them_is_a_third(tmp_path: Path) -> None:
    (tmp_path / "third.py").write_text(THIRD)
    command = [sys.executable, "-c", PROOF, str(tmp_path)]
    out = subprocess.run(command, capture_output=True, text=True, check=True)
    assert out.stdout == "['m'] 2 True True\n"


def test_an_unknown_name_says_which_there_are() -> None:
    with pytest.raises(Unsupported, match=r"sagemaker"):
        decode_object("xlsx", b"x")


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.ZstdCompressor().compress])
@pytest.mark.parametrize("on_disk", [False, True])
def test_packed_objects_are_told_by_their_first_bytes(
    pack: object, on_disk: bool, tmp_path: Path
) -> None:
    body = pack(CSV)  # type: ignore[operator]
    path = tmp_path / "object"
    path.write_bytes(body)
    table = decode_object("csv", path if on_disk else body, Columns(renames={"a": "c"}))
    assert rows_of(table) == {"c": ["1", "2"], "b": ["x", "y"]}
    assert table.untyped


def test_renames_must_not_meet() -> None:
    with pytest.raises(Invalid, match="one name"):
        decode_object("csv", CSV, Columns(renames={"a": "b"}))
    swapped = rows_of(decode_object("csv", CSV, Columns(renames={"a": "b", "b": "a"})))
    assert swapped == {"b": ["1", "2"], "a": ["x", "y"]}


def test_limits_hold_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "object"
    path.write_bytes(CSV)
    with pytest.raises(TooLarge):
        decode_object("csv", path, limits=Limits(body=5))
    assert payloads.decode_object("csv", path).rows == 2
