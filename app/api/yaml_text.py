"""The OpenAPI document as the text that is kept under version control."""

from typing import Any

import yaml

HEADER = "# Generated from the application by `leeway openapi`; do not edit.\n"


def yaml_text(document: dict[str, Any]) -> str:
    """Return a document as YAML, the same text every time."""
    body: str = yaml.dump(document, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=100)
    return HEADER + body


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Write prose of several lines as a block, so that a difference reads line by line."""
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


class _Plain(yaml.SafeDumper):
    """Writes shared pieces out where they stand: nobody reads anchors such as ``&id001``."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002  the base class's signature
        return True


_Plain.add_representer(str, _text)
