"""Shapes on the wire. Pydantic lives here; the domain does not know them."""
