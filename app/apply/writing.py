"""Declarations as YAML: the same text every time, and read back as it was."""

from collections.abc import Mapping
from typing import Any

import yaml

from app.apply.order import Stop
from app.apply.scalars import resolved

WIDTH = 100


def text_of(document: Mapping[str, Any]) -> str:
    """Return a document as YAML; things in lists stand on one line each."""
    made: str = yaml.dump(
        _inlined(document), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH
    )
    return made


class _Inline(dict[str, Any]):
    """A mapping that is written on one line."""


def _inlined(value: Any, *, listed: bool = False) -> Any:  # noqa: ANN401  a JSON value
    match value:
        case dict():
            members = {name: _inlined(one) for name, one in value.items()}
            flat = not any(isinstance(one, dict | list) for one in members.values())
            return _Inline(members) if listed and flat else members
        case list():
            return [_inlined(one, listed=True) for one in value]
        case _:
            return value


class _Dumper(yaml.SafeDumper):
    """Writes no aliases, which are not read either, and quotes what is not plainly text."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002  the base class's signature
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None if _plainly(text) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _plainly(text: str) -> bool:
    try:
        # what is not printable, such as a line end of Unicode's, is escaped
        return text.isprintable() and resolved(text) == text
    except Stop:
        return False


def _inline(dumper: yaml.SafeDumper, members: _Inline) -> yaml.MappingNode:
    return dumper.represent_mapping("tag:yaml.org,2002:map", members, flow_style=True)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(_Inline, _inline)
