"""Retrainings on the wire: policies, runs, and words about them."""

import json
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
)

from app.api.durations import text
from app.api.parameters import LARGEST_NUMBER
from app.api.schemas.base import Answer, Declared, Duration, Name, Time
from app.api.schemas.monitors import not_yet
from app.domain.errors import Fault, Invalid
from app.domain.retrainings.policy import ON_ALERT, Cause, Policy
from app.domain.retrainings.retraining import Entry, Origin, Reason, Retraining, Said, Signal, State
from app.steps.retrain import Heard

LONGEST_WORDS = 2_000
LONGEST_DOCUMENT = 20_000
YEAR = timedelta(days=366)
BOUNDS: dict[str, tuple[timedelta, timedelta]] = {
    "cooldown": (timedelta(0), YEAR),
    "maximum_age": (timedelta(hours=1), 10 * YEAR),
    "deadline": (timedelta(minutes=1), timedelta(days=30)),
    "poll_every": (timedelta(seconds=5), timedelta(days=1)),
}
Words = Annotated[StrictStr, Field(max_length=LONGEST_WORDS)]
AlertCause = Annotated[Literal["drift"], BeforeValidator(not_yet)]


def _some(names: list[str]) -> list[str]:
    if not names:
        raise ValueError(
            "names none, so no alert asks: null stands for all that watch drift, `on: []` for none"
        )
    return names


Monitors = Annotated[
    list[Name],
    Field(max_length=100, json_schema_extra={"minItems": 1}),
    AfterValidator(_some),
]


class RetrainingPolicyDeclaration(Declared):
    """When a model is retrained, and by whom; the whole of it, since PUT replaces."""

    target: Name = Field(description="Which target starts the run.")
    on: list[AlertCause] = Field(
        default=["drift"],
        max_length=2,
        description="Alerts that ask for a retraining: those on drift, or none.",
    )
    monitors: Monitors | None = Field(
        None,
        description="Only alerts of these monitors ask; null: of all that watch drift.",
    )
    cooldown: Duration = Field(
        timedelta(days=1),
        description="How long after one was asked for no other is, but by a person.",
        json_schema_extra={"default": "1d"},
    )
    maximum_age: Duration | None = Field(
        None, description="Age of the champion at which it is replaced although nothing drifted."
    )
    deadline: Duration = Field(
        timedelta(hours=6),
        description="How long a run may take, from the moment it is asked for.",
        json_schema_extra={"default": "6h"},
    )
    poll_every: Duration = Field(
        timedelta(minutes=1),
        description="How often an orchestrator that can be asked is asked how the run stands.",
        json_schema_extra={"default": "1m"},
    )
    enabled: StrictBool = Field(default=True, description="Off: only people ask.")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"target": "airflow", "on": ["drift"], "maximum_age": "30d"}]
        }
    )

    def policy(self) -> Policy:
        """Return what is declared, once its durations are found to make sense."""
        faults = []
        for name, (least, most) in BOUNDS.items():
            value: timedelta | None = getattr(self, name)
            if value is not None and not least <= value <= most:
                between = f"must lie between {text(least)} and {text(most)}"
                faults.append(Fault(between, f"/{name}"))
        if faults:
            raise Invalid("the retraining policy is wrong", tuple(faults))
        return Policy(
            target=self.target,
            on=frozenset(Cause(cause) for cause in self.on),
            monitors=None if self.monitors is None else tuple(self.monitors),
            cooldown=self.cooldown,
            maximum_age=self.maximum_age,
            deadline=self.deadline,
            poll_every=self.poll_every,
            enabled=self.enabled,
        )


class RetrainingPolicyAnswer(Answer):
    """When a model is retrained, and by whom."""

    target: str
    on: list[Cause]
    monitors: list[str] | None
    cooldown: Duration
    maximum_age: Duration | None
    deadline: Duration
    poll_every: Duration
    enabled: bool

    @classmethod
    def of(cls, policy: Policy) -> Self:
        return cls(
            target=policy.target,
            on=sorted(policy.on & ON_ALERT),
            monitors=None if policy.monitors is None else list(policy.monitors),
            cooldown=policy.cooldown,
            maximum_age=policy.maximum_age,
            deadline=policy.deadline,
            poll_every=policy.poll_every,
            enabled=policy.enabled,
        )


class RetrainingWish(Declared):
    """A person's wish."""

    reason: Words = Field("asked for by hand", min_length=1, description="Why, in your words.")

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "new labels arrived"}]})


class NamedVersion(Declared):
    """The version that a run made."""

    name: Name
    lineage: dict[str, Any] | None = Field(
        None,
        max_length=100,
        description="Where it came from: data digest, git commit, hyperparameters, run id.",
    )


