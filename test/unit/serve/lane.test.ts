import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { laneOf } from '../../../src/serve/sql-endpoint/gate/lane.ts'

/** Statements that read nothing of the warehouse, by the lane that they are to take. */
const statements = {
  light: [
    'select 1',
    "select 1 + 1 as two, 'a'::varchar, date '2026-01-31', null is null",
    'select version(), current_schema(), current_database(), current_user, now()',
    "select case when 1 < 2 then upper('a') else substr('abc', 1, 2) end",
    'select $1::integer + 1',
    'select (select 1) order by 1 desc limit 1',
  ],
  catalogue: [
    'select relname from pg_class where relkind in (1, 2) order by relname asc',
    'select * from (select 1) t',
    "select 'a' || 'b'",
    'select quote_ident(relname), pg_table_is_visible(oid) from pg_class',
    'select i from generate_series(1, array_upper(current_schemas(false), 1)) as s(i)',
    'select count(*), row_number() over () from pg_class union all select 1, 2',
  ],
  heavy: [
    "select length(regexp_replace('a', 'a', 'b', 'g'))",
    "select levenshtein('a', 'b')",
    "select length(lpad('x', 10))",
    'select unnest(range(10))',
    "select '9'::bignum",
    "select '[9]'::varint[]",
    'select list_transform([1], lambda x: x + 1)',
    'select * from generate_series(1, 1000000)',
    'with recursive r as (select 1 as n union all select n + 1 from r) select * from r',
    'select no_such_function(1)',
  ],
} as const

const shims = new Set(['quote_ident', 'array_upper', 'current_schemas', 'lpad', 'levenshtein'])

for (const [lane, texts] of Object.entries(statements))
  test(`${texts.length} statements take the ${lane} lane`, async () => {
    const connection = await (await DuckDBInstance.create(':memory:')).connect()
    const lanes = await Promise.all(
      texts.map(async (sql) => {
        const found = await connection.runAndReadAll(
          'select json_serialize_sql(cast($1 as varchar))',
          [sql],
        )
        return [sql, laneOf(JSON.parse(String(found.getRows()[0]?.[0])).statements[0].node, shims)]
      }),
    )
    expect(lanes).toEqual(texts.map((sql) => [sql, lane]))
    connection.closeSync()
  })
