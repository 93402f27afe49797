"""Forms of pages: small, read whole, and sent by a page of ours, as the API's guard makes sure."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request

from app.domain.errors import Invalid, TooLarge, Unsupported

LARGEST = 10_000
KIND = "application/x-www-form-urlencoded"
MOST_FIELDS = 20


async def fields(request: Request) -> Mapping[str, str]:
    """Return what a form says.

    Raises
    ------
    Unsupported, TooLarge, Invalid
        It is no form of ours.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != KIND:
        raise Unsupported(f"a form is sent as {KIND}")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            raise TooLarge(f"a form has at most {LARGEST} bytes")
    try:
        return dict(parse_qsl(body.decode(), strict_parsing=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        raise Invalid("the form cannot be read") from None
