"""psqlODBC through pyodbc, in the modes that Excel, Tableau and ODBC users pick. Prints row, check and outcome, separated by tabs."""
import datetime
import decimal
import os
import pyodbc

pyodbc.pooling = False
DRIVER = "/usr/lib/x86_64-linux-gnu/odbc/psqlodbcw.so"
MODES = {
    "default": "",
    "declare/fetch": "UseDeclareFetch=1;Fetch=100",
    "server-side prepare off": "UseServerSidePrepare=0",
    "text as long": "TextAsLongVarchar=1;MaxLongVarcharSize=100000;BoolsAsChar=0",
    "simple protocol, no rollback": "Protocol=7.4-0;UseServerSidePrepare=0;ByteaAsLongVarBinary=1",
}


def connect(mode):
    e = os.environ
    return pyodbc.connect(f"DRIVER={DRIVER};SERVER={e['PGHOST']};PORT={e['PGPORT']};DATABASE={e['PGDATABASE']};UID={e['PGUSER']};PWD={e['PGPASSWORD']};SSLmode=prefer;{MODES[mode]}", autocommit=True)


def check(row, mode, name, run):
    try:
        connection = connect(mode)
        try:
            outcome = str(run(connection, connection.cursor()))
        finally:
            connection.close()
    except Exception as error:
        outcome = f"ERROR {error}"
    print(row, f"{mode}: {name}", " ".join(outcome.split()), sep="\t", flush=True)


def some(rows, *columns):
    return [tuple(getattr(r, c) for c in columns) for r in rows]


def long_text(connection, cursor):
    return [len(cursor.execute(f"select repeat('x', {size})::text").fetchone()[0]) for size in (100, 8000, 8191, 20000)]


def count(connection, cursor):
    return sum(1 for _ in cursor.execute("select account_id, amount from mart.transactions"))


def error_then(connection, cursor):
    try:
        cursor.execute("select * from nothing_here").fetchall()
        state = "no error"
    except pyodbc.Error as error:
        state = error.args[0]
    return state, connection.cursor().execute("select 7").fetchone()[0]


def transaction(connection, _):
    connection.autocommit = False
    cursor = connection.cursor()
    first = cursor.execute("select count(*) from mart.accounts").fetchone()[0]
    connection.rollback()
    second = connection.cursor().execute("select count(*) from mart.accounts").fetchone()[0]
    connection.commit()
    return first == second


for mode in MODES:
    check("excel", mode, "SQLTables", lambda c, k: sorted(some(k.tables(schema="fdx", table="%\\_accounts", tableType="TABLE"), "table_schem", "table_name", "table_type")))
    check("excel", mode, "SQLTables, schemas", lambda c, k: sorted({r.table_schem for r in k.tables(schema="%", table="", catalog="")} & {"fdx", "flinks", "mart"}))
    check("excel", mode, "SQLColumns", lambda c, k: some(k.columns(schema="fdx", table="holdings"), "column_name", "data_type", "type_name", "column_size", "decimal_digits", "nullable", "ordinal_position"))
    check("excel", mode, "SQLColumns of a mart", lambda c, k: some(k.columns(schema="mart", table="accounts"), "column_name", "data_type", "type_name"))
    check("excel", mode, "SQLPrimaryKeys", lambda c, k: some(k.primaryKeys(schema="fdx", table="deposit_transactions"), "table_name", "column_name", "key_seq", "pk_name"))
    check("excel", mode, "SQLForeignKeys in", lambda c, k: sorted(some(k.foreignKeys(foreignSchema="fdx", foreignTable="tax_lots"), "pktable_name", "pkcolumn_name", "fkcolumn_name", "key_seq")))
    check("excel", mode, "SQLForeignKeys out", lambda c, k: sorted(some(k.foreignKeys(schema="fdx", table="deposit_accounts"), "fktable_name", "pkcolumn_name", "fkcolumn_name", "key_seq")))
    check("excel", mode, "SQLStatistics", lambda c, k: some(k.statistics(schema="fdx", table="deposit_accounts", unique=True), "table_name", "non_unique", "index_name", "ordinal_position", "column_name"))
    check("excel", mode, "SQLGetTypeInfo", lambda c, k: "ok" if {"text", "numeric", "int4", "timestamptz"} <= {r[0] for r in k.getTypeInfo()} else "types are missing")
    check("excel", mode, "SQLSpecialColumns", lambda c, k: some(k.rowIdColumns(schema="fdx", table="deposit_accounts"), "column_name"))
    check("excel", mode, "SQLProcedures", lambda c, k: some(k.procedures(schema="fdx"), "procedure_name"))
    check("excel", mode, "values", lambda c, k: tuple(k.execute("select 1::int, 2::bigint, 12345678901234567890.123456789::numeric(38,9), true, date '2024-02-29', timestamp '2024-02-29 01:02:03', 'äöü €', null::text, 2.5::double precision").fetchone()))
    check("excel", mode, "parameters", lambda c, k: tuple(k.execute("select count(*) from mart.accounts where account_kind = ? and balance > ? and last_seen_at > ?", "deposit", decimal.Decimal("1.5"), datetime.datetime(2000, 1, 1)).fetchone()))
    check("excel", mode, "long texts", long_text)
    check("excel", mode, "Unicode", lambda c, k: k.execute("select ?", "日本語 😀 ß").fetchone()[0])
    check("tableau", mode, "all rows", count)
    check("tableau", mode, "several results", lambda c, k: (k.execute("select 1").fetchall(), k.execute("select 2").fetchall()))
    check("tableau", mode, "two cursors at once", lambda c, k: (k.execute("select account_id from mart.transactions").fetchmany(3) is not None, c.cursor().execute("select count(*) from mart.accounts").fetchone()[0], len(k.fetchmany(200))))
    check("tableau", mode, "error, then a query", error_then)
    check("tableau", mode, "transaction", transaction)
