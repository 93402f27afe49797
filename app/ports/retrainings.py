"""What the steps ask of the store about retrainings: policies, runs, wishes that wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.domain.alerts.delivery import Target
from app.domain.alerts.group import GroupKey
from app.domain.retrainings.policy import Episode, Policy, Standing, Wish
from app.domain.retrainings.retraining import Entry, Retraining, State


@dataclass(frozen=True, slots=True)
class Aging:
    """A champion whose policy says how old it may be."""

    model_id: int
    version: str
    since: datetime
    """When the version became known, or was promoted after a retraining."""
    policy: Policy


@dataclass(frozen=True, slots=True)
class Polled:
    """A run whose orchestrator is to be asked how it stands."""

    id: str
    run: str
    target: Target


@dataclass(frozen=True, slots=True)
class RetrainingSum:
    """How many runs of a model are in a state."""

    model: str
    state: State
    runs: int


@dataclass(frozen=True, slots=True)
class ChampionSince:
    """Since when a model's champion is known."""

    model: str
    version: str
    since: datetime


class Retrainings(Protocol):
    """Policies of models, and the runs that were asked for. Those of deleted models are gone."""

    async def put_policy(self, model_id: int, policy: Policy) -> bool:
        """Create or replace; True where it was created."""

    async def policy(self, model_id: int) -> Policy | None: ...
    async def drop_policy(self, model_id: int) -> bool: ...

    async def standing(self, model_id: int, id: str) -> Standing:  # noqa: A002
        """How a model's retraining stands, seen from the episode whose run has this id."""

    async def add(self, retraining: Retraining, token_digest: bytes, entry: Entry) -> bool:
        """Store a run (its ``number`` is not read); False: asked before, or one is in flight.

        The database holds both, whatever a reader saw a moment ago.
        """

    async def get(self, id: str) -> Retraining | None: ...  # noqa: A002
    async def hold(self, id: str) -> Retraining | None:  # noqa: A002
        """The same, kept from everybody else until this transaction ends."""

    async def token_digest(self, id: str) -> bytes | None: ...  # noqa: A002
    async def save(self, retraining: Retraining, entry: Entry) -> None:
        """Store what became of a run, and the word that did it."""

    async def note(self, retraining: Retraining, entry: Entry) -> None:
        """Store a word that changed nothing."""

    async def recall(self, retraining: Retraining) -> None:
        """Give up what is still to be delivered of its request."""

    async def recall_all(self, model_id: int) -> None:
        """The same for every run of a model."""

    async def latest(self, model_id: int) -> int | None:
        """The number of the run of a model that was asked for last."""

    async def claimed(self, retraining: Retraining, version: str) -> bool:
        """Whether another run named a version that is not the one which it was to replace."""

    async def prune(self, limit: int) -> int:
        """Delete at most ``limit`` runs that are over for as long as their model keeps windows.

        What decides something still stays: the last run of a model, and its champion's.
        """

    async def newer_promoted(self, retraining: Retraining) -> bool: ...
    async def page(
        self, model_id: int | None, state: State | None, before: int | None, limit: int
    ) -> Sequence[Retraining]:
        """Newest first, those with numbers below ``before``."""

    async def history(self, retraining: Retraining) -> Sequence[Entry]: ...

    async def overdue(self, limit: int) -> Sequence[str]:
        """Ids of runs in flight whose deadline has passed."""

    async def undeliverable(self, limit: int) -> Sequence[str]:
        """Ids of runs whose request can reach nobody: dead, or its target gone or disabled."""

    async def claim_polls(self, limit: int) -> Sequence[Polled]:
        """Runs in flight that are to be asked about now; their next turn is set."""

    async def aging(self) -> Sequence[Aging]:
        """Champions that may not grow older than their policy says."""

    async def episodes(self, model_id: int, version: str) -> Sequence[Episode]:
        """Those that the monitors of a version asked in last."""

    async def join(self, key: GroupKey, episode: str) -> None:
        """Have a monitor's alerts belong to an episode as long as they fire."""

    async def leave(self, key: GroupKey) -> None:
        """None of a monitor's alerts fires any more."""

    async def forget(self, model_id: int) -> None:
        """End all episodes of a model, also for windows that are judged anew."""

    async def wait(self, alert_id: int, wish: Wish | None) -> None:
        """Keep what a firing alert asks for until it can be asked; None: nothing (any more).

        The alerts of one version have one wish together, the latest.
        """

    async def waits(self, alert_id: int) -> Wish | None:
        """What an alert asks for still; whoever resolves it waits for this transaction."""

    async def waiting(self) -> Sequence[tuple[int, int, Wish]]:
        """(model, alert, wish) of episodes of which an alert fires still."""

    async def sums(self) -> Sequence[RetrainingSum]: ...
    async def champions(self) -> Sequence[ChampionSince]: ...
