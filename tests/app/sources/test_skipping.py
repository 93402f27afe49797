"""Keys that no path can name: the listing goes on behind them, and says so.

The server is a fake of S3's listing (version 2), since real ones clean such keys or refuse them.
"""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.sources.source import Listed, Options, Source, Trouble
from app.egress import forwarding, parse_allow
from app.sources.objects import Buckets, Kinds, Opener
from app.sources.objects.skipping import LAST, MOST, gap_of
from app.sources.objects.troubles import CONTROL, NO_PARTS
from tests.app.sources.test_objects import TODAY

ENTRY = (
    "<Contents><Key>{}</Key><LastModified>2026-03-02T00:00:00.000Z</LastModified>"
    '<ETag>"e"</ETag><Size>3</Size></Contents>'
)

CONTROLS = [*map(chr, range(1, 32)), "\x7f"]
FOLDER = "<CommonPrefixes><Prefix>{}</Prefix></CommonPrefixes>"


def written(key: str) -> str:
    """A key as S3 writes it into XML."""
    return CONTROL.sub(lambda found: f"&#x{ord(found[0]):x};", escape(key))


def _at_this_level(keys: list[str], prefix: str, delimiter: str) -> list[str]:
    """The keys of a folder, and the folders in it, which end with the delimiter, in one order."""
    found = set()
    for key in keys:
        name, delimited, _ = key[len(prefix) :].partition(delimiter)
        found.add(prefix + name + delimited)
    return sorted(found)


class _Listings(ThreadingHTTPServer):
    def __init__(self, keys: list[str], page: int) -> None:
        self.keys = sorted(keys)
        self.page = page
        self.begins = True
        """Whether listings begin where they are asked to; Azure's do not."""
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Listings

    def do_GET(self) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        start = query.get("start-after", "") if self.server.begins else ""
        after = query.get("continuation-token") or start
        prefix = query.get("prefix", "")
        found = [key for key in self.server.keys if key.startswith(prefix)]
        if delimiter := query.get("delimiter"):
            found = _at_this_level(found, prefix, delimiter)
        found = [one for one in found if one > after]
        page, rest = found[: self.server.page], found[self.server.page :]
        more = f"<NextContinuationToken>{written(page[-1])}</NextContinuationToken>" if rest else ""
        truncated = f"<IsTruncated>{'true' if rest else 'false'}</IsTruncated>"
        folders = [one for one in page if delimiter and one.endswith(delimiter)]
        entries = "".join(ENTRY.format(written(key)) for key in page if key not in folders)
        entries += "".join(FOLDER.format(written(one)) for one in folders)
        body = f"<ListBucketResult><Name>logs</Name>{truncated}{more}{entries}</ListBucketResult>"
        self._answer(200, body.encode())

    def do_HEAD(self) -> None:
        there = unquote(self.path).partition("/logs/")[2] in self.server.keys
        self._answer(200 if there else 404, b"abc", head=True)

    def _answer(self, status: int, body: bytes, *, head: bool = False) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Last-Modified", "Mon, 02 Mar 2026 00:00:00 GMT")
        self.send_header("ETag", '"e"')
        self.end_headers()
        if not head:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def listings(request: pytest.FixtureRequest) -> Iterator[_Listings]:
    keys, page = request.param
    with _Listings(keys, page) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
        yield server
        server.shutdown()


async def listed(server: _Listings, url: str = "s3://logs") -> tuple[list[str], str | None]:
    options = Options(endpoint=f"http://127.0.0.1:{server.server_port}", anonymous=True)
    found: list[Listed] = []
    allowed = parse_allow("127.0.0.1")
    async with forwarding(allowed) as proxy:
        buckets = Buckets(Kinds(allowed), Opener({}, proxy))
        try:
            async for page in buckets.pages(Source(1, "m", "s", url, options, days=1), TODAY):
                found += page
        except Trouble as trouble:
            return [one.key for one in found], trouble.code
    return [one.key for one in found], None


GOOD = ["b/1.csv", "b/2.csv", "b/3.csv", "c/1.csv", "d/9.csv"]
BAD = ["b//x.csv", "b//y.csv", "c/../1.csv", "c/./1.csv", "d/../../e.csv"]
BROKEN = ["b/0\n.csv", "b/3.csv\t", "b/3\x7f/x.csv", "c/\r", "d\x01/9.csv", 'd/"\n": E']
UNSEEN = ["b/1.csv", "b/2.csv", "b/3.csv"]
"""Those between two of them in one folder, and on one page."""


@pytest.mark.parametrize("listings", [(GOOD, 3)], indirect=True)
async def test_sound_keys_are_listed_without_a_word(listings: _Listings) -> None:
    assert await listed(listings) == (GOOD, None)


