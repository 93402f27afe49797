"""The documents' tables, made from the results: ``python -m benchmarks.report`` writes them again.

A table stands between ``<!-- bench: name -->`` and ``<!-- bench end -->``.
"""

import re
from pathlib import Path

from benchmarks.blocks import BLOCKS
from benchmarks.findings import load
from benchmarks.targets import Load

ROOT = Path(__file__).parents[1]
DOCUMENTS = ("README.md", "docs/performance.md", "docs/storage.md")
_BLOCK = re.compile(r"(<!-- bench: (\w+) -->\n).*?(<!-- bench end -->)", re.DOTALL)


def render(text: str, results: Load) -> str:
    """Put every table in its place; `KeyError` for a name that is no table's."""

    def block(match: re.Match[str]) -> str:
        begin, name, end = match.groups()
        return f"{begin}{BLOCKS[name](results)}\n{end}"

    return _BLOCK.sub(block, text)


def rewrite(root: Path = ROOT) -> list[str]:
    """Write the documents again; return those that changed."""
    changed = []
    for name in DOCUMENTS:
        path = root / name
        text = path.read_text()
        new = render(text, load)
        if new != text:
            path.write_text(new)
            changed.append(name)
    return changed


if __name__ == "__main__":
    rewrite()
