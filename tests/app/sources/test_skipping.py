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
from app.sources.objects.skipping import BAD_PARTS, MOST, gap_of
from tests.app.sources.test_objects import TODAY

ENTRY = (
    "<Contents><Key>{}</Key><LastModified>2026-03-02T00:00:00.000Z</LastModified>"
    '<ETag>"e"</ETag><Size>3</Size></Contents>'
)

FOLDER = "<CommonPrefixes><Prefix>{}</Prefix></CommonPrefixes>"


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
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Listings

    def do_GET(self) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        after = query.get("continuation-token") or query.get("start-after", "")
        prefix = query.get("prefix", "")
        found = [key for key in self.server.keys if key.startswith(prefix)]
        if delimiter := query.get("delimiter"):
            found = _at_this_level(found, prefix, delimiter)
        found = [one for one in found if one > after]
        page, rest = found[: self.server.page], found[self.server.page :]
        more = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if rest else ""
        truncated = f"<IsTruncated>{'true' if rest else 'false'}</IsTruncated>"
        folders = [one for one in page if delimiter and one.endswith(delimiter)]
        entries = "".join(ENTRY.format(escape(key)) for key in page if key not in folders)
        entries += "".join(FOLDER.format(escape(one)) for one in folders)
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


FOLDERS = st.lists(st.sampled_from(["0", "a", "b", "-"]), max_size=3)
SOUND = st.tuples(FOLDERS, st.sampled_from(["0.csv", "c.csv"])).map(lambda one: [*one[0], one[1]])


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    drawn=st.lists(SOUND.map("/".join), max_size=12, unique=True),
    above=FOLDERS.filter(bool),
    bad=st.sampled_from(sorted(BAD_PARTS)),
    page=st.integers(1, 8),
)
@pytest.mark.parametrize("listings", [([], 1)], indirect=True)
async def test_around_one_such_part_all_is_seen_but_what_sorts_before_it_in_its_folder(
    listings: _Listings, drawn: list[str], above: list[str], bad: str, page: int
) -> None:
    folder = "/".join(above)
    listings.keys, listings.page = sorted([*drawn, f"{folder}/{bad}/x.csv"]), page
    keys, code = await listed(listings)
    before = {key for key in drawn if key.startswith(f"{folder}/-")}
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
        ('Error parsing Path "a/\\u{1}": Encountered illegal', None),
        ("connection refused", None),
    ],
)
def test_where_a_listing_goes_on(message: str, following: str | None) -> None:
    gap = gap_of(message, "")
    assert (gap and gap.behind) == following
