/**
 * `node test/faults/load-kill.ts [--quick] [--kills N] [--seed N]`: loads are killed with SIGKILL at random
 * moments, a hundred times, and right after each kind of schema change, before its checkpoint. Each time the
 * warehouse must open, hold no part of a batch and nothing less than before; loaded to the end, its tables must
 * be those of a load that nobody disturbed.
 */
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { copyFileSync, existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openWarehouse } from '../../src/load/warehouse.ts'
import { dataFolder, type Fixture, pageLine } from '../unit/load/warehouse-fixture.ts'
import { schemaChanges } from './schema-changes.ts'

const child = fileURLToPath(new URL('./load-child.ts', import.meta.url))

export interface KillCounts {
  readonly killed: number
  /** Loads that ended, and whose tables were compared. */
  readonly compared: number
  readonly schemaChanges: number
  readonly wrong: readonly string[]
}

/** Four readings, a day apart, of accounts of seven connections; some transactions vanish, some are pending. */
function fill(folder: Fixture): void {
  for (let day = 1; day <= 4; day++) {
    const pages = Array.from({ length: 14 }, (_, n) => n)
    folder.segment(
      'fdx.accounts',
      pages.map((n) =>
        pageLine({
          page_id: `accounts-${day}-${n}`,
          pull_id: `accounts-${day}-${n}`,
          connection_id: `c${n % 7}`,
          fetched_at: `2026-03-0${day}T00:00:00.000Z`,
          body: JSON.stringify({
            accounts: [
              {
                depositAccount: {
                  accountId: `a${n}`,
                  nickname: `day ${day}`,
                  currentBalance: day,
                  displayName: 'x',
                  interestRate: 'much',
                },
              },
            ],
          }),
        }),
      ),
    )
    folder.segment(
      'fdx.transactions',
      pages.map((n) =>
        pageLine({
          entity: 'fdx.transactions',
          account_id: `a${n}`,
          page_id: `transactions-${day}-${n}`,
          pull_id: `transactions-${day}-${n}`,
          connection_id: `c${n % 7}`,
          window_start: '2026-02-01',
          window_end: `2026-03-0${day}`,
          fetched_at: `2026-03-0${day}T00:00:05.000Z`,
          body: JSON.stringify({ transactions: rowsOn(day) }),
        }),
      ),
    )
  }
}

const rowsOn = (day: number) =>
  Array.from({ length: 60 }, (_, t) => t)
    .filter((t) => t % 10 !== day)
    .map((t) => ({
      depositTransaction: {
        transactionId: `${t % 20 === 0 ? `held-${day}` : 't'}-${t}`,
        amount: t + (t === 7 ? day : 0),
        status: t % 20 === 0 ? 'PENDING' : 'POSTED',
        debitCreditMemo: 'DEBIT',
        transactionTimestamp: `2026-02-${10 + (t % 10)}T00:00:00Z`,
        postedTimestamp: t % 20 === 0 ? undefined : `2026-02-${10 + (t % 10)}T00:00:00Z`,
        description: `shop ${t}`,
        fiAttributes: [{ name: 'n', value: t }],
      },
    }))

/** Everything but when it was loaded, checked or published, and `ops.checks`: a log of every load, also of those run again. */
async function contentsOf(folder: Fixture): Promise<Map<string, string>> {
  using warehouse = await openWarehouse({
    file: folder.paths.warehouse,
    scratch: folder.paths.scratch,
  })
  const names = await warehouse.rows(
    `select schema_name || '.' || table_name as name, list(column_name) as columns from duckdb_columns()
     where database_name = 'lake' and not internal and column_name not in ('loaded_at', 'checked_at')
       and table_name in (select table_name from duckdb_tables()) and schema_name || '.' || table_name <> 'ops.checks' group by all order by 1`,
  )
  const found = new Map<string, string>()
  for (const { name, columns } of names) {
    const list = (columns as string[]).map((one) => `"${one}"`).join(', ')
    const rows = await warehouse.rows(`select ${list} from ${String(name)} order by all`)
    found.set(String(name), JSON.stringify(rows))
  }
  return found
}

const differing = (one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>) =>
  [...new Set([...one.keys(), ...other.keys()])].filter((name) => one.get(name) !== other.get(name))

/** What must hold of a warehouse whenever its loader has died. `segments`: those that were loaded before. */
async function standing(folder: Fixture): Promise<{ segments: number; wrong: string[] }> {
  if (!existsSync(folder.paths.warehouse)) return { segments: 0, wrong: [] }
  using warehouse = await openWarehouse({
    file: folder.paths.warehouse,
    scratch: folder.paths.scratch,
  })
  const isMade = await warehouse.rows(
    `select 1 from duckdb_tables() where database_name = 'lake' and table_name = 'unsettled'`,
  )
  if (isMade.length === 0) return { segments: 0, wrong: [] }
  const [counts] = await warehouse.rows(`select
    (select count(*) from ops.segments)::integer as segments,
    (select count(*) from ops.segments as s where s.pages <> (select count(*) from ops.pages as p where p.segment = s.name))::integer as cut_segments,
    (select count(*) from fdx.deposit_transactions where page_id not in (select page_id from ops.pages))::integer as rows_without_page,
    (select count(*) from (select distinct connection_id, account_id from ops.pages where entity = 'fdx.transactions') as p
      where (select count(*) from fdx.deposit_transactions as t where t.connection_id = p.connection_id and t.account_id = p.account_id) < 54)::integer as pages_without_rows`)
  const wrong = ['cut_segments', 'rows_without_page', 'pages_without_rows'].filter(
    (name) => Number(counts?.[name]) > 0,
  )
  return { segments: Number(counts?.['segments']), wrong }
}

