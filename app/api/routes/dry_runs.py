"""Dry runs: a monitor is tried on windows of the past before it is declared."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Body, Depends, Query

from app.api.parameters import ModelName, MonitorName, VersionQuery
from app.api.router import new_router, refuses
from app.api.schemas.base import Time
from app.api.schemas.dry_runs import DryRunAnswer
from app.api.schemas.monitors import EXAMPLE, MonitorDeclaration
from app.api.series import SegmentQuery
from app.api.state import ApiDep
from app.steps.dry_run import Question, dry_run

router = new_router("monitors")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which windows it is tried on, and what suggestions keep to."""

    version: str | None
    segment: str
    start: datetime | None
    end: datetime | None
    budget: float | None


def _asked(
    version: VersionQuery = None,
    segment: SegmentQuery = "",
    from_: Annotated[
        Time | None, Query(alias="from", description="First start of windows; 90 days before.")
    ] = None,
    to: Annotated[Time | None, Query(description="They start before this; now.")] = None,
    budget: Annotated[
        float | None,
        Query(
            gt=0,
            le=1_000,
            description="False firings in 90 days that suggested thresholds keep to; 0.10.",
        ),
    ] = None,
) -> Asked:
    return Asked(version, segment, from_, to, budget)


@router.post(
    "/v1/models/{model}/monitors/{monitor}/dry-run",
    summary="Try a monitor on the past",
    responses=refuses(
        _409="The model has no baseline yet.",
        _429="Other dry runs are under way; ask again after ``Retry-After``.",
    ),
)
async def try_monitor(
    api: ApiDep,
    asked: Annotated[Asked, Depends(_asked)],
    model: ModelName,
    monitor: MonitorName,
    body: Annotated[
        MonitorDeclaration | None, Body(openapi_examples={"proposal": {"value": EXAMPLE}})
    ] = None,
) -> DryRunAnswer:
    """Judge windows of the past by a declaration, or by the present one where there is no body.

    It says what the monitor would have said, had it been in place: from the counts that are
    stored, by the same rule, with the page level that it would have beside the others. Nothing is
    written. Up to 5,000 windows are looked at, the newest of those asked for. Two dry runs are
    made at a time; one that has no turn within five seconds is answered with 429 and Retry-After.
    """
    proposed = body.monitor(monitor) if body is not None else None
    span = asked.start, asked.end
    question = Question(model, monitor, proposed, asked.version, asked.segment, *span)
    async with api.dry_runs.admitted(model, 1):
        tried = await dry_run(api.store, question)
        return await asyncio.to_thread(DryRunAnswer.of, tried, asked.budget)
