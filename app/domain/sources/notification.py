"""Messages about new objects, as stores and queues send them: hints, read with suspicion."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

DEEPEST = 3
MOST = 10_000
FILER = "/buckets/"
"""Where SeaweedFS has its buckets."""


class Hint(NamedTuple):
    """Something may have changed under a key of a bucket."""

    bucket: str
    key: str


def hints(document: object, depth: int = DEEPEST) -> list[Hint]:
    """Return what a message names; of what is not understood, nothing.

    Understood are S3 event records (as SQS and SNS carry them, too), EventBridge events, and the
    messages of SeaweedFS's filer. Test events and confirmations name nothing.
    """
    found: list[Hint] = []
    for hint in _hints(document, depth):
        found.append(hint)
        if len(found) == MOST:
            break
    return found


def matches(hint: Hint, bucket: str, prefix: str) -> bool:
    """Whether a hint is about something in a bucket whose key begins so."""
    return hint.bucket == bucket and hint.key.startswith(prefix)


def _hints(document: object, depth: int) -> Iterator[Hint]:
    if isinstance(document, list):
        for one in document:
            yield from _hints(one, depth)
        return
    if not isinstance(document, dict):
        return
    yield from _of_records(document)
    yield from _of_eventbridge(document)
    yield from _of_seaweed(document)
    yield from _inside(document, depth)


def _of_records(document: Mapping[str, Any]) -> Iterator[Hint]:
    records = document.get("Records")
    for record in records if isinstance(records, list) else ():
        bucket, key = _at(record, "s3", "bucket", "name"), _at(record, "s3", "object", "key")
        if isinstance(bucket, str) and isinstance(key, str):
            # keys of S3's own events are URL-encoded, with a plus for a space
            yield Hint(bucket, unquote_plus(key))


def _of_eventbridge(document: Mapping[str, Any]) -> Iterator[Hint]:
    bucket, key = (
        _at(document, "detail", "bucket", "name"),
        _at(document, "detail", "object", "key"),
    )
    if isinstance(bucket, str) and isinstance(key, str):
        yield Hint(bucket, key)


def _of_seaweed(document: Mapping[str, Any]) -> Iterator[Hint]:
    key = document.get("key")
    if isinstance(key, str) and key.startswith(FILER) and "event_type" in document:
        bucket, _, rest = key.removeprefix(FILER).partition("/")
        yield Hint(bucket, rest)


def _inside(document: Mapping[str, Any], depth: int) -> Iterator[Hint]:
    """Look into what SQS, SNS and batches of them carry as text."""
    if depth == 0:
        return
    for name in ("Message", "Body", "body"):
        text = document.get(name)
        if isinstance(text, str):
            try:
                yield from _hints(json.loads(text), depth - 1)
            except (ValueError, RecursionError):
                continue
    for name in ("Messages", "Records"):
        wrapped = document.get(name)
        for one in wrapped if isinstance(wrapped, list) else ():
            if isinstance(one, dict) and "s3" not in one:
                yield from _hints(one, depth - 1)


def _at(document: object, *path: str) -> object:
    for name in path:
        if not isinstance(document, dict):
            return None
        document = document.get(name)
    return document
