"""What a dlt user would write: accounts and transactions of an FDX 5 API into DuckDB, by way of Parquet files, money
declared as decimal.

    dlt_pull.py BASE_URL FOLDER

FOLDER/tokens has an access token a line. Writes FOLDER/amounts, a line a transaction: account and id, a tab, its amount.
"""

import sys
from pathlib import Path

import dlt
from dlt.sources.helpers import requests

base, folder = sys.argv[1], Path(sys.argv[2])
money = {"data_type": "decimal", "precision": 38, "scale": 9}


def pages(token, path, member, **parameters):
    """Each page's records, by `page.nextOffset`."""
    while True:
        answer = requests.get(base + path, params=parameters, headers={"authorization": f"Bearer {token}"})
        body = answer.json()
        yield body[member]
        offset = body.get("page", {}).get("nextOffset")
        if offset is None:
            return
        parameters["offset"] = offset


def opened(record):
    """The record inside its envelope: `{"depositAccount": {…}}`."""
    return next(iter(record.values()))


@dlt.resource(primary_key="account_id", write_disposition="merge")
def accounts():
    for token in (folder / "tokens").read_text().split():
        for page in pages(token, "/accounts", "accounts", resultType="details"):
            yield [{**opened(record), "token": token} for record in page]


@dlt.transformer(
    data_from=accounts,
    primary_key=("account_id", "transaction_id"),
    write_disposition="merge",
    columns={"amount": money},
)
def transactions(some):
    for account in some:
        identity = account["accountId"]
        for page in pages(account["token"], f"/accounts/{identity}/transactions", "transactions"):
            yield [{**opened(record), "accountId": identity} for record in page]


pipeline = dlt.pipeline(
    "peer",
    pipelines_dir=str(folder / "pipelines"),
    destination=dlt.destinations.duckdb(str(folder / "peer.duckdb")),
    dataset_name="fdx",
)
pipeline.run([accounts, accounts | transactions], loader_file_format="parquet")
with pipeline.sql_client() as client:
    rows = client.execute_sql("select account_id || ' ' || transaction_id, amount::varchar from transactions")
(folder / "amounts").write_text("".join(f"{identity}\t{amount}\n" for identity, amount in rows))