export async function killLoads(options: {
  readonly kills: number
  readonly random: () => number
  /** How many kinds of schema change, chosen by chance. Default: all. */
  readonly schemaChanges?: number
  /** Told after every tenth kill. */
  readonly onProgress?: (killed: number) => void
}): Promise<KillCounts> {
  const { kills, random } = options
  const wrong: string[] = []
  using calm = dataFolder()
  fill(calm)
  const began = performance.now()
  await runLoad(calm, undefined)
  const whole = performance.now() - began
  const expected = await contentsOf(calm)
  let killed = 0
  let compared = 0
  while (killed < kills) {
    using folder = dataFolder()
    fill(folder)
    let loaded = 0
    for (let attempt = 0; ; attempt++) {
      // Every fifth load is left alone, so that each data folder comes to its end.
      const isKilled = killed < kills && attempt % 5 < 4
      const wasKilled = await runLoad(folder, isKilled ? whole * (0.1 + random()) : undefined)
      killed += wasKilled ? 1 : 0
      if (wasKilled && killed % 10 === 0) options.onProgress?.(killed)
      const found = await standing(folder).catch((error: unknown) => ({
        segments: 0,
        wrong: [`does not open: ${error instanceof Error ? error.name : ''}`],
      }))
      wrong.push(...found.wrong)
      if (found.segments < loaded) wrong.push('segments that were loaded are not any more')
      loaded = found.segments
      if (!wasKilled) break
    }
    compared += 1
    wrong.push(...differing(await contentsOf(folder), expected).map((name) => `${name} differs`))
  }
  const chosen = schemaChanges
    .map((change) => ({ change, at: random() }))
    .sort((a, b) => a.at - b.at)
    .slice(0, options.schemaChanges)
  const changed = await killSchemaChanges(
    chosen.map(({ change }) => change.name),
    calm,
    expected,
  )
  return { killed, compared, schemaChanges: changed.length, wrong: [...wrong, ...changed.flat()] }
}

/** Loads in a process of its own; true when it was killed before it ended. */
async function runLoad(folder: Fixture, killAfterMs: number | undefined): Promise<boolean> {
  const process_ = spawn(process.execPath, [child, folder.paths.root], { stdio: 'ignore' })
  const exit = once(process_, 'exit')
  if (killAfterMs === undefined) {
    const [code] = await exit
    if (code !== 0) throw new Error('a load that nobody disturbed has failed')
    return false
  }
  await Promise.race([sleep(killAfterMs), exit])
  if (process_.exitCode === null) process_.kill('SIGKILL')
  await exit
  return process_.signalCode === 'SIGKILL'
}

/** Each kind of schema change, then death before a checkpoint: what is wrong afterwards, by change. */
async function killSchemaChanges(
  names: readonly string[],
  folder: Fixture,
  expected: ReadonlyMap<string, string>,
): Promise<string[][]> {
  const found: string[][] = []
  const kept = `${folder.paths.warehouse}.kept`
  copyFileSync(folder.paths.warehouse, kept)
  for (const name of names) {
    copyFileSync(kept, folder.paths.warehouse)
    const process_ = spawn(process.execPath, [child, folder.paths.root, name], { stdio: 'ignore' })
    await once(process_, 'exit')
    const problems = process_.signalCode === 'SIGKILL' ? [] : [`${name}: did not die`]
    try {
      const after = await contentsOf(folder)
      const lost = [...expected.keys()].filter((table) => !after.has(table))
      problems.push(...lost.map((table) => `${name}: ${table} is gone`))
      for (const table of ['fdx.deposit_transactions', 'history.balances', 'ops.pages'])
        if (after.get(table) !== expected.get(table)) problems.push(`${name}: ${table} differs`)
      await runLoad(folder, undefined)
    } catch (error) {
      problems.push(`${name}: ${error instanceof Error ? error.message : 'does not open'}`)
    }
    found.push(problems)
  }
  return found
}

/** Numbers in [0, 1) that follow from the seed. */
export function chance(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      kills: { type: 'string' },
      seed: { type: 'string' },
    },
  })
  const seed = Number(values.seed ?? randomInt(2 ** 31))
  const kills = Number(values.kills ?? (values.quick ? 6 : 100))
  process.stdout.write(`seed ${seed}\n`)
  const result = await killLoads({
    kills,
    random: chance(seed),
    onProgress: (killed) => process.stdout.write(`${killed} of ${kills} killed\n`),
    ...(values.quick ? { schemaChanges: 4 } : {}),
  })
  for (const what of result.wrong) process.stdout.write(`FAILED ${what}\n`)
  process.stdout.write(
    `loads killed ${result.killed}, tables compared ${result.compared} times, killed after ${result.schemaChanges} schema changes\n`,
  )
  const all = result.killed + result.compared + result.schemaChanges
  process.stdout.write(`${all - result.wrong.length} passed, ${result.wrong.length} failed\n`)
  process.exitCode = result.wrong.length === 0 ? 0 : 1
}
