"""Where a person looks at a run in its orchestrator, as far as the target's declaration says."""

from urllib.parse import quote, urlsplit

from app.domain.alerts.delivery import Target

AIRFLOW, AIRFLOW_2 = "airflow", "v1"


def run_link(target: Target, run: str) -> str | None:
    """Return the address of a run's page; None where the kind of target has none that is known."""
    options = target.options
    if target.kind != AIRFLOW:
        return None
    base, dag = str(options.get("base_url", "")).rstrip("/"), str(options.get("dag_id", ""))
    if urlsplit(base).scheme not in {"http", "https"}:
        return None
    where = f"{base}/dags/{quote(dag, safe='')}"
    named = quote(run, safe="")
    if options.get("api") == AIRFLOW_2:
        return f"{where}/grid?dag_run_id={named}"
    return f"{where}/runs/{named}"
