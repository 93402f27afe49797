"""Folders listed by ourselves: as the library lists them, and around what it stumbles over."""

import os
from collections.abc import Sequence
from pathlib import Path

import obstore
import pyarrow.fs
import pytest
from obstore.exceptions import BaseError
from obstore.store import LocalStore

from app.domain.sources.source import Listed, Source, Trouble
from app.sources.objects import Buckets
from tests import seaweed
from tests.app.sources.test_objects import TODAY, reaching, rows, source

NAMES = (
    "a.csv",
    "sub/deep/z.csv",
    " lead.csv",
    "trail ",
    "x%2Fy.csv",
    "a b+c%é.csv",
    'q"u.csv',
    "back\\s.csv",
    "{^}[]~`|<>?*.csv",
    "\x80.csv",
    "日😀.csv",
    "a#b.csv",
    "#",
    "half.csv#12",
    "dir#1/a.csv",
)
CONTROLS = [*map(chr, range(1, 32)), "\x7f"]
BODY = "x\n1\n2\n"


def put(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(BODY)
    return folder


def of(folder: Path) -> Source:
    return Source(1, "m", "logs", f"file://{folder}", format="csv")


async def listed(buckets: Buckets, wanted: Source) -> tuple[dict[str, Listed], str | None]:
    """What a listing shows by key, and the code that it ends with."""
    found: list[Listed] = []
    try:
        async for page in buckets.pages(wanted, TODAY):
            found += page
    except Trouble as trouble:
        return {one.key: one for one in found}, trouble.code
    return {one.key: one for one in found}, None


async def test_a_folder_is_listed_as_the_library_lists_it(tmp_path: Path) -> None:
    folder = put(tmp_path, *NAMES)
    os.utime(folder / "a.csv", ns=(1, 1_234_567_890_123_456_789))
    os.utime(folder / "#", ns=(1, -1_500))
    theirs = [one for page in obstore.list(LocalStore(folder)) for one in page]
    async with reaching(str(folder)) as buckets:
        ours, error = await listed(buckets, of(folder))
        assert error is None
        assert [await rows(buckets, of(folder), one) for one in ours.values()] == [2] * len(ours)
    assert {(o.key, o.size, o.modified, o.etag) for o in ours.values()} == {
        (o["path"], o["size"], o["last_modified"], o["e_tag"]) for o in theirs
    }
    assert set(ours) == {*NAMES} - {"half.csv#12"}


@pytest.mark.parametrize("bad", CONTROLS)
async def test_a_name_that_no_path_can_hold_hides_no_other(tmp_path: Path, bad: str) -> None:
    names = {"a.csv", "z.csv", "nl/a.csv"}
    folder = put(tmp_path, *names, f"n{bad}l.csv", f"o{bad}/a.csv")
    with pytest.raises(BaseError):
        [*obstore.list(LocalStore(folder))]
    async with reaching(str(folder)) as buckets:
        found, error = await listed(buckets, of(folder))
        assert (set(found), error) == (names, "bad-key")
        put(folder, "late.csv", "0.csv")
        found, error = await listed(buckets, of(folder))
        assert (set(found), error) == (names | {"late.csv", "0.csv"}, "bad-key")


async def test_names_that_are_not_utf_8_hide_no_other(tmp_path: Path) -> None:
    folder = put(tmp_path, "a.csv")
    (folder / os.fsdecode(b"x\xffy.csv")).write_text(BODY)
    async with reaching(str(folder)) as buckets:
        found, error = await listed(buckets, of(folder))
    assert (set(found), error) == ({"a.csv"}, "bad-key")


async def test_of_a_link_that_leads_out_nothing_is_told_but_that_it_does(tmp_path: Path) -> None:
    folder, outside = put(tmp_path / "in", "a.csv"), put(tmp_path / "out", "secret.csv")
    (outside / "large.csv").write_text(BODY * 1_000)
    os.utime(outside / "large.csv", (1, 1))
    (folder / "file.csv").symlink_to(outside / "large.csv")
    (folder / "nothing.csv").symlink_to(outside / "nothing.csv")
    (folder / "all").symlink_to(outside)
    async with reaching(str(folder)) as buckets:
        found, error = await listed(buckets, of(folder))
        links = ("all", "file.csv", "nothing.csv")
        assert (sorted(found), error) == (sorted(("a.csv", *links)), None)
        for name in links:
            itself = (folder / name).lstat()
            assert found[name].size == itself.st_size
            assert abs(found[name].modified.timestamp() - itself.st_mtime) < 1e-3
            with pytest.raises(Trouble, match="leads out of the folders") as caught:
                await buckets.open(of(folder), found[name])
            assert (caught.value.code, caught.value.passing) == ("link-leads-out", False)
    async with reaching(f"{folder},{outside}") as buckets:
        found, _ = await listed(buckets, of(folder))
        inside = {"all/secret.csv", "all/large.csv", "file.csv", "a.csv"}
        assert set(found) == inside, "a link to nothing is no object"
        assert await rows(buckets, of(folder), found["file.csv"]) > 1_000


async def test_links_that_lead_round_come_to_an_end(tmp_path: Path) -> None:
    folder = put(tmp_path / "in", "a.csv", "one/b.csv", "two/c.csv")
    (folder / "self").symlink_to("self")
    (folder / "one" / "up").symlink_to(folder)
    (folder / "one" / "across").symlink_to(folder / "two")
    (folder / "two" / "across").symlink_to(folder / "one")
    async with reaching(str(folder)) as buckets:
        found, error = await listed(buckets, of(folder))
    assert error is None
    assert {"a.csv", "one/b.csv", "two/c.csv", "one/across/c.csv"} <= set(found)
    assert len(found) < 10


async def test_what_is_no_folder_is_not_there(tmp_path: Path) -> None:
    put(tmp_path, "a.csv")
    async with reaching(str(tmp_path)) as buckets:
        for path in (tmp_path / "none", tmp_path / "a.csv"):
            assert await listed(buckets, of(path)) == ({}, "no-bucket")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
async def test_a_folder_that_may_not_be_read_hides_no_other(tmp_path: Path) -> None:
    folder = put(tmp_path, "a.csv", "shut/b.csv")
    (folder / "shut").chmod(0)
    async with reaching(str(folder)) as buckets:
        found, error = await listed(buckets, of(folder))
    assert (set(found), error) == ({"a.csv"}, "denied")


def s3_put(server: seaweed.Seaweed, keys: Sequence[str]) -> None:
    """Put objects with a client that minds no control characters."""
    key, secret = seaweed.WRITER
    to = pyarrow.fs.S3FileSystem(
        access_key=key, secret_key=secret, endpoint_override=server.endpoint, region="us-east-1"
    )
    for one in keys:
        with to.open_output_stream(f"{seaweed.BUCKET}/{one}") as stream:
            stream.write(BODY.encode())


async def test_a_real_server_lists_around_line_breaks() -> None:
    good = ["n/0/a.csv", "n/m.csv", "n/m/1.csv", "n/z.csv"]
    with seaweed.running() as server:
        s3_put(server, [*good, "n/m\nn.csv", "n/m\x7f.csv"])
        of = source(server, "s3://logs/n")
        async with reaching() as buckets:
            found, error = await listed(buckets, of)
            # beside such a key, what sorts before it on one page cannot be asked for
            assert ({*found, "n/0/a.csv", "n/m.csv", "n/m/1.csv"}, error) == ({*good}, "bad-key")
            s3_put(server, ["n/zz.csv", "n/n.csv"])
            found, error = await listed(buckets, of)
            assert ({"n/zz.csv", "n/n.csv", "n/z.csv"} - set(found), error) == (set(), "bad-key")
            assert await rows(buckets, of, found["n/zz.csv"]) == 2
