"""One task for each pipeline, in Airflow, whose worker is the user fdx or root on the machine of deploy.md.

fdx keeps its own records: a task that is tried again goes on where it was.
"""

import datetime

from airflow import DAG
from airflow.operators.bash import BashOperator

PIPELINES = ["flinks-outbound-nightly", "flinks-native-nightly"]

with DAG(
    dag_id="fdx",
    schedule="15 3 * * *",
    start_date=datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc),
    catchup=False,  # fdx asks from its last good end; older intervals would ask for the same again
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": datetime.timedelta(minutes=15)},
) as dag:
    for pipeline in PIPELINES:
        BashOperator(
            task_id=pipeline,
            # Exit code 3: some connections failed, the rest is loaded. 99 marks the task as skipped, not failed.
            bash_command=(
                "/usr/local/bin/fdx run " + pipeline + " --json; "
                'code=$?; [ "$code" = 3 ] && exit 99; exit "$code"'
            ),
        )
