"""The schema of the file: current, sound, and of one mind with what is read."""

import json
from pathlib import Path

import jsonschema_rs
import pytest
import yaml

from app.api.application import http_app
from app.apply.kinds import KINDS, children
from app.apply.schema import file_schema, text_of
from app.apply.shapes import Shapes
from app.main import CODE_VERSION

COMMITTED = Path(__file__).parents[3] / "deploy" / "leeway.schema.json"
DOCUMENT = http_app(CODE_VERSION).openapi()
WHOLE = """
$schema: leeway.schema.json
targets:
  oncall: {kind: webhook, url: "https://hooks.example.com/x", secret: env:SECRET}
models:
  bare:
  flights:
    window: 7d
    retention: {panes_days: 7}
    schema: {features: [{name: temp, kind: numeric}]}
    versions: {"2013-03": {role: champion, lineage: {git_commit: 3f1c2ab}}}
    sources: {logs: {url: "s3://bucket/prefix", poll: 5m}}
"""


def validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(file_schema(DOCUMENT))


def test_the_committed_schema_is_current() -> None:
    assert COMMITTED.read_text() == text_of(DOCUMENT), "run 'make openapi'"


def test_it_is_a_schema_that_takes_whole_files() -> None:
    jsonschema_rs.meta.validate(json.loads(COMMITTED.read_text()))
    assert [str(fault) for fault in validator().iter_errors(yaml.safe_load(WHOLE))] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("window: 7d", "window: 7 days"),
        ("window: 7d", "windw: 7d"),
        ("kind: webhook", "kind: fax"),
        ("role: champion", "role: best"),
        ('url: "s3://bucket/prefix", ', ""),
        ("models:", "modles:"),
        ("  flights:", "  fli/ghts:"),
    ],
)
def test_it_refuses_what_the_command_refuses(old: str, new: str) -> None:
    assert old in WHOLE
    assert not validator().is_valid(yaml.safe_load(WHOLE.replace(old, new, 1)))


def test_sections_and_members_of_a_resource_never_share_a_name() -> None:
    shapes = Shapes(DOCUMENT)
    for kind in KINDS:
        body = shapes.body(kind)
        if body is not None:
            inner = {one.section for one in children(kind.section)}
            assert not inner & set(body.declared.get("properties", {}))
