"""psycopg2 as notebooks use it. Prints row, check and outcome, separated by tabs."""
import datetime
import decimal
import io
import os
import psycopg2
import psycopg2.extras

ROW = "python"


def connect(**more):
    return psycopg2.connect(dbname=os.environ["PGDATABASE"], **more)


def check(name, run, **more):
    try:
        with connect(**more) as connection:
            outcome = str(run(connection, connection.cursor()))
    except Exception as error:
        outcome = f"ERROR {getattr(error, 'pgcode', '')} {error}"
    print(ROW, name, " ".join(outcome.split()), sep="\t", flush=True)


def rows(cursor, sql, values=None):
    cursor.execute(sql, values)
    return [(d.name, d.type_code) for d in cursor.description], cursor.fetchall()


def named(connection, _):
    cursor = connection.cursor("stream")
    cursor.itersize = 500
    cursor.execute("select account_id from mart.transactions")
    count = sum(1 for _ in cursor)
    return count, cursor.description[0].name


def scroll(connection, _):
    cursor = connection.cursor("scrolling", scrollable=True)
    cursor.execute("select account_id from mart.accounts order by account_id")
    cursor.fetchmany(3)
    cursor.scroll(2)
    return cursor.fetchone()


def copy(cursor, options):
    out = io.StringIO()
    cursor.copy_expert(f"copy (select account_id, balance from mart.accounts order by 1, 2) to stdout {options}", out)
    return out.getvalue()[:600].replace("\n", "/").replace("\t", "|")


def copy_binary(cursor):
    out = io.BytesIO()
    cursor.copy_expert("copy (select 1::int as a, 'ä'::text as b) to stdout (format binary)", out)
    return out.getvalue().hex()


def failed(connection, cursor):
    codes = []
    for sql in ("select * from nothing_here", "select 1"):
        try:
            cursor.execute(sql)
        except psycopg2.Error as error:
            codes.append(error.pgcode)
    connection.rollback()
    cursor.execute("select 6")
    return codes, cursor.fetchone()


def autocommit(connection, _):
    connection.rollback()
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("select 1")
    connection.set_session(readonly=True)
    cursor.execute("select current_setting('default_transaction_read_only')")
    return cursor.fetchone()


def refused(connection, cursor):
    try:
        cursor.execute("create table fdx.never_made (a int)")
    except psycopg2.Error as error:
        return error.pgcode


check("types", lambda c, k: rows(k, "select 1::int, 2::bigint, 1.50::numeric(10,2), true, date '2024-02-29', timestamptz '2024-02-29 01:02:03+00', 'x'::text, null::text, array[1,2], array['a','b'], interval '1 day 2 hours', '{\"a\": 1}'::json, '00112233-4455-6677-8899-aabbccddeeff'::uuid"))
check("parameters", lambda c, k: rows(k, "select %s + 1, %s, %s, %s::text, %s::date, %s", (41, "it's", decimal.Decimal("1.5"), None, datetime.date(2024, 2, 29), True)))
check("named parameters", lambda c, k: rows(k, "select count(*) from mart.accounts where account_kind = %(kind)s", {"kind": "deposit"}))
check("list as ANY", lambda c, k: rows(k, "select count(*) from mart.accounts where account_kind = any(%s)", (["deposit", "loan"],)))
check("tuple as IN", lambda c, k: rows(k, "select count(*) from mart.accounts where account_kind in %s", (("deposit", "loan"),)))
check("percent sign", lambda c, k: rows(k, "select count(*) from mart.accounts where account_kind like %s", ("dep%",)))
check("named cursor", named)
check("scrolling cursor", scroll)
check("copy as text", lambda c, k: copy(k, ""))
check("copy as CSV", lambda c, k: copy(k, "with csv header"))
check("copy as binary", lambda c, k: copy_binary(k))
check("error in a transaction", failed)
check("autocommit, read-only session", autocommit)
check("write", refused)
check("dictionaries", lambda c, k: [dict(r) for r in [c.cursor(cursor_factory=psycopg2.extras.RealDictCursor)] for _ in [r.execute("select 1 as a, 'b' as b")] for r in r.fetchall()])
check("encoding", lambda c, k: (c.encoding, rows(k, "select 'äöü €😀'")))
check("server version", lambda c, k: c.server_version // 10000)
check("options of the address", lambda c, k: rows(k, "show statement_timeout"), options="-c statement_timeout=12345")
check("search_path of the address", lambda c, k: rows(k, "select count(*) from holdings"), options="-c search_path=fdx")
