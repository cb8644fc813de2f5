import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { State } from '../state/state.ts'
import type { Warehouse } from './warehouse.ts'
import { sqlText } from './warehouse.ts'

/** What people may see of the state store: everything but the subject, which names a person. */
const mirrored = {
  connections:
    'select id as connection_id, provider, protocol, label, state, reason, scopes, consent_given_at, consent_ends_at, created_at, updated_at, last_good_at from connections order by id',
  runs: 'select id as run_id, pipeline, provider, status, started_at, ended_at, message from runs order by id',
  run_connections:
    'select run_id, connection_id, status, code, message, pages, bytes, requests, retries, started_at, ended_at from run_connections order by run_id, connection_id',
  run_issues:
    'select run_id, connection_id, stream, code, message, seen from run_issues order by run_id, connection_id, stream, code',
  consents:
    'select id as consent_id, connection_id, provider, scopes, given_at, ends_at, ended_at, ended_by from consents order by id',
  audit:
    'select seq, at as noted_at, actor, action, connection_id, facts, hash from audit order by seq',
} as const

/** Replaces the mirrors of the state store’s tables in `ops` where they differ. True when any did. */
export async function mirrorState(
  warehouse: Warehouse,
  state: State,
  scratch: string,
): Promise<boolean> {
  let changed = false
  for (const [name, query] of Object.entries(mirrored)) {
    const rows = state.db.prepare(query).all()
    const file = join(scratch, `mirror-${name}.ndjson`)
    writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''), { mode: 0o600 })
    await warehouse.run('set variable mirror_file = $1', [file])
    await warehouse.run(sqlText(`load/mirror/${name}.sql`))
    const [difference] = await warehouse.rows('select count(*)::integer as rows from difference')
    if (Number(difference?.['rows']) === 0) continue
    await warehouse.transaction(() =>
      warehouse.run(`delete from ops.${name}; insert into ops.${name} by name from mirrored`),
    )
    changed = true
  }
  return changed
}
