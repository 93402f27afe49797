"""The API as a page of our own: rendered here, with no script and nothing from elsewhere."""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

STYLE = """
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{margin:2rem auto;max-width:60rem;padding:0 1rem}
h2{border-bottom:1px solid;margin-top:2.5rem}
article{margin:1.5rem 0}
code{font:.95em ui-monospace,monospace;overflow-wrap:anywhere}
table{border-collapse:collapse}
td{padding:.1rem 1rem .1rem 0;vertical-align:top}
nav a{display:inline-block;margin-right:1rem}
"""
DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{DIGEST}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
Document = Mapping[str, Any]


def render(document: Document, prefix: str = "") -> str:
    """Return the page of an OpenAPI document; ``prefix`` is where a proxy serves us."""
    info = document["info"]
    tags = document["tags"]
    links = "".join(f'<a href="#{_e(tag["name"])}">{_e(tag["name"])}</a>' for tag in tags)
    sections = "".join(_section(document, tag) for tag in tags)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{_e(info['title'])} API</title><style>{STYLE}</style></head><body>"
        f"<h1>{_e(info['title'])} <small>{_e(info['version'])}</small></h1>"
        f"<p>{_text(info['description'])}</p>"
        f'<p>As a document: <a href="{_e(prefix)}/openapi.json">openapi.json</a></p>'
        f"<nav>{links}</nav>{sections}</body></html>"
    )


def _section(document: Document, tag: Document) -> str:
    articles = "".join(
        _operation(method, path, operation)
        for path, method, operation in operations(document)
        if tag["name"] in operation.get("tags", ())
    )
    name = _e(tag["name"])
    opening = f'<section id="{name}"><h2>{name}</h2><p>{_text(tag["description"])}</p>'
    return f"{opening}{articles}</section>"


def operations(document: Document) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield (path, method, operation) of a document, in order."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _operation(method: str, path: str, operation: Document) -> str:
    parts = [
        f'<article id="{_e(operation["operationId"])}"><h3>{_e(operation["summary"])}</h3>',
        f"<p><code>{method.upper()} {_e(path)}</code></p><p>{_text(operation['description'])}</p>",
        _table("Parameters", [_parameter(one) for one in operation.get("parameters", ())]),
    ]
    if body := operation.get("requestBody"):
        parts.append(f"<p>Body: <code>{_e(', '.join(body['content']))}</code></p>")
    answers = [(status, _answer(answer)) for status, answer in operation["responses"].items()]
    return "".join([*parts, _table("Answers", answers), "</article>"])


def _parameter(parameter: Document) -> tuple[str, str]:
    need = "required" if parameter.get("required") else "optional"
    meaning = parameter.get("description", "")
    return f"{parameter['name']} ({parameter['in']}, {need})", meaning


def _answer(answer: Document) -> str:
    reference: str = answer.get("$ref", "")
    return reference.rpartition("/")[2] or str(answer.get("description", ""))


def _table(title: str, rows: list[tuple[str, str]]) -> str:
    if not rows:
        return ""
    cells = "".join(f"<tr><td><code>{_e(a)}</code></td><td>{_text(b)}</td></tr>" for a, b in rows)
    return f"<h4>{title}</h4><table>{cells}</table>"


def _e(text: str) -> str:
    return escape(text, quote=True)


def _text(text: str) -> str:
    """Return prose with its double backquotes as code; every other odd piece is code."""
    pieces = _e(text).split("``")
    return "".join(f"<code>{p}</code>" if i % 2 else p for i, p in enumerate(pieces))
