"""Two DAGs for Airflow 3: one that retrains, in its way, and one that is asleep."""

from airflow.sdk import dag, task


@dag(dag_id="retrain", schedule=None, is_paused_upon_creation=False)
def retrain():
    @task
    def train(dag_run=None):
        assert dag_run.conf["model"] == "flights", dag_run.conf
        return dag_run.run_id

    train()


@dag(dag_id="asleep", schedule=None, is_paused_upon_creation=True)
def asleep():
    @task
    def train():
        return 1

    train()


retrain()
asleep()
