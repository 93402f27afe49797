"""Every expression of the rules, and of the dashboards' panels and variables."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from tests.deploy.tools import DEPLOY

VALUES = {"$model": "flights", "$version": ".*", "$monitor": "default"}
"""What a reader of the demo's dashboards would choose."""
VALUE_OF = re.compile(r"label_values\((?P<series>.*),(?P<label>\w+)\)")


@dataclass(frozen=True)
class Expression:
    """One of them; ``where`` says where it stands."""

    where: str
    text: str
    rule: bool = False

    def __str__(self) -> str:
        return self.where


def dashboards() -> Mapping[str, Any]:
    files = sorted((DEPLOY / "grafana" / "dashboards").glob("*.json"))
    return {file.stem: json.loads(file.read_text()) for file in files}


def expressions() -> list[Expression]:
    return [*_of_rules(), *_of_panels(), *_of_variables()]


def _of_rules() -> Iterator[Expression]:
    groups = yaml.safe_load((DEPLOY / "prometheus" / "leeway.rules.yml").read_text())["groups"]
    for rule in (rule for group in groups for rule in group["rules"]):
        yield Expression(rule["alert"], rule["expr"], rule=True)


def _of_panels() -> Iterator[Expression]:
    for name, dashboard in dashboards().items():
        for panel in dashboard["panels"]:
            for target in panel.get("targets", ()):
                where = f"{name}: {panel['title']} {target['refId']}"
                yield Expression(where, _chosen(target["expr"]))


def _of_variables() -> Iterator[Expression]:
    for name, dashboard in dashboards().items():
        for variable in dashboard["templating"]["list"]:
            if variable["type"] == "query":
                found = VALUE_OF.fullmatch(variable["query"]["query"])
                assert found is not None
                text = f"count by ({found['label']}) ({found['series']})"
                yield Expression(f"{name}: ${variable['name']}", _chosen(text))


def _chosen(text: str) -> str:
    for name, value in VALUES.items():
        text = text.replace(name, value)
    assert "$" not in text, text
    return text
