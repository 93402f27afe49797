"""Health and entry answers on the wire."""

from typing import Literal

from app.api.schemas.base import Answer


class RootAnswer(Answer):
    """Where things are."""

    name: str
    version: str
    links: dict[str, str]


class HealthAnswer(Answer):
    """The process runs."""

    status: Literal["ok"]


class ReadyAnswer(Answer):
    """Every check passes."""

    status: Literal["ok"]
    checks: dict[str, bool]
