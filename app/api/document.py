"""The OpenAPI document: what FastAPI derives, and what holds for every operation besides."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from app.api.edge.auth import OPEN_PATHS, SAFE_METHODS
from app.api.problems import MEDIA_TYPE
from app.api.schema_names import shortened
from app.api.schemas.baselines import WindowsDeclaration
from app.api.schemas.problem import ProblemAnswer

TITLE = "Leeway"
DESCRIPTION = (
    "Tells when a model's world has changed, how much, where, and how sure it is. Declare a model, "
    "upload a reference, send prediction logs, and read verdicts on windows of them."
)
TAGS = (
    ("models", "What is watched, and its versions. ``PUT`` declares, and may be repeated."),
    ("baselines", "References that windows are compared with."),
    ("batches", "Prediction logs: rows in, receipts out."),
    ("rejections", "Batches that were refused, and why."),
    ("sources", "Object storage that rows are read from, and what became of each object."),
    ("monitors", "Standing questions on a model: what is asked of every window."),
    ("windows", "What became of the rows: verdicts, distributions, estimates over time."),
    ("alerts", "What fired, and why it stopped."),
    ("retrainings", "When models are trained anew, and what came of it."),
    ("targets", "Where events go, and what came of each delivery."),
    ("operation", "Health, metrics and documentation of this service."),
)
SECURITY_SCHEMES = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key. Where none is configured, on loopback, none is asked for.",
    },
    "basic": {
        "type": "http",
        "scheme": "basic",
        "description": "The same key as the password; any user name.",
    },
}
REQUEST_ID = {
    "X-Request-ID": {
        "description": "The caller's, where it sent a sane one; else new.",
        "schema": {"type": "string"},
    }
}
RETRY = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
}
FASTAPI_SAYS = "Successful Response"
SUCCESSES = {200: "What was asked for.", 201: "It was created.", 202: "It is queued."}
PROBLEMS: dict[int, tuple[str, str, dict[str, Any]]] = {
    400: ("Malformed", "The body cannot be parsed.", {}),
    401: (
        "Unauthorized",
        "No API key, or an unknown one.",
        {"WWW-Authenticate": {"description": "What is accepted.", "schema": {"type": "string"}}},
    ),
    403: ("CrossSite", "A browser sent this from a page of another origin.", {}),
    404: ("NotFound", "There is no such thing (any more).", {}),
    405: (
        "MethodNotAllowed",
        "The path has no such method.",
        {"Allow": {"description": "Those it has.", "schema": {"type": "string"}}},
    ),
    408: ("TooSlow", "The request did not arrive in time; send less, or faster.", RETRY),
    409: ("Conflict", "The present state forbids this.", RETRY),
    413: ("TooLarge", "A documented limit is passed.", {}),
    415: ("Unsupported", "The media type or encoding is not read here.", {}),
    421: ("Misdirected", "Called by a name that is not the service's, where it is open.", {}),
    422: ("Invalid", "The content is wrong; says where. Nothing was counted.", {}),
    429: ("Overloaded", "Too much waits already; try the same again.", RETRY),
    503: ("Unavailable", "Not now; the same request may succeed later.", RETRY),
}


def document(app: FastAPI, version: str) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of the application."""
    made = get_openapi(
        title=TITLE,
        version=version,
        description=DESCRIPTION,
        routes=app.routes,
        tags=[{"name": name, "description": text} for name, text in TAGS],
        contact={"name": "Leeway maintainers"},
        license_info={"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        servers=[{"url": "/", "description": "This service."}],
        separate_input_output_schemas=True,
    )
    components = made["components"]
    components["schemas"] = dict(sorted((_shared_schemas() | components["schemas"]).items()))
    for name in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(name, None)
    components["responses"] = {
        name: _problem(text, headers) for name, text, headers in PROBLEMS.values()
    }
    components["securitySchemes"] = SECURITY_SCHEMES
    for path, method, operation in operations(made):
        _complete(path, method, operation)
    return dict(shortened(made))


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield (path, method, operation) of a document, in order."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _shared_schemas() -> dict[str, Any]:
    """Return the schemas that no route's own signature brings in."""
    shapes: Sequence[tuple[Any, Any]] = [
        (ProblemAnswer, "serialization"),
        (WindowsDeclaration, "validation"),
    ]
    _, found = models_json_schema(shapes, ref_template="#/components/schemas/{model}")
    definitions: dict[str, Any] = found["$defs"]
    return definitions


def _problem(text: str, headers: dict[str, Any]) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/ProblemAnswer"}
    return {
        "description": text,
        "headers": REQUEST_ID | headers,
        "content": {MEDIA_TYPE: {"schema": schema}},
    }


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    """Add what holds for every operation: security, the request id, and error answers."""
    open_to_all = path in OPEN_PATHS
    operation["security"] = [] if open_to_all else [{"bearer": []}, {"basic": []}]
    answers = operation["responses"]
    own = {int(status): one for status, one in answers.items() if int(status) >= 400}
    for status in sorted(_expected(path, method, operation) | own.keys()):
        name, text, headers = PROBLEMS[status]
        said = own.get(status, {}).get("description")
        if status == 422 or said is None or said == text:
            answers[str(status)] = {"$ref": f"#/components/responses/{name}"}
        else:
            answers[str(status)] = _problem(said, headers)
    for status, answer in answers.items():
        if int(status) < 400:
            answer["headers"] = REQUEST_ID | answer.get("headers", {})
            if answer["description"] == FASTAPI_SAYS:
                answer["description"] = SUCCESSES[int(status)]
    operation["responses"] = dict(sorted(answers.items()))


def _expected(path: str, method: str, operation: dict[str, Any]) -> set[int]:
    """Return the statuses of problems that an operation may answer by what it is."""
    if path in OPEN_PATHS:
        return {405, 421, 503}
    found = {401, 405, 421, 503}
    if method.upper() not in SAFE_METHODS:
        found.add(403)
    if "{" in path:
        found.add(404)
    if operation.get("parameters"):
        found.add(422)
    if "requestBody" in operation:
        found |= {400, 408, 413, 415, 422, 429}
    return found
