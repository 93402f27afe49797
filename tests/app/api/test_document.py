"""The OpenAPI document: what linters and client generators ask of it, checked here."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.api.application import http_app
from app.api.document import operations
from app.api.yaml_text import yaml_text
from app.main import CODE_VERSION
from app.sources.formats import FORMATS

DOCUMENT = http_app(CODE_VERSION).openapi()
OPERATIONS = [(f"{m} {p}", p, o) for p, m, o in operations(DOCUMENT)]
each = pytest.mark.parametrize(
    ("path", "operation"), [o[1:] for o in OPERATIONS], ids=[o[0] for o in OPERATIONS]
)
PROBLEM = "application/problem+json"


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in part:
        found: Any = DOCUMENT
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part


def references(part: object) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [ref for value in part.values() for ref in references(value)]
    if isinstance(part, list):
        return [ref for value in part for ref in references(value)]
    return []


def test_it_says_who_and_what() -> None:
    assert DOCUMENT["openapi"].startswith("3.1")
    info = DOCUMENT["info"]
    assert info["contact"]
    assert info["license"]["identifier"] == "Apache-2.0"
    assert len(info["description"]) > 80
    assert DOCUMENT["components"]["securitySchemes"].keys() == {"bearer", "basic"}
    assert all(tag["description"].endswith(".") for tag in DOCUMENT["tags"])


def test_operation_ids_are_stable_names_and_unique() -> None:
    ids = [operation["operationId"] for *_, operation in OPERATIONS]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", one) for one in ids)
    assert {"declare_model", "create_baseline", "post_batch", "list_windows"} <= set(ids)


@each
def test_an_operation_reads_well(path: str, operation: dict[str, Any]) -> None:
    assert re.fullmatch(r"[A-Z][^.]{5,50}", operation["summary"])
    assert operation["description"].strip().endswith(".")
    known = {tag["name"] for tag in DOCUMENT["tags"]}
    assert operation["tags"]
    assert set(operation["tags"]) <= known
    for parameter in operation.get("parameters", ()):
        assert parameter.get("description"), (path, parameter["name"])
    assert set(re.findall(r"{(\w+)}", path)) == {
        one["name"] for one in operation.get("parameters", ()) if one["in"] == "path"
    }


@each
def test_an_operation_says_who_may_call_it(path: str, operation: dict[str, Any]) -> None:
    if path in {"/healthz", "/readyz"}:
        assert operation["security"] == []
    else:
        assert operation["security"] == [{"bearer": []}, {"basic": []}]


@each
def test_an_operation_documents_its_errors(path: str, operation: dict[str, Any]) -> None:
    answers = {int(status): resolved(one) for status, one in operation["responses"].items()}
    expected = {405, 421, 503}
    if operation["security"]:
        expected |= {401}
    if "{" in path:
        expected |= {404, 422}
    if "requestBody" in operation:
        expected |= {400, 403, 413, 415, 422}
    assert expected <= answers.keys()
    assert any(status < 300 for status in answers)
    for status, answer in answers.items():
        assert answer["description"]
        assert "X-Request-ID" in answer["headers"]
        if status >= 400:
            schema = answer["content"][PROBLEM]["schema"]
            assert resolved(schema)["title"] == "ProblemAnswer"
        elif status not in {202, 204}:
            assert answer["content"], (path, status)


def test_a_default_has_the_shape_that_it_is_a_default_of() -> None:
    found = 0
    for name, schema in DOCUMENT["components"]["schemas"].items():
        for member, shape in schema.get("properties", {}).items():
            if "pattern" in shape and shape.get("default") is not None:
                assert re.fullmatch(shape["pattern"], shape["default"]), (name, member)
                found += 1
    assert found >= 3


WITH_BODY = [one for *_, one in OPERATIONS if "requestBody" in one]


@pytest.mark.parametrize("operation", WITH_BODY, ids=[one["operationId"] for one in WITH_BODY])
def test_a_body_has_examples_for_every_media_type(operation: dict[str, Any]) -> None:
    for kind, content in operation["requestBody"]["content"].items():
        schema = resolved(content["schema"])
        if schema.get("format") == "binary":
            continue
        options = [schema, *schema.get("oneOf", ()), *schema.get("properties", {}).values()]
        shown = any("examples" in one for one in options) or {"example", "examples"} & set(content)
        inner = [p for one in options for p in one.get("properties", {}).values()]
        assert shown or any("examples" in one for one in inner), kind


def test_every_reference_leads_somewhere_and_nothing_is_left_over() -> None:
    found = set(references(DOCUMENT))
    for reference in found:
        assert resolved({"$ref": reference})
    schemas = {f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]}
    assert schemas <= found
    assert not {"HTTPValidationError", "ValidationError"} & DOCUMENT["components"]["schemas"].keys()


def test_uploads_take_every_format() -> None:
    for path in ("/v1/models/{model}/batches", "/v1/models/{model}/baselines"):
        body = DOCUMENT["paths"][path]["post"]["requestBody"]
        assert body["required"] is True
        assert body["content"].keys() == FORMATS.keys()


def test_the_text_is_the_document_and_the_same_every_time() -> None:
    text = yaml_text(DOCUMENT)
    assert yaml.safe_load(text) == DOCUMENT
    assert text == yaml_text(http_app(CODE_VERSION).openapi())
    assert "&id" not in text


def test_the_file_in_the_repository_is_in_step() -> None:
    kept = Path(__file__).parents[3] / "openapi.yaml"
    assert yaml.safe_load(kept.read_text()) == DOCUMENT, "run: make openapi"
