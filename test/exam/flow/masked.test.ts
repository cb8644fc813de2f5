import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts'
import { type Generation, openCurrent } from '../../../src/serve/generation.ts'
import { generationFile, type Role } from '../../../src/serve/generation-files.ts'
import { type Flow, openFlow, type SandboxProvider } from '../../support/flow.ts'

let sandbox: Sandbox
let flow: Flow

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, transactions: 60 })
  flow = await openFlow(sandbox)
  const providers: SandboxProvider[] = ['outbound', 'rotating', 'v6', 'flinks']
  for (const provider of providers) await flow.connect(provider, 0)
  const jobs = providers.map((name) => {
    const { provider, pipeline } = flow.job(name)
    const more = provider.protocol === 'fdx' ? (['contact', 'payment-networks'] as const) : []
    return { provider, pipeline: { ...pipeline, resources: [...pipeline.resources, ...more] } }
  })
  await flow.run(...jobs)
})
afterAll(async () => {
  flow[Symbol.dispose]()
  await sandbox[Symbol.asyncDispose]()
})

async function withFile<T>(role: Role, work: (generation: Generation) => Promise<T>): Promise<T> {
  using generation = await openCurrent(flow.paths, { role })
  return await work(generation)
}

const one = async (generation: Generation, sql: string) =>
  (await generation.query(sql)).rows.map(([value]) => String(value))

/** A nickname that is a product’s name too, an employer whose stock is held, words that the standard does or does not list. */
const homonyms = new Set([
  'Everyday',
  'Northwind Robotics',
  'House growth',
  'BUSINESS',
  'MAILING',
  'CELLULAR',
  'LANDLINE',
])

/** Every text that stands in a column marked `[pii: direct]`, also those inside JSON, of the owner’s file. */
async function directTexts(owner: Generation): Promise<Set<string>> {
  const { rows } = await owner.query(
    `select schema_name, table_name, column_name from duckdb_columns()
     join (select schema_name, table_name from duckdb_tables()) using (schema_name, table_name)
     where comment like '%[pii: direct]%'`,
  )
  const texts = new Set<string>()
  for (const [schema, table, column] of rows)
    for (const value of await one(
      owner,
      `select distinct "${column}" from ${schema}.${table} where "${column}" is not null`,
    ))
      for (const text of textsIn(value)) texts.add(text)
  // Shorter ones may stand in anything.
  return new Set(
    [...texts].filter(
      (text) => text.length >= 7 && !homonyms.has(text) && !/^\d{4}-\d\d-\d\d$/.test(text),
    ),
  )
}

function textsIn(value: string): string[] {
  if (!/^[[{]/.test(value)) return [value]
  const found: string[] = []
  JSON.parse(value, (_, part: unknown) => {
    if (typeof part === 'string') found.push(part)
    return part
  })
  return found
}

/** All that any column of any table says. */
async function everyText(generation: Generation): Promise<string> {
  const tables = await one(
    generation,
    `select '"' || schema_name || '"."' || table_name || '"' from duckdb_tables() order by all`,
  )
  const parts: string[] = []
  for (const table of tables)
    parts.push(...(await one(generation, `select to_json(t)::varchar from ${table} as t`)))
  return parts.join('\n')
}

const bytesOf = (generation: string, role: Role) =>
  readFileSync(generationFile(flow.paths, generation, role)).toString('latin1')

test('what tells who a person is, is in the owner’s file and not in the analyst’s: not in a column, not in a byte', async () => {
  const marks = await withFile('owner', directTexts)
  const { name, email } = sandbox.truth('v6', 0)
  for (const mark of [name.split(' ').at(-1), email].filter((text) => String(text).length >= 7))
    expect(marks).toContain(mark)
  expect(marks.size).toBeGreaterThan(60)
  const owner = await withFile('owner', everyText)
  expect([...marks].filter((mark) => !owner.includes(JSON.stringify(mark).slice(1, -1)))).toEqual(
    [],
  )

  const [analyst, generation] = await withFile('analyst', async (one) => [
    await everyText(one),
    one.name,
  ])
  expect([...marks].filter((mark) => analyst.includes(JSON.stringify(mark).slice(1, -1)))).toEqual(
    [],
  )
  const asBytes = (mark: string) => Buffer.from(mark).toString('latin1')
  const raw = bytesOf(generation, 'owner')
  expect([...marks].filter((mark) => raw.includes(asBytes(mark))).length).toBeGreaterThan(20)
  const masked = bytesOf(generation, 'analyst')
  expect([...marks].filter((mark) => masked.includes(asBytes(mark)))).toEqual([])
})

test('schemas, views, comments and numbers are the same', async () => {
  const shape = (generation: Generation) =>
    generation.query(
      `select schema_name, table_name, column_name, data_type, is_nullable, comment from duckdb_columns() where not internal order by all`,
    )
  const sums = (generation: Generation) =>
    generation.query(
      `select (select sum(balance) from mart.accounts), (select sum(signed_amount) from mart.transactions), (select count(*) from mart.transactions),
         (select sum(net_worth) from mart.net_worth_daily), (select sum(market_value) from mart.holdings), (select count(*) from mart.loan_schedule),
         (select string_agg(number order by number) from mart.accounts)`,
    )
  expect(await withFile('analyst', shape)).toEqual(await withFile('owner', shape))
  expect(await withFile('analyst', sums)).toEqual(await withFile('owner', sums))
})

test('a second generation, written as a difference to the first, is the same as one written whole', async () => {
  const { publish } = await import('../../../src/serve/publish.ts')
  sandbox.moveTo(new Date(Date.now() + 86_400_000).toISOString().slice(0, 10))
  await flow.run('outbound', 'v6')
  const byDifference = (await withFile('analyst', everyText)).split('\n').sort()
  await publish(flow.paths, { evict: true })
  expect((await withFile('analyst', everyText)).split('\n').sort()).toEqual(byDifference)
})

test('every column says what it is: text of a column that says nothing is masked', async () => {
  const silent = await withFile('owner', (owner) =>
    one(
      owner,
      `select schema_name || '.' || table_name || '.' || column_name from duckdb_columns() where not internal and coalesce(comment, '') = '' order by all`,
    ),
  )
  expect(silent).toEqual([])
})

test('long numbers and e-mail addresses in free text are masked, the rest of it stays', async () => {
  const [row] = await withFile('owner', async (owner) => {
    const rule = String(
      /'regexp_replace\(.*?''(.*?)''/.exec(readFileSync('sql/serve/mask.sql', 'utf8'))?.[1],
    )
    const samples = [
      'E-TRANSFER jane.doe@mail.example ref 12',
      'PAYMENT 4111 1111 1111 1111',
      'TEL (416) 555-0199 SHOP 42',
      'INVOICE 2026',
    ]
    const masked = samples.map((text) => `regexp_replace('${text}', '${rule}', '•••', 'g')`)
    return (await owner.query(`select ${masked.join(', ')}`)).rows
  })
  expect(row).toEqual([
    'E-TRANSFER ••• ref 12',
    'PAYMENT •••',
    expect.stringMatching(/^TEL \(?••• SHOP 42$/),
    'INVOICE 2026',
  ])
})
