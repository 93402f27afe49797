"""Files applied to a real service: once, twice, changed, refused, exported."""

import json

import jsonschema_rs
import pytest
import yaml

from app.apply.order import AWAY, CHANGES, DONE, FAILED, Reach, Stop
from app.apply.schema import file_schema
from app.apply.service import Service, client
from tests.app.api.service import KEY, rows
from tests.app.apply.bridge import bridged
from tests.app.apply.conftest import Hand

TEXT = """
targets:
  {name}-oncall:
    kind: webhook
    url: https://93.184.215.14/leeway
    secret: env:LEEWAY_WEBHOOK_SECRET
models:
  {name}:
    window: 60m
    retention: {{panes_days: 20}}
    schema:
      features:
        - {{name: at, kind: ignored, role: timestamp}}
        - {{name: temp, kind: numeric}}
        - {{name: on, kind: categorical}}
    versions:
      2013-03: {{role: champion}}
      2013-04: {{role: challenger, lineage: {{git_commit: 3f1c2ab, n: 1}}}}
    sources:
      logs: {{url: "s3://rows/x/dt={{date}}/", days: 3, enabled: false, poll: 120s}}
"""


def test_twice_is_as_once_and_a_dry_run_does_nothing(hand: Hand, name: str) -> None:
    text = TEXT.format(name=name)
    for _ in range(2):
        status, said = hand.apply(text, dry_run=True)
        assert (status, "5 to create" in said) == (CHANGES, True)
    assert hand.apply(text)[0] == DONE
    for dry_run in (True, False):
        status, said = hand.apply(text, dry_run=dry_run)
        assert (status, "0 to create, 0 to change, 0 to delete, 5 unchanged" in said) == (
            DONE,
            True,
        )


def test_a_change_shows_the_old_value_and_the_new_one(hand: Hand, name: str) -> None:
    text = TEXT.format(name=name)
    hand.apply(text)
    changed = text.replace("panes_days: 20", "panes_days: 21").replace("days: 3", "days: 4")
    status, said = hand.apply(
        changed.replace("2013-03: {role: champion}", "2013-03: {role: retired}").replace(
            "role: challenger", "role: champion"
        )
    )
    assert status == DONE
    assert "retention.panes_days: 20 -> 21" in said
    assert "days: 3 -> 4" in said
    assert 'role: "challenger" -> "champion"' in said
    assert 'role: "champion" -> "retired"' in said
    assert hand.http.get(f"/v1/models/{name}").json()["champion"] == "2013-04"


def test_targets_of_other_kinds_have_defaults_of_their_own(hand: Hand, name: str) -> None:
    api = 'api_url: "https://93.184.215.14"'
    runs = f"{{kind: github, repository: o/{name}, token: env:T, {api}}}"
    assert hand.apply(f"targets: {{{name}: {runs}}}")[0] == DONE
    assert hand.apply(f"targets: {{{name}: {runs}}}", dry_run=True)[0] == DONE
    assert hand.apply(hand.export(), dry_run=True)[0] == DONE
    hand.http.delete(f"/v1/targets/{name}").raise_for_status()


def test_without_a_yes_nothing_is_applied(hand: Hand, name: str) -> None:
    status, said = hand.apply(f"models: {{{name}: {{}}}}", yes=False, answer=False)
    assert (status, "nothing was applied" in said) == (FAILED, True)
    assert hand.http.get(f"/v1/models/{name}").status_code == 404


def test_a_refusal_names_the_resource_the_line_and_the_pointer(hand: Hand, name: str) -> None:
    text = TEXT.format(name=name).replace("panes_days: 20", "panes_days: 2000")
    status, said = hand.apply(text)
    assert status == FAILED
    assert f"leeway.yaml, line 8: models.{name} is refused: 422" in said
    assert "line 10: /retention/hours_days: must not be less than panes_days" in said
    assert "1 before it was applied; mend this one and apply the file again" in said
    secret = TEXT.format(name=f"{name}-b").replace("env:LEEWAY_WEBHOOK_SECRET", "whsec_canary")
    status, said = hand.apply(secret)
    assert "line 6: /secret: this must be a reference" in said
    assert "canary" not in said


