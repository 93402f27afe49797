"""Compile every kernel into the cache, or check that all of them come out of it.

``python scripts/compile_kernels.py`` runs while an image is built; with ``--check`` it runs as the
user and on the files that will serve, and fails if a kernel had to be compiled.
"""

import sys
from collections.abc import Iterator

from numba.core.dispatcher import Dispatcher

import app.sources.formats.scan
import app.store.counts.encoding
import drift_core.kernels

WARM_UPS = (
    drift_core.kernels.warm_up,
    app.sources.formats.scan.warm_up,
    app.store.counts.encoding.warm_up,
)
PACKAGES = ("app", "drift_core")


def kernels() -> Iterator[Dispatcher]:
    """Yield each compiled function of the project that has been imported, once."""
    seen = set()
    for name, module in sorted(sys.modules.items()):
        if name.split(".")[0] not in PACKAGES:
            continue
        for value in vars(module).values():
            if isinstance(value, Dispatcher) and id(value) not in seen:
                seen.add(id(value))
                yield value


def main() -> int:
    for warm_up in WARM_UPS:
        warm_up()
    found = list(kernels())
    hits = sum(sum(kernel.stats.cache_hits.values()) for kernel in found)
    missed = [str(kernel) for kernel in found if kernel.stats.cache_misses]
    print(f"{len(found)} kernels, {hits} loaded from the cache, {len(missed)} compiled")
    if "--check" not in sys.argv:
        return 0
    print(*missed, sep="\n", file=sys.stderr)
    return int(bool(missed) or not hits)


if __name__ == "__main__":
    sys.exit(main())