class RetrainingWord(Declared):
    """What an orchestrator says of its run."""

    state: Literal["running", "succeeded", "failed", "promoted", "rejected"]
    detail: Words | None = Field(None, description="Why, in its words.")
    version: NamedVersion | None = Field(
        None, description="What it made: registered as challenger, made champion by ``promoted``."
    )
    metrics: dict[str, Any] | None = Field(
        None, max_length=200, description="How good it is; kept and shown as they are."
    )
    baseline: StrictInt | None = Field(
        None,
        ge=1,
        le=LARGEST_NUMBER,
        description="With ``promoted``: the baseline that becomes active; the newest one of the "
        "version where none is named.",
    )

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "state": "succeeded",
                    "version": {"name": "2013-07", "lineage": {"git_commit": "3f1c2ab"}},
                    "metrics": {"auc": 0.81},
                }
            ]
        }
    )

    @property
    def signal(self) -> Signal:
        return Signal(self.state)

    def said(self) -> Said:
        """Return what is said beside the state, once it is found to be no flood."""
        parts = {
            "/metrics": self.metrics,
            "/version/lineage": self.version.lineage if self.version else None,
        }
        detail = f"has more than {LONGEST_DOCUMENT} characters"
        long = [name for name, part in parts.items() if len(json.dumps(part)) > LONGEST_DOCUMENT]
        if long:
            raise Invalid("that is too much", tuple(Fault(detail, name) for name in long))
        return Said(
            detail=self.detail,
            version=self.version.name if self.version else None,
            lineage=self.version.lineage if self.version else None,
            metrics=self.metrics,
            baseline=self.baseline,
        )


class RetrainingLine(Answer):
    """One run that was asked of an orchestrator."""

    id: str = Field(description="The same for the same episode; orchestrators name the run by it.")
    model: str
    version: str = Field(description="The champion that it is to replace.")
    cause: Cause
    detail: str = Field(description="Why it was asked for, in words.")
    episode: str
    state: State
    reason: Reason = Field(description="Why it is in this state.")
    target: str
    requested_at: Time
    deadline_at: Time
    changed_at: Time
    run: str | None = Field(description="The orchestrator's own name of the run.")
    challenger: str | None = Field(description="The version that it made.")
    metrics: dict[str, Any] | None
    baseline: int | None = Field(description="The baseline that became active with it.")
    alert: dict[str, Any] | None = Field(description="The alert that asked.")
    features: list[str] = Field(description="Those that moved most, the worst first.")

    @classmethod
    def of(cls, run: Retraining, **more: object) -> Self:
        members = {
            "id": run.id,
            "model": run.model,
            "version": run.version,
            "cause": Cause(run.cause),
            "detail": run.detail,
            "episode": run.episode,
            "state": run.state,
            "reason": run.reason,
            "target": run.target,
            "requested_at": run.requested_at,
            "deadline_at": run.deadline_at,
            "changed_at": run.changed_at,
            "run": run.run,
            "challenger": run.challenger,
            "metrics": run.metrics,
            "baseline": run.baseline,
            "alert": run.about.get("alert"),
            "features": run.about.get("features", []),
        }
        return cls.model_validate(members | more)


class RetrainingPage(Answer):
    """Retrainings, newest first."""

    items: list[RetrainingLine]
    next_cursor: str | None


class RetrainingEntryAnswer(Answer):
    """One word about a run, and what it did."""

    at: Time
    source: Origin
    said: str = Field(description="The word; ``asked`` is the first.")
    state: State = Field(description="The state afterwards.")
    reason: Reason
    changed: bool = Field(description="Whether it changed anything.")
    detail: str | None
    version: str | None
    baseline: int | None
    run: str | None

    @classmethod
    def of(cls, entry: Entry) -> Self:
        return cls(
            at=entry.at,
            source=entry.origin,
            said=entry.signal,
            state=entry.move.state,
            reason=entry.move.reason,
            changed=entry.move.changed,
            detail=entry.said.detail,
            version=entry.said.version,
            baseline=entry.said.baseline,
            run=entry.said.run,
        )


class RetrainingAnswer(RetrainingLine):
    """A run with every word about it."""

    history: list[RetrainingEntryAnswer]


class HeardAnswer(Answer):
    """What a word did."""

    id: str
    state: State = Field(description="The state afterwards.")
    reason: Reason
    changed: bool = Field(description="False: it was said before, came too late, or did not fit.")
    challenger: str | None
    baseline: int | None

    @classmethod
    def of(cls, heard: Heard) -> Self:
        run, move = heard.retraining, heard.move
        return cls(
            id=run.id,
            state=move.state,
            reason=move.reason,
            changed=move.changed,
            challenger=run.challenger,
            baseline=run.baseline,
        )
