"""Batches: prediction logs in, receipts out."""

from contextlib import AsyncExitStack
from typing import Annotated

import msgspec
from fastapi import Path, Request, Response
from fastapi.routing import APIRoute

from app.api.parameters import (
    KEY_PATTERN,
    LONGEST_KEY,
    SOURCE,
    IdempotencyKey,
    ModelName,
    RowsVersionQuery,
    Sequence,
    SourceName,
    refuse_repeated,
)
from app.api.router import answers, new_router, refuses
from app.api.rows import Upload, read_rows
from app.api.schemas.batches import ReceiptAnswer, receipt_document
from app.api.state import Api, ApiDep
from app.api.uploads import BATCH_BODY
from app.domain.batch import Receipt, Repeated, Table
from app.domain.errors import Invalid, NotFound
from app.domain.rejection import Sender
from app.domain.sources.sequence import Numbered, parse
from app.sources.formats import Format, Limits
from app.steps import declare
from app.steps.ingest import Begun, Posted

router = new_router("batches")
REPLAYED = {
    "Idempotent-Replayed": {
        "description": "``true`` where this batch was counted before and nothing was added.",
        "schema": {"type": "string", "enum": ["true"]},
    }
}


@router.post(
    "/v1/models/{model}/batches",
    summary="Send prediction logs",
    response_model=ReceiptAnswer,
    openapi_extra={"requestBody": BATCH_BODY},
    responses=answers({200: {"description": "Counted and durable.", "headers": REPLAYED}})
    | refuses(
        _409="The model has no baseline yet, or a request with this key is being written.",
        _429="Too much waits to be written; send the same again after ``Retry-After``.",
    ),
)
async def post_batch(
    api: ApiDep,
    request: Request,
    model: ModelName,
    version: RowsVersionQuery = None,
    idempotency_key: IdempotencyKey = None,
    leeway_source: SourceName = SOURCE,
    leeway_sequence: Sequence = None,
) -> Response:
    """Count rows into their windows and answer once they are durable.

    The batch is counted whole or not at all, and once however often it is sent with its key. A
    wrongly typed value is counted as invalid, an absent column as missing, and an unknown column is
    ignored; the receipt names them all.
    """
    refuse_repeated(request, "Idempotency-Key", "Leeway-Source", "Leeway-Sequence")
    numbered = None if leeway_sequence is None else parse(leeway_sequence)
    sender = Sender(model, version, leeway_source, idempotency_key)
    async with AsyncExitStack() as stack:
        reading = read_rows(request, api, model, api.limits.for_batch, rows)
        try:
            upload = await stack.enter_async_context(reading)
        except Invalid as error:
            await api.intake.refuse(error, sender, error.rows)
            raise
        return await count(api, sender, upload, numbered)


async def count(
    api: Api, sender: Sender, upload: Upload[Table], numbered: Numbered | None = None
) -> Response:
    """Count decoded rows and return the answer to them."""
    return await count_posted(api, posted_by(sender, upload, numbered))


async def count_posted(api: Api, posted: Posted, begun: Begun | None = None) -> Response:
    """Return the answer to a batch, which may have been begun."""
    outcome = await api.intake.ingest(posted, begun)
    headers = {"Idempotent-Replayed": "true"} if isinstance(outcome, Repeated) else None
    return receipt_response(posted.model, outcome.receipt, headers)


def posted_by(sender: Sender, upload: Upload[Table], numbered: Numbered | None) -> Posted:
    whose = sender.model, upload.content, sender.key, sender.version, sender.source
    return Posted(*whose, upload.digest, numbered)


POST_BATCH = next(
    route for route in router.routes if isinstance(route, APIRoute) and route.name == "post_batch"
)


def rows(body: bytes, form: Format, limits: Limits) -> Table:
    return form.decode(body, limits)


@router.get(
    "/v1/models/{model}/batches/{key:tail}",
    summary="Read a receipt",
    response_model=ReceiptAnswer,
)
async def get_receipt(
    api: ApiDep,
    model: ModelName,
    key: Annotated[
        str,
        Path(
            max_length=LONGEST_KEY,
            pattern=KEY_PATTERN,
            description="Key of the batch.",
            examples=["k1"],
        ),
    ],
) -> Response:
    """Return the receipt of a batch again; receipts are kept for at least 31 days."""
    async with api.store.read() as unit:
        found = await declare.find(unit, model)
        receipt = await unit.batches.receipt(found.id, key)
    if receipt is None:
        raise NotFound("there is no receipt under this key")
    return receipt_response(model, receipt)


def receipt_response(
    model: str, receipt: Receipt, headers: dict[str, str] | None = None
) -> Response:
    return Response(receipt_body(model, receipt), headers=headers, media_type="application/json")


def receipt_body(model: str, receipt: Receipt) -> bytes:
    return msgspec.json.encode(receipt_document(model, receipt))
