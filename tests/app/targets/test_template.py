"""Templates: what a retraining says, put where the receiver wants it."""

import json
from datetime import timedelta

import pytest

from app.domain.retrainings.event import request_event
from app.domain.retrainings.retraining import Reason, Retraining, State
from app.targets._template import KNOWN, faults, fill, filled
from tests.app.targets.exchange import AT

RUN = Retraining(
    number=1,
    id="rtr_1",
    model_id=1,
    model="m",
    version="v",
    cause="manual",
    episode="hand/1",
    detail="because",
    state=next(iter(State)),
    reason=next(iter(Reason)),
    target="t",
    requested_at=AT,
    deadline_at=AT,
    poll_every=timedelta(minutes=1),
    about={},
    changed_at=AT,
)


def test_a_template_may_name_all_that_a_retraining_says_and_nothing_else() -> None:
    said = json.loads(request_event(RUN, "/leeway", "rtt_x").body)["data"]
    assert set(said) == set(KNOWN)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("${model}", "m"),
        ("${features}", ["a", "b"]),
        ("${features.1}", "b"),
        ("${features.7}", None),
        ("${window.start}", "then"),
        ("${window.start.deeper}", None),
        ("${model}/${version}", "m/3"),
        ("in ${features}, ${window}", 'in a, b, {"start": "then"}'),
        ("since ${deadline_at}.", "since ."),
        ("$model {model} $$ ${", "$model {model} $$ ${"),
        (["${model}", {"k": "${version}"}, 1, None, True], ["m", {"k": 3}, 1, None, True]),
    ],
)
def test_places_are_filled(template: object, expected: object) -> None:
    data = {"model": "m", "version": 3, "features": ["a", "b"], "window": {"start": "then"}}
    assert fill(template, data) == expected


def test_a_value_is_never_read_as_a_template() -> None:
    data = {"model": "${callback.token}", "callback": {"token": "canary"}}
    assert fill("${model} and ${model}", data) == "${callback.token} and ${callback.token}"


def test_without_a_template_the_default_is_taken() -> None:
    assert filled(None, {"a": 1}, {"b": 2}) == {"a": 1}
    assert filled({}, {"a": 1}, {"b": 2}) == {}


@pytest.mark.parametrize(
    "text", ["${}", "${ model }", "${modle}", "${model..x}", "${a b}", "${id.}"]
)
def test_slips_are_found(text: str) -> None:
    (fault,) = faults({"a": [text]}, "/conf")
    assert fault.pointer == "/conf/a/0"
