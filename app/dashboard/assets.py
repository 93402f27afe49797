"""Styles, script and icon: kept in memory under names that change with what they hold."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from app.domain.errors import NotFound

STATIC = Path(__file__).parent / "static"
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
FOR_GOOD = "public, max-age=31536000, immutable"
DIGITS = 12


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served."""

    name: str
    media_type: str
    body: bytes
    packed: bytes
    digest: str


@lru_cache(1)
def assets() -> dict[str, Asset]:
    """Return every file by its own name, ``page.js``."""
    return {path.name: _load(path) for path in sorted(STATIC.iterdir())}


def asset_name(file: str) -> str:
    """Return the name under which a file is served."""
    return assets()[file].name


async def get_asset(request: Request) -> Response:
    """Serve a file; under a name of before or after an update, too, but not for good."""
    asked: str = request.path_params["asset"]
    stem, _, suffix = asked.rpartition(".")
    found = assets().get(f"{stem.rpartition('.')[0]}.{suffix}")
    if found is None:
        raise NotFound("there is no such file")
    caching = FOR_GOOD if asked == found.name else "no-cache"
    etag = f'"{found.digest}"'
    headers = {"ETag": etag, "Cache-Control": caching, "Vary": "Accept-Encoding"}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        packed = headers | {"Content-Encoding": "gzip"}
        return Response(found.packed, headers=packed, media_type=found.media_type)
    return Response(found.body, headers=headers, media_type=found.media_type)


def _load(path: Path) -> Asset:
    body = path.read_bytes()
    digest = hashlib.sha256(body).hexdigest()[:DIGITS]
    name = f"{path.stem}.{digest}{path.suffix}"
    return Asset(name, MEDIA_TYPES[path.suffix], body, gzip.compress(body, mtime=0), digest)