@pytest.mark.parametrize(
    "listings", [(GOOD + BAD, page) for page in (1, 2, 3, 5, 100)], indirect=True
)
@pytest.mark.parametrize("url", ["s3://logs"])
async def test_what_lies_around_keys_that_cannot_be_read_is_listed(
    listings: _Listings, url: str
) -> None:
    keys, code = await listed(listings, url)
    assert (sorted(set(keys)), code) == (GOOD, "bad-key")


@pytest.mark.parametrize("listings", [(GOOD + BROKEN, page) for page in (1, 100)], indirect=True)
async def test_what_lies_around_keys_with_control_characters_is_listed(
    listings: _Listings,
) -> None:
    keys, code = await listed(listings)
    assert (sorted({*keys, *UNSEEN}), code) == (GOOD, "bad-key")
    listings.keys = sorted([*GOOD, *BROKEN[1:]])
    keys, code = await listed(listings)
    assert (sorted({*keys, *UNSEEN}), code) == (GOOD, "bad-key")


@pytest.mark.parametrize("listings", [([], 100)], indirect=True)
@pytest.mark.parametrize("bad", CONTROLS)
async def test_no_control_character_hides_what_sorts_behind_it(
    listings: _Listings, bad: str
) -> None:
    behind = ["m ", "m!.csv", "m\x80.csv", "n/a.csv"]
    behind = behind if bad < " " else behind[2:]
    listings.keys = sorted(["a/1.csv", f"m{bad}n.csv", *behind])
    assert await listed(listings) == (behind, "bad-key")


@pytest.mark.parametrize(
    "listings", [(["a/1.csv", "b/1.csv", "b/c/2.csv", "b/n\nl.csv", "z.csv"], 2)], indirect=True
)
async def test_where_no_listing_begins_behind_it_folders_are_asked_one_by_one(
    listings: _Listings,
) -> None:
    listings.begins = False
    keys, code = await listed(listings)
    assert (sorted(set(keys)), code) == (["a/1.csv", "z.csv"], "bad-key")


FOLDERS = st.lists(st.sampled_from(["0", "a", "b", "-"]), max_size=3)
SOUND = st.tuples(FOLDERS, st.sampled_from(["0.csv", "c.csv"])).map(lambda one: [*one[0], one[1]])


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    drawn=st.lists(SOUND.map("/".join), max_size=12, unique=True),
    above=FOLDERS.filter(bool),
    bad=st.sampled_from([*sorted(NO_PARTS), "a\n", "\t", "0\x7f", "-\r-"]),
    page=st.integers(1, 8),
)
@pytest.mark.parametrize("listings", [([], 1)], indirect=True)
async def test_around_one_such_part_all_is_seen_but_what_sorts_before_it_in_its_folder(
    listings: _Listings, drawn: list[str], above: list[str], bad: str, page: int
) -> None:
    folder = "/".join(above)
    key = f"{folder}/{bad}/x.csv"
    listings.keys, listings.page = sorted([*drawn, key]), page
    keys, code = await listed(listings)
    before = {one for one in drawn if f"{folder}/" < one < key}
    assert set(keys) <= set(drawn)
    assert set(drawn) - set(keys) <= before
    assert code == "bad-key"


@pytest.mark.parametrize("listings", [(["b//x.csv", "b/0", "b/0.csv"], 100)], indirect=True)
async def test_the_key_that_a_listing_begins_at_is_asked_for(listings: _Listings) -> None:
    keys, code = await listed(listings)
    assert (keys, code) == (["b/0", "b/0.csv"], "bad-key")


@pytest.mark.parametrize(
    "listings", [([f"{n:03}//x.csv" for n in range(MOST + 5)] + ["z.csv"], 1)], indirect=True
)
async def test_a_bucket_full_of_them_is_given_up(listings: _Listings) -> None:
    assert await listed(listings) == ([], "bad-key")


@pytest.mark.parametrize(
    "listings", [(["2026-03-02//x.csv", "2026-03-03/y.csv"], 9)], indirect=True
)
async def test_other_prefixes_are_listed_all_the_same(listings: _Listings) -> None:
    keys, code = await listed(listings, "s3://logs/{date}")
    assert (keys, code) == (["2026-03-03/y.csv"], "bad-key")


@pytest.mark.parametrize(
    ("message", "following"),
    [
        ('Path "a//b" contained empty path segment', "a/0"),
        ('Error parsing Path "a/../b": Encountered illegal ".."', "a/..0"),
        ('Error parsing Path "a/b/.": Encountered illegal "."', "a/b/.0"),
        ('Path "//b" contained empty path segment', "0"),
        ('Error parsing Path "a/x\ny/z": Encountered illegal "\n"', "a/x "),
        ('Error parsing Path "a/\x7f": Encountered illegal "\x7f"', "a/\x80"),
        ('Error parsing Path "a/b": Encountered illegal something else', LAST + "0"),
        ('Path "a" contained non-unicode characters', LAST + "0"),
        ("connection refused", None),
    ],
)
def test_where_a_listing_goes_on(message: str, following: str | None) -> None:
    gap = gap_of(message, "")
    assert (gap and gap.behind) == following
