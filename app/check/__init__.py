"""``leeway check``: two files are read, compared once, and reported."""

from app.check.answering import answer
from app.check.asking import Ask

__all__ = ["Ask", "answer"]
