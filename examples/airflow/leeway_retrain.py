"""A DAG that Leeway starts: the eight steps from validation to promotion or roll-back.

Copy this file and leeway_steps.py into the folder of DAGs, and declare a target of kind airflow
with ``"dag_id": "leeway_retrain"``. The run's conf is the data of Leeway's request. Written for
Airflow 3; the older import serves Airflow 2.
"""

# ruff: noqa: INP001  a folder of DAGs is no package
from collections.abc import Callable
from typing import Any

import leeway_steps as steps

try:
    from airflow.sdk import dag, get_current_context, task
except ImportError:  # Airflow 2
    from airflow.decorators import dag, task
    from airflow.operators.python import get_current_context


def conf() -> steps.Document:
    """Return what Leeway asked for."""
    return get_current_context()["dag_run"].conf


def tell_failure(context: dict[str, Any]) -> None:
    """Whatever step failed: Leeway need not wait for the deadline."""
    failed = context.get("task_instance")
    steps.say(context["dag_run"].conf, "failed", detail=f"task {failed and failed.task_id} failed")


@dag(schedule=None, catchup=False, max_active_runs=1, default_args={"retries": 1})
def leeway_retrain() -> None:
    """Chain the steps: each waits for the one before."""
    done = None
    for step in steps.STEPS:
        done = as_task(step, done)


def as_task(step: Callable[..., steps.Document], before: Any) -> Any:  # noqa: ANN401  Airflow's
    """Return the task of one step; what it returns is handed to the next one."""

    @task(task_id=step.__name__, on_failure_callback=tell_failure)
    def run(given: steps.Document | None = None) -> steps.Document:
        return step(conf()) if given is None else step(conf(), given)

    return run() if before is None else run(before)


leeway_retrain()
