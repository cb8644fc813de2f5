import { readFileSync } from 'node:fs'
import pg from 'pg'
import Cursor from 'pg-cursor'
import QueryStream from 'pg-query-stream'
import { check, server } from '../support/check.ts'

const { host, port, user, password, database } = server
const settings = { host, port, user, password, database }

async function withClient<T>(
  run: (client: pg.Client) => Promise<T>,
  more: pg.ClientConfig = {},
): Promise<T> {
  const client = new pg.Client({ ...settings, ...more })
  await client.connect()
  try {
    return await run(client)
  } finally {
    await client.end()
  }
}

/** Rows and types as text. */
const show = (result: pg.QueryResult) =>
  `${result.fields.map(({ name, dataTypeID, dataTypeModifier }) => `${name}:${dataTypeID}:${dataTypeModifier}`).join()} ${JSON.stringify(result.rows)}`

/** Without the types: PostgreSQL's `name` is `text` here. */
const names = (result: pg.QueryResult) => JSON.stringify(result.rows)

const queries = (
  name: string,
  run: (client: pg.Client) => Promise<unknown>,
  more?: pg.ClientConfig,
) => check('queries', name, () => withClient(run, more))
const one = async (client: pg.Client, sql: string, values: unknown[] = []) => {
  const { rows } = await client.query({ text: sql, values, rowMode: 'array' })
  return rows[0]?.[0] as unknown
}

await queries('simple', async (client) =>
  show(await client.query('select 1 as a, $$x$$ as b, null::text as c, true as d')),
)
await queries('parameters', async (client) =>
  show(
    await client.query(
      'select $1::int + 1 as a, $2::text as b, $3::numeric(10,2) as c, $4::date as d',
      [1, 'ä', '1.5', '2024-02-29'],
    ),
  ),
)
await queries('parameters without types', async (client) =>
  show(
    await client.query(
      'select account_kind, count(*) from mart.accounts where account_kind = $1 and balance > $2 group by 1',
      ['deposit', 0],
    ),
  ),
)
await queries('arrays', async (client) =>
  show(
    await client.query('select count(*) from mart.accounts where account_kind = any($1)', [
      ['deposit', 'loan'],
    ]),
  ),
)
await queries('array of numbers', async (client) =>
  show(await client.query('select 2 = any($1::int[]) as yes', [[1, 2, 3]])),
)
await queries('types', async (client) =>
  show(
    await client.query(
      "select 1::smallint, 2::int, 3::bigint, 1.5::real, 2.5::double precision, 1.25::numeric(10,2), date '2024-02-29' as d, timestamptz '2024-02-29 01:02:03+00' as t, 'x'::text, true, array[1,2] as l, '{\"a\":1}'::json as j, interval '1 day' as i, 'ab'::bytea as b",
    ),
  ),
)
await queries('named, many times', async (client) => {
  let sum = 0
  for (let n = 0; n < 20; n++)
    sum += Number(
      (await client.query({ name: 'sum', text: 'select $1::int + $2::int as s', values: [n, 1] }))
        .rows[0].s,
    )
  return sum
})
await queries('several statements', async (client) => {
  const results = (await client.query(
    'select 1 as a; select 2 as b',
  )) as unknown as pg.QueryResult[]
  return results.map(show).join(' / ')
})
await queries('cursor', async (client) => {
  const cursor = client.query(new Cursor('select account_id from mart.transactions', []))
  let count = 0
  for (let rows = await cursor.read(500); rows.length > 0; rows = await cursor.read(500))
    count += rows.length
  await cursor.close()
  return `${count} ${await one(client, 'select 1')}`
})
await queries('cursor closed early', async (client) => {
  const cursor = client.query(new Cursor('select account_id from mart.transactions', []))
  const rows = await cursor.read(10)
  await cursor.close()
  return `${rows.length} ${await one(client, 'select 2')}`
})
await queries('stream', async (client) => {
  let count = 0
  for await (const _row of client.query(
    new QueryStream('select * from mart.transactions', [], { batchSize: 200 }),
  ))
    count++
  return count
})
await queries('1,600 columns', async (client) => {
  const { fields } = await client.query(
    `select ${Array.from({ length: 1600 }, (_, at) => `${at} as c${at}`).join()}`,
  )
  return fields.length
})
await queries(
  'a value of 5 MB',
  async (client) => String(await one(client, "select repeat('x', 5000000)")).length,
)
await queries('a parameter of 5 MB', async (client) =>
  one(client, 'select length($1::text)', ['y'.repeat(5_000_000)]),
)
await check('queries', 'pool of 20', async () => {
  const pool = new pg.Pool({ ...settings, max: 20 })
  const found = await Promise.all(
    Array.from({ length: 60 }, (_, n) => pool.query('select $1::int as n', [n])),
  )
  await pool.end()
  return found.reduce((sum, { rows }) => sum + rows[0].n, 0)
})
await queries(
  'statement_timeout',
  async (client) => {
    const state = await client
      .query(
        'select count(*) from generate_series(1, 3000000) a, generate_series(1, 3000000) b where (a + b) % 7 = 3',
      )
      .then(
        () => 'no error',
        (error: pg.DatabaseError) => error.code,
      )
    return `${state} ${await one(client, 'select 3')}`
  },
  { statement_timeout: 500 },
)
await queries('error and its position', async (client) => {
  const error = await client.query('select account_id, nothing_here from mart.accounts').then(
    () => undefined,
    (caught: pg.DatabaseError) => caught,
  )
  return `${error?.code} ${error?.position}`
})
await queries('syntax error', async (client) => {
  const error = await client.query('selec 1').then(
    () => undefined,
    (caught: pg.DatabaseError) => caught,
  )
  return `${error?.code} ${error?.position}`
})
await queries('transaction', async (client) => {
  await client.query('begin')
  const first = await client
    .query('select * from nothing_here')
    .catch((error: pg.DatabaseError) => error.code)
  const second = await client.query('select 1').catch((error: pg.DatabaseError) => error.code)
  await client.query('rollback')
  return `${first} ${second} ${await one(client, 'select 4')}`
})
await queries('empty query', async (client) => (await client.query('')).rows.length)
await queries(
  'client_encoding, application_name',
  async (client) =>
    `${await one(client, 'show client_encoding')} ${await one(client, 'show application_name')}`,
  { application_name: 'suite' },
)
await queries(
  'current_setting, current_user',
  async (client) =>
    names(
      await client.query(
        "select current_setting('application_name') as a, current_user, current_schema()",
      ),
    ),
  { application_name: 'suite' },
)
await queries('information_schema, as Evidence reads it', async (client) =>
  names(
    await client.query(
      "select table_schema, table_name, column_name, data_type, is_nullable from information_schema.columns where table_schema = 'fdx' and table_name = 'holdings' order by ordinal_position limit 8",
    ),
  ),
)
await check('queries', 'TLS with a trusted certificate', () => {
  const trusted = { ssl: { ca: readFileSync(server.caFile, 'utf8') } }
  return withClient(async (client) => one(client, 'select 1'), trusted)
})
