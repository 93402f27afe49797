"""The service's own command, with every compilation of a kernel written to standard error.

Handed to the container's Python as text: nothing of the tests is in the image.
"""

WATCH = """
import sys
from numba.core import event

class Compilations(event.Listener):
    def on_start(self, compiled):
        print("COMPILED", compiled.data["dispatcher"], file=sys.stderr, flush=True)
    def on_end(self, compiled):
        pass

event.register("numba:compile", Compilations())
"""
MARK = "COMPILED"

SERVE = WATCH + 'import app.cli\nsys.argv = ["leeway", "serve"]\napp.cli.main()\n'
"""What the image's entry point and command do."""

CONTROL = WATCH + "import numba\nprint(numba.njit(lambda x: x + 1)(1))\n"
"""Compiles one function, so that a watch that sees nothing is found out."""
