"""SQLAlchemy as Superset uses it. Prints row, check and outcome, separated by tabs."""
import os
import warnings
from sqlalchemy import MetaData, Table, create_engine, func, inspect, select, text
from sqlalchemy.engine import URL

warnings.filterwarnings("ignore")
engine = create_engine(URL.create("postgresql+psycopg2", os.environ["PGUSER"], os.environ["PGPASSWORD"], os.environ["PGHOST"], int(os.environ["PGPORT"]), os.environ["PGDATABASE"]))


def check(name, run):
    try:
        outcome = str(run())
    except Exception as error:
        outcome = f"ERROR {type(error).__name__} {error}"
    print("reflection", name, " ".join(outcome.split()), sep="\t", flush=True)


def autoload():
    table = Table("deposit_transactions", MetaData(), autoload_with=engine, schema="fdx")
    return [(c.name, str(c.type), c.nullable, c.primary_key) for c in table.columns], sorted(str(f.target_fullname) for f in table.foreign_keys)


def reflected():
    metadata = MetaData()
    metadata.reflect(bind=engine, schema="fdx", only=["holdings", "tax_lots"])
    return sorted(metadata.tables)


def grains():
    found = []
    with engine.connect() as connection:
        for grain in ("second", "minute", "hour", "day", "week", "month", "quarter", "year"):
            sql = f"select date_trunc('{grain}', posted_at) as __timestamp, sum(amount) as \"SUM(amount)\" from mart.transactions where posted_at >= '2000-01-01' group by date_trunc('{grain}', posted_at) order by \"SUM(amount)\" desc limit 3"
            result = connection.execute(text(sql))
            found.append((tuple(result.keys()), len(result.fetchall())))
    return found


def streamed():
    with engine.connect().execution_options(stream_results=True, max_row_buffer=200) as connection:
        return sum(1 for _ in connection.execute(text("select * from mart.transactions")))


def explained():
    with engine.connect() as connection:
        plan = connection.execute(text("explain select count(*) from mart.accounts")).fetchall()
    return "ok" if len(plan) > 0 and len(plan[0]) == 1 else plan


def core():
    table = Table("deposit_accounts", MetaData(), autoload_with=engine, schema="fdx")
    with engine.connect() as connection:
        return connection.execute(select(table.c.currency, func.count()).group_by(table.c.currency).order_by(table.c.currency)).fetchall()


def test_connection():
    with engine.connect() as connection:
        return connection.dialect.do_ping(connection.connection.connection) if hasattr(connection.dialect, "do_ping") else connection.scalar(select(1))


inspector = inspect(engine)
check("test connection", test_connection)
check("default schema", lambda: inspector.default_schema_name)
check("schemas", lambda: [s for s in inspector.get_schema_names() if s in ("fdx", "flinks", "history", "mart", "ops", "information_schema")])
check("tables", lambda: [t for t in sorted(inspector.get_table_names("fdx")) if t not in ("accounts", "transactions")])
check("views", lambda: "ok" if {"accounts", "transactions"} <= set(inspector.get_view_names("mart")) | set(inspector.get_table_names("mart")) else inspector.get_view_names("mart"))
check("view definition", lambda: "ok" if inspector.get_view_names("mart") == [] or "SELECT" in inspector.get_view_definition("accounts", "mart") else "none")
check("columns", lambda: [{k: str(v) for k, v in c.items() if k != "comment"} for c in inspector.get_columns("holdings", "fdx")])
check("columns of a mart", lambda: [(c["name"], str(c["type"])) for c in inspector.get_columns("accounts", "mart")])
check("primary key", lambda: inspector.get_pk_constraint("tax_lots", "fdx"))
check("foreign keys", lambda: sorted((f["constrained_columns"], f["referred_schema"], f["referred_table"], f["referred_columns"]) for f in inspector.get_foreign_keys("tax_lots", "fdx")))
check("indexes", lambda: inspector.get_indexes("tax_lots", "fdx"))
check("unique constraints", lambda: inspector.get_unique_constraints("tax_lots", "fdx"))
check("check constraints", lambda: inspector.get_check_constraints("tax_lots", "fdx"))
check("table comment", lambda: "ok" if "text" in inspector.get_table_comment("holdings", "fdx") else "none")
check("has_table", lambda: (inspector.has_table("holdings", "fdx"), inspector.has_table("nothing_here", "fdx")))
check("enums, sequences, temporary tables", lambda: (inspector.get_enums("fdx"), inspector.get_sequence_names("fdx"), inspector.get_temp_table_names()))
check("autoload", autoload)
check("reflect", reflected)
check("time grains", grains)
check("streaming", streamed)
check("EXPLAIN", explained)
check("core query", core)
