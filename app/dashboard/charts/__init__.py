"""Shapes of charts, computed here and drawn by the templates' macros: pages and files alike."""
