import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { State } from '../state/state.ts'
import type { Warehouse } from './warehouse.ts'
import { sqlText } from './warehouse.ts'

/** What people may see of the state store: everything but the subject, which names a person. */
const mirrored = {
  connections:
    'select id as connection_id, provider, protocol, label, state, reason, scopes, consent_given_at, consent_ends_at, created_at, updated_at, last_good_at from connections order by id',
  runs: 'select id as run_id, pipeline, provider, status, started_at, ended_at, message, connections, pages, bytes, requests, retries, trimmed_at from runs order by id',
  consents:
    'select id as consent_id, connection_id, provider, scopes, given_at, ends_at, ended_at, ended_by from consents order by id',
  audit:
    'select seq, at as noted_at, actor, action, connection_id, facts, hash from audit order by seq',
} as const

/** What belongs to runs. It is much, and what belongs to a run that has ended hardly ever changes. */
const ofRuns = {
  run_connections:
    'select run_id, connection_id, status, code, message, pages, bytes, requests, retries, started_at, ended_at, request_status, request_bytes, request_ms, request_retries, interaction_id from run_connections where run_id = ? order by connection_id',
  run_issues:
    'select run_id, connection_id, stream, code, message, seen, request_status, request_bytes, request_ms, request_retries, interaction_id from run_issues where run_id = ? order by connection_id, stream, code',
} as const

/** Brings the mirrors of the state store’s tables in `ops` up to date. True when any of them changed. */
export async function mirrorState(
  warehouse: Warehouse,
  state: State,
  scratch: string,
): Promise<boolean> {
  // Before ops.runs, by which it is seen what has changed: when this is cut off, it is done again.
  let changed = await mirrorOfRuns(warehouse, state, scratch)
  for (const [name, query] of Object.entries(mirrored)) {
    await stage(warehouse, name, scratch, state.db.prepare(query).iterate())
    const [difference] = await warehouse.rows('select count(*)::integer as rows from difference')
    if (Number(difference?.['rows']) === 0) continue
    await warehouse.transaction(() =>
      warehouse.run(`delete from ops.${name}; insert into ops.${name} by name from mirrored`),
    )
    changed = true
  }
  return changed
}

/** Replaces what belongs to runs that are new, have gone on, were trimmed or are gone. */
async function mirrorOfRuns(warehouse: Warehouse, state: State, scratch: string): Promise<boolean> {
  const before = new Map(
    (
      await warehouse.rows(
        'select run_id, epoch_ms(ended_at)::varchar as ended, epoch_ms(trimmed_at)::varchar as trimmed from ops.runs',
      )
    ).map((row) => [String(row['run_id']), `${row['ended']} ${row['trimmed']}`]),
  )
  const now = new Map(
    state.db
      .prepare('select id, ended_at, trimmed_at from runs')
      .all()
      .map((row) => [String(row['id']), `${ms(row['ended_at'])} ${ms(row['trimmed_at'])}`]),
  )
  const isSettled = (id: string) =>
    before.get(id) === now.get(id) && !now.get(id)?.startsWith('null')
  const stale = [...now.keys()].filter((id) => !isSettled(id))
  const gone = [...before.keys()].filter((id) => !now.has(id))
  if (stale.length + gone.length === 0) return false
  for (const [name, query] of Object.entries(ofRuns)) {
    await stage(warehouse, name, scratch, rowsOfRuns(state, query, stale))
    await warehouse.transaction(async () => {
      await warehouse.run(
        `delete from ops.${name} where run_id in (select unnest(from_json($1::json, '["VARCHAR"]')))`,
        [JSON.stringify([...stale, ...gone])],
      )
      await warehouse.run(`insert into ops.${name} by name from mirrored`)
    })
  }
  return true
}

function* rowsOfRuns(state: State, query: string, runs: readonly string[]) {
  const rows = state.db.prepare(query)
  // One run after the other: the statement is one.
  for (const id of runs) yield* rows.iterate(id)
}

const ms = (at: unknown): string => (at === null ? 'null' : String(Date.parse(String(at))))

/** Rows for one statement of `sql/load/mirror/`, through a file: they may be millions. */
async function stage(
  warehouse: Warehouse,
  name: string,
  scratch: string,
  rows: Iterable<Readonly<Record<string, unknown>>>,
): Promise<void> {
  const file = join(scratch, `mirror-${name}.ndjson`)
  writeFileSync(file, '', { mode: 0o600 })
  let lines: string[] = []
  const flush = () => {
    appendFileSync(file, lines.join(''))
    lines = []
  }
  for (const row of rows) if (lines.push(`${JSON.stringify(row)}\n`) >= 10_000) flush()
  flush()
  await warehouse.run('set variable mirror_file = $1', [file])
  await warehouse.run(sqlText(`load/mirror/${name}.sql`))
}
