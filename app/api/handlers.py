"""Errors that reach the edge of a route become problems; each kind in one function."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.api import problems, validation
from app.api.edge import request_id
from app.api.edge.methods import allowed
from app.domain.errors import LeewayError

NOTHING_HERE = problems.Problem(404, "not-found", "Not found", "there is nothing at this path")


async def on_leeway_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, LeewayError):
        raise error
    return problems.respond(problems.of(error), request_id.of(request.scope))


async def on_wrong_shape(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    return await on_leeway_error(request, validation.invalid(error.errors()))


async def on_http_error(request: Request, error: Exception) -> Response:
    """Answer what the router itself refuses: unknown paths, and methods that a path lacks."""
    if not isinstance(error, HTTPException):
        raise error
    identity = request_id.of(request.scope)
    if error.status_code == 404:
        return problems.respond(NOTHING_HERE, identity)
    if error.status_code == 405:
        methods = allowed(request.app.routes, request.scope)
        detail = f"this path takes {methods}"
        refused = problems.Problem(405, "method-not-allowed", "Method not allowed", detail)
        return problems.respond(refused, identity, {"Allow": methods})
    refused = problems.Problem(error.status_code, "refused", "Refused", "the request was refused")
    return problems.respond(refused, identity)


def install(app: FastAPI) -> None:
    """Make every error of a route a problem."""
    handlers: dict[type[Exception], Any] = {
        LeewayError: on_leeway_error,
        RequestValidationError: on_wrong_shape,
        HTTPException: on_http_error,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
