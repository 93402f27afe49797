"""A service that answers before the commit."""

import app.main
from tests.e2e.nursery import serve_children
from tests.e2e.spoilt import Hasty

if __name__ == "__main__":
    app.main.Group = Hasty  # type: ignore[attr-defined]
    serve_children()
