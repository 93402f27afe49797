"""An OpenAPI document as values: types, limits, examples, lines for a shell."""

import json
import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dashboard.docs.asking import curl
from app.dashboard.docs.examples import of_content, of_parameter, of_schema
from app.dashboard.docs.prose import Bit, prose
from app.dashboard.docs.shapes import Piece, limits, members, spelled

NOTHING: dict[str, Any] = {}


def words(schema: dict[str, Any]) -> str:
    return "".join(piece.text for piece in spelled(schema))


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"type": "string"}, "string"),
        ({"type": "string", "format": "date-time"}, "string (date-time)"),
        ({}, "anything"),
        ({"const": "x"}, '"x"'),
        ({"enum": ["a", "b"]}, '"a" | "b"'),
        ({"enum": list(range(10))}, "0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | …"),
        ({"type": "array", "items": {"type": "integer"}}, "list of integer"),
        ({"type": "object", "additionalProperties": {"type": "number"}}, "object of number"),
        ({"type": "object", "additionalProperties": False}, "object"),
        ({"anyOf": [{"$ref": "#/components/schemas/A"}, {"type": "null"}]}, "A or null"),
    ],
)
def test_a_type_is_said_in_words(schema: dict[str, Any], text: str) -> None:
    assert words(schema) == text


def test_what_a_type_names_leads_to_it() -> None:
    listed = {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}
    assert spelled(listed) == (Piece("list of "), Piece("Thing", "Thing"))


def test_limits_and_the_default_are_told() -> None:
    assert limits({"minimum": 1, "maximum": 9, "default": False}) == (
        "at least 1",
        "at most 9",
        "default false",
    )
    inner = {"anyOf": [{"pattern": "^a$"}, {"type": "null"}], "default": None}
    assert limits(inner) == ("matches ^a$",)


def test_members_say_whether_they_are_needed() -> None:
    schema = {
        "properties": {"a": {"type": "string"}, "b": {"description": "B."}},
        "required": ["a"],
    }
    first, second = members(schema)
    assert (first.name, first.required, second.required, second.about) == ("a", True, False, "B.")


def test_an_example_is_the_documents_own_or_made() -> None:
    named = {"components": {"schemas": {"A": {"type": "object", "examples": [{"x": 1}]}}}}
    assert of_schema(named, {"$ref": "#/components/schemas/A"}) == {"x": 1}
    made = {
        "type": "object",
        "properties": {
            "a": {"type": "array", "items": {"type": "integer"}},
            "b": {"type": "string"},
            "c": {"type": "string", "examples": ["seen"]},
        },
        "required": ["a"],
    }
    assert of_schema(NOTHING, made) == {"a": [1], "c": "seen"}
    assert of_content(NOTHING, {"examples": {"one": {"value": 3}}}) == 3
    assert of_parameter(NOTHING, {"schema": {"examples": ["flights"]}}) == "flights"


def test_a_schema_that_names_itself_ends() -> None:
    loop = {"$ref": "#/components/schemas/A"}
    named = {"components": {"schemas": {"A": {"type": "array", "items": loop}}}}
    assert json.dumps(of_schema(named, loop)).count("[") < 10


@given(st.text(), st.text(st.characters(codec="utf-8")))
def test_a_line_for_a_shell_is_one_command(value: str, body: str) -> None:
    """Whatever a document's examples hold, a shell sees the words that are meant."""
    operation = {
        "parameters": [{"name": "m", "in": "path", "schema": {"examples": [value]}}],
        "requestBody": {"content": {"application/json": {"example": {"k": body}}}},
        "security": [{"bearer": []}],
    }
    safe = value.encode("utf-8", "replace").decode()
    operation["parameters"][0]["schema"]["examples"] = [safe]  # type: ignore[index]
    said = shlex.split(curl(NOTHING, "/v1/{m}", "put", operation))
    assert said[:3] == ["curl", "-X", "PUT"]
    assert said[3].startswith("$LEEWAY/v1/")
    assert not set(said[3]) & set(" '\"\\`\n;|")
    assert said[4:6] == ["-H", "Authorization: Bearer $KEY"]
    assert json.loads(said[-1]) == {"k": body}


def test_prose_has_paragraphs_and_code() -> None:
    assert prose("One ``a``\nb.\n\nTwo.") == (
        (Bit("One ", False), Bit("a", True), Bit(" b.", False)),
        (Bit("Two.", False),),
    )
    assert prose("") == ()
