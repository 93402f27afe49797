"""House rules that the linters do not hold: sizes, and where things may be read or caught."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHIPPED = sorted([*ROOT.glob("app/**/*.py"), *ROOT.glob("drift_core/**/*.py")])
LONGEST_FILE = 400
LONGEST_FUNCTION = 60
BROAD = {"Exception", "BaseException"}
BROAD_ALLOWED = {
    "app/workers.py",
    "app/steps/ingest.py",
    "app/api/edge/envelope.py",
    "app/api/brief.py",
}
"""Brief is to requests past ASGI what the envelope is to the others."""


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    docstring = ast.get_docstring(function, clean=False) or ""
    length = (function.end_lineno or function.lineno) - function.lineno + 1
    return length - len(docstring.splitlines())


@pytest.mark.parametrize("path", SHIPPED, ids=name_of)
def test_files_and_functions_stay_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_FILE
    long = [f.name for f in functions(path) if body_lines(f) > LONGEST_FUNCTION]
    assert long == []


@pytest.mark.parametrize("path", SHIPPED, ids=name_of)
def test_every_file_says_what_lives_there(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text())), "a module docstring is missing"


def swallowed(path: Path) -> set[str]:
    """What is caught and not raised again at the end of its handler."""
    handlers = [
        n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.ExceptHandler)
    ]
    return {
        handler.type.id
        for handler in handlers
        if isinstance(handler.type, ast.Name)
        and not (isinstance(last := handler.body[-1], ast.Raise) and last.exc is None)
    }


@pytest.mark.parametrize("path", SHIPPED, ids=name_of)
def test_only_loops_and_the_outermost_edge_swallow_everything(path: Path) -> None:
    assert not swallowed(path) & BROAD or name_of(path) in BROAD_ALLOWED


@pytest.mark.parametrize("path", SHIPPED, ids=name_of)
def test_only_the_settings_read_the_environment(path: Path) -> None:
    text = path.read_text()
    reads = "os.environ" in text or "getenv" in text
    assert not reads or name_of(path) == "app/settings.py"