def test_a_schema_that_was_inferred_stays_where_the_file_says_none(hand: Hand, name: str) -> None:
    text = f"models: {{{name}: {{window: 2h}}}}"
    hand.apply(text)
    hand.http.post(f"/v1/models/{name}/baselines", json=rows(500)).raise_for_status()
    schema = hand.http.get(f"/v1/models/{name}").json()["schema"]
    assert hand.apply(text)[0] == DONE
    assert hand.apply(text.replace("2h", "3h"))[0] == DONE
    assert hand.http.get(f"/v1/models/{name}").json()["schema"] == schema
    refused = text.replace("window: 2h", "schema: {features: [{name: x, kind: categorical}]}")
    status, said = hand.apply(refused)
    assert (status, "declare another model for another meaning" in said) == (FAILED, True)


def test_what_the_service_makes_otherwise_is_told(hand: Hand, name: str) -> None:
    twice = "monitors: {m: {kind: data_drift, roles: [feature, feature]}}"
    status, said = hand.apply(f"models: {{{name}: {{{twice}}}}}")
    assert (status, 'roles: ["feature"] -> ["feature", "feature"]' in said) == (FAILED, True)
    assert "the service has it otherwise" in said


def test_pruning_deletes_beside_what_the_file_names(hand: Hand, name: str) -> None:
    hand.apply(TEXT.format(name=name))
    left = hand.http.get("/v1/targets").json()["items"]
    kept = "".join(f"  {one['name']}: {json.dumps(_target(one))}\n" for one in left[1:])
    status, said = hand.apply(
        f"models: {{{name}: {{sources: {{}}}}}}\ntargets:\n{kept}", prune=True
    )
    assert status == DONE
    assert f"- models.{name}.sources.logs" in said
    assert f"- targets.{left[0]['name']}" in said
    assert hand.http.get(f"/v1/models/{name}/sources").json()["items"] == []
    versions = hand.http.get(f"/v1/models/{name}/versions").json()["items"]
    assert len(versions) == 2


def _target(told: dict[str, object]) -> dict[str, object]:
    return {key: told[key] for key in ("kind", "url", "secret")}


def test_an_export_declares_the_state_and_fits_the_schema(hand: Hand, name: str) -> None:
    hand.apply(TEXT.format(name=name))
    hand.apply(f"models: {{{name}-inferred: {{deduplicate_rows: }}}}")
    hand.http.post(f"/v1/models/{name}-inferred/baselines", json=rows(500)).raise_for_status()
    text = hand.export()
    assert text.startswith("# yaml-language-server: $schema=leeway.schema.json\n")
    assert text == hand.export()
    status, said = hand.apply(text, prune=True)
    assert (status, "0 to create, 0 to change, 0 to delete" in said) == (DONE, True)
    assert "not in file" not in said
    schema = file_schema(hand.http.get("/openapi.json").json())
    jsonschema_rs.Draft202012Validator(schema).validate(yaml.safe_load(text))


def test_a_key_is_asked_for_and_other_servers_are_told_from_ours(tmp_path) -> None:
    with bridged(tmp_path, api_keys=KEY) as http:
        with pytest.raises(Stop, match="--api-key"):
            Service(http, 5).document()
        http.headers["Authorization"] = f"Bearer {KEY}"
        assert "paths" in Service(http, 5).document()
    with client(Reach("http://127.0.0.1:9")) as http, pytest.raises(Stop) as caught:
        Service(http, 0).document()
    assert caught.value.status == AWAY
    assert "http://127.0.0.1:9 cannot be reached" in str(caught.value)
    with pytest.raises(Stop, match="--url is not the address"):
        client(Reach("127.0.0.1:8000"))
