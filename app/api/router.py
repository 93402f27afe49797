"""How every route is declared: strict JSON bodies, and stable operation ids."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute

from app.api.strict import DeclarationRoute

Answers = dict[int | str, dict[str, Any]]


def operation_id(route: APIRoute) -> str:
    """Return the function's name: clients are generated from it, so it is chosen with care."""
    return route.name


def new_router(tag: str) -> APIRouter:
    tags: list[str | Enum] = [tag]
    return APIRouter(
        tags=tags, route_class=DeclarationRoute, generate_unique_id_function=operation_id
    )


def answers(documented: Mapping[int, dict[str, Any]]) -> Answers:
    """Return further answers of a route, by status."""
    return {status: answer for status, answer in documented.items()}  # noqa: C416  wider key type


def refuses(**reasons: str) -> Answers:
    """Return errors in a route's own words: ``refuses(_409="no baseline yet")``."""
    return {int(status.lstrip("_")): {"description": text} for status, text in reasons.items()}
