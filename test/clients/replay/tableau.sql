Tableau's PostgreSQL connector: catalogue through pgjdbc or ODBC (tried with those), then cursors and probes of its own.

-- name: probe for temporary tables
-- refused: 25006
create local temporary table "#Tableau_1_2_3_Connect_Check" ("COL" integer) on commit preserve rows
-- name: probe for SELECT INTO
-- refused: 25006
select * into temporary "#Tableau_4" from mart.accounts limit 1
-- name: drop of the probe
-- refused: 25006
drop table "#Tableau_1_2_3_Connect_Check"
-- name: start
begin
-- name: a cursor with hold
declare "SQL_CUR0x1" cursor with hold for select "accounts"."account_kind" as "account_kind", sum("accounts"."balance") as "sum:balance:ok" from "mart"."accounts" "accounts" group by 1
-- name: its rows
-- wants: "account_kind"
fetch 10000 in "SQL_CUR0x1"
-- name: its end
close "SQL_CUR0x1"
-- name: commit
commit
-- name: a cursor in a transaction that is rolled back
begin
-- name: it is declared
declare "SQL_CUR0x2" cursor with hold for select 1
-- name: rolled back
rollback
-- name: it is gone
-- refused: 34000
fetch 1 in "SQL_CUR0x2"
-- name: cursors that are open
select name, statement, is_holdable from pg_cursors
-- name: dates
-- wants: "yr:posted_at:ok"
select cast(trunc(extract(year from "transactions"."posted_at")) as integer) as "yr:posted_at:ok", sum("transactions"."amount") as "sum:amount:ok" from "mart"."transactions" "transactions" group by 1
-- name: truncated dates
select date_trunc('month', cast("transactions"."posted_at" as timestamp)) as "tmn:posted_at:ok", count(distinct "transactions"."account_id") as "ctd:account_id:ok" from "mart"."transactions" "transactions" group by 1 order by 1 nulls first
-- name: quick filter domain
select "accounts"."account_kind" as "account_kind" from "mart"."accounts" "accounts" group by 1 order by 1 asc nulls first
-- name: top n
select "t0"."account_kind" as "account_kind" from (select "accounts"."account_kind" as "account_kind", sum("accounts"."balance") as "$alias" from "mart"."accounts" "accounts" group by 1 order by 2 desc, 1 asc limit 3) "t0"
-- name: text and number functions
select upper('a') as u, left('abc', 2) as l, position('b' in 'abc') as p, round(cast(1.256 as numeric), 2) as r, cast(1.5 as double precision) as d, case when 1 >= 0 then 'x' else null end as c
-- name: having (count of rows)
select sum(1) as "sum:Number of Records:ok" from "mart"."transactions" "transactions" having (count(1) > 0)
-- name: initial settings
set datestyle to 'ISO'
-- name: extra digits
set extra_float_digits to 2
-- name: show version
-- wants: 15
select version()
