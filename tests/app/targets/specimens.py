"""One working target of every kind, and the receiver that it works with."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.domain.alerts.event import Event
from tests.app.targets import fake_alarms, fake_runs
from tests.app.targets.exchange import SECRETS, Asked, Handler, Reply, alert, retraining

Options = dict[str, object]


@dataclass(frozen=True)
class Specimen:
    """What a kind is tried with."""

    options: Callable[[str], Options]
    """Of the receiver's URL."""
    fake: Callable[[], Handler]
    event: Callable[[], Event]
    secrets: tuple[str, ...] = ("KEY",)
    starts_runs: bool = False


def root(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _hook(asked: Asked) -> Reply:
    del asked
    return Reply(204)


def slack(url: str) -> Options:
    # the URL as a whole is a secret, so it is put where secrets are
    SECRETS["SLACK"] = f"{root(url)}/services/canary"
    return {"url": "env:SLACK"}


SPECIMENS: dict[str, Specimen] = {
    "webhook": Specimen(
        lambda url: {"url": url, "secret": "env:HOOK"}, lambda: _hook, alert, ("HOOK",)
    ),
    "pagerduty": Specimen(
        lambda url: {"url": f"{root(url)}/v2/enqueue", "routing_key": "env:KEY"},
        fake_alarms.PagerDuty,
        alert,
    ),
    "alertmanager": Specimen(
        lambda url: {"base_url": root(url), "token": "env:KEY"},
        lambda: fake_alarms.Alertmanager(fake_runs.BEARER),
        alert,
    ),
    "slack": Specimen(slack, fake_alarms.Slack, alert, ("SLACK",)),
    "airflow": Specimen(
        lambda url: {"base_url": root(url), "dag_id": "retrain", "token": "env:KEY"},
        fake_runs.Airflow,
        retraining,
        starts_runs=True,
    ),
    "kubeflow": Specimen(
        lambda url: {
            "base_url": root(url),
            "pipeline_id": "p-1",
            "version_id": "v-1",
            "experiment_id": "e-1",
            "token": "env:KEY",
            "parameters": {"model": "${model}", "why": "${cause}: ${reason}"},
        },
        fake_runs.Kubeflow,
        retraining,
        starts_runs=True,
    ),
    "argo-events": Specimen(
        lambda url: {"url": f"{root(url)}/retrain", "token": "env:KEY"},
        fake_runs.ArgoEvents,
        retraining,
        starts_runs=True,
    ),
    "github": Specimen(
        lambda url: {"api_url": root(url), "repository": "acme/fraud", "token": "env:KEY"},
        fake_runs.Github,
        retraining,
        starts_runs=True,
    ),
    "zenml": Specimen(
        lambda url: {
            "base_url": root(url),
            "snapshot_id": fake_runs.SNAPSHOT,
            "api_key": "env:KEY",
            "parameters": {"model": "${model}", "features": "${features}"},
        },
        fake_runs.ZenML,
        retraining,
        starts_runs=True,
    ),
}
