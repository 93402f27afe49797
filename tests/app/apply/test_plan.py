"""What is to be done: differences, order, and what is left alone."""

from typing import Any

import pytest

from app.apply.declared import Declared, declared
from app.apply.diff import differences, same
from app.apply.document import read
from app.apply.kinds import KINDS, Address, Kind, children
from app.apply.order import Stop
from app.apply.plan import Verb, plan
from app.apply.shapes import Shapes
from app.apply.show import HIDDEN, difference, value

RULE = {"type": "string", "pattern": "^[a-z]+$", "description": "Letters."}
MEMBERS: dict[str, Any] = {
    "role": {"type": "string", "default": "shadow"},
    "n": {"type": "integer"},
}


def _operation(path: str) -> dict[str, Any]:
    body = {"type": "object", "properties": MEMBERS, "additionalProperties": False}
    places = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    return {
        "put": {
            "parameters": [{"name": one, "in": "path", "schema": RULE} for one in places],
            "requestBody": {"content": {"application/json": {"schema": body}}},
            "responses": {"200": {"content": {"application/json": {"schema": body}}}},
        }
    }


def shapes(*without: str) -> Shapes:
    """A service that knows every kind, and of each the same two members."""
    paths = {kind.path: _operation(kind.path) for kind in KINDS if kind.section not in without}
    return Shapes({"paths": paths, "components": {"schemas": {}}})


def wanted(text: str, *without: str) -> Declared:
    return declared(read(text.encode(), "f.yaml"), shapes(*without), "f.yaml")


def test_resources_know_their_paths_and_their_places_in_a_file() -> None:
    assert Address("sources", ("m", "a b")).path == "/v1/models/m/sources/a%20b"
    assert str(Address("sources", ("m", "s"))) == "models.m.sources.s"
    one = Address("retraining", ("m",))
    assert (one.path, str(one)) == ("/v1/models/m/retraining", "models.m.retraining")
    assert one.kind.single
    assert one.kind.listing == one.kind.path
    assert Address("targets", ("t",)).kind.listing == "/v1/targets"


def test_every_kind_has_a_parent_and_comes_after_it() -> None:
    sections = [kind.section for kind in KINDS]
    assert len(set(sections)) == len(sections)
    for kind in KINDS:
        assert kind.parent is None or sections.index(kind.parent) < sections.index(kind.section)
    assert {kind.section for kind in children("models")} >= {"versions", "sources"}


@pytest.mark.parametrize(
    ("old", "new", "equal"),
    [
        (1, True, False),
        (0, False, False),
        (1, 1.0, True),
        ([1], [True], False),
        ({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}, True),
        ({"a": None}, {}, False),
        ([1, 2], [2, 1], False),
        ("1", 1, False),
    ],
)
def test_same_values(old: Any, new: Any, equal: bool) -> None:
    assert same(old, new) is equal
    assert bool(differences(old, new)) is not equal


def test_lists_of_named_things_are_compared_by_name() -> None:
    old = {"f": [{"name": "a", "k": 1}, {"name": "b", "k": 1}]}
    new = {"f": [{"name": "b", "k": 2}, {"name": "c", "k": 1}]}
    assert [difference(one) for one in differences(old, new)] == [
        "f[b].k: 1 -> 2",
        'f[c]: {"name": "c", "k": 1}',
        'f[a]: {"name": "a", "k": 1} -> (none)',
    ]
    turned = differences(old, {"f": list(reversed(old["f"]))})
    assert [difference(one) for one in turned] == ['f (order): ["a", "b"] -> ["b", "a"]']


def test_kinds_come_in_order_and_the_champion_first() -> None:
    text = """
models:
  b: {}
  a:
    sources: {s: {}}
    versions: {x: {role: retired}, y: {role: champion}}
    monitors: {m: {}}
    retraining: {n: 1}
targets: {t: {}}
"""
    found = plan(wanted(text), {}, shapes())
    assert [str(action.address) for action in found.actions] == [
        "targets.t",
        "models.a",
        "models.b",
        "models.a.versions.y",
        "models.a.versions.x",
        "models.a.sources.s",
        "models.a.monitors.m",
        "models.a.retraining",
    ]
    assert {action.verb for action in found.actions} == {Verb.CREATE}


def test_only_what_stands_in_a_section_of_the_file_is_pruned_and_never_models() -> None:
    state: dict[Address, dict[str, Any]] = {
        Address("targets", ("old",)): {},
        Address("models", ("gone",)): {},
        Address("models", ("a",)): {"role": "shadow"},
        Address("versions", ("a", "v")): {"role": "shadow"},
        Address("sources", ("a", "s")): {},
        Address("monitors", ("a", "m")): {},
        Address("sources", ("other", "s")): {},
    }
    text = "models: {a: {versions: {}, sources: {}}}\ntargets:\n"
    left = plan(wanted(text), state, shapes())
    assert not left.to_do
    pruned = plan(wanted(text), state, shapes(), prune=True)
    assert [str(action.address) for action in pruned.to_do] == ["models.a.sources.s", "targets.old"]
    assert pruned.count(Verb.LEAVE) == 4


def test_defaults_are_no_change_and_changes_name_both_sides() -> None:
    state: dict[Address, dict[str, Any]] = {Address("models", ("a",)): {"role": "shadow", "n": 3}}
    assert not plan(wanted("models: {a: {n: 3}}"), state, shapes()).to_do
    (action,) = plan(wanted("models: {a: {n: 4}}"), state, shapes()).to_do
    assert [difference(one) for one in action.differences] == ["n: 3 -> 4"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("modles: {}\n", "f.yaml, line 1: modles is not known; was 'models' meant?"),
        (
            "models:\n  a:\n    rolle: x\n",
            "line 3: models.a: rolle is not known; was 'role' meant?",
        ),
        ("models:\n  a:\n    source: {}\n", "was 'sources' meant?"),
        ("models:\n  A/b: {}\n", "line 2: 'A/b' cannot be a name: Letters."),
        ("models: [a]\n", "models must be a mapping"),
        ("models:\n  a: 7\n", "line 2: models.a: this must be object"),
        ("- models\n", "a file declares a mapping"),
        (
            "models:\n  a:\n    versions:\n      x: {role: champion}\n      y: {role: champion}\n",
            "line 5: y and x cannot both be champion",
        ),
    ],
)
def test_faults_name_their_lines_and_the_way_out(text: str, said: str) -> None:
    with pytest.raises(Stop) as caught:
        wanted(text)
    assert said in str(caught.value)


def test_a_kind_that_the_service_does_not_have_is_refused_by_name() -> None:
    with pytest.raises(Stop, match="line 3: this service has no retraining yet"):
        wanted("models:\n  a:\n    retraining: {}\n", "retraining")


@pytest.mark.parametrize(
    ("path", "given", "shown"),
    [
        ("secret", "env:NAME", '"env:NAME"'),
        ("secret", "whsec_abc", f'"{HIDDEN}"'),
        ("credentials", {"a": "AKIA", "b": "env:B"}, f'{{"a": "{HIDDEN}", "b": "env:B"}}'),
        ("api_key", "abc", f'"{HIDDEN}"'),
        ("url", "https://me:word@host/x", '"https://…@host/x"'),
        ("monkey", "abc", '"abc"'),
    ],
)
def test_of_secrets_only_references_are_shown(path: str, given: Any, shown: str) -> None:
    assert value(path, given) == shown


def test_a_new_kind_is_one_entry() -> None:
    made = Kind("things", "/v1/models/{model}/things/{thing}", parent="models")
    assert (made.listing, made.single, made.pruned) == ("/v1/models/{model}/things", False, True)
