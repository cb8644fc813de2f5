import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { DataPaths } from '../config/settings.ts'
import { FdxError } from '../errors.ts'
import { currentName, openCurrent } from '../serve/generation.ts'
import { holdLock } from '../state/lock.ts'
import type { State } from '../state/state.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

/** The state store: whole, and without runs that nobody ends any more. */
export function checkState(state: State): Finding[] {
  const [row] = state.db.prepare('pragma quick_check(1)').all()
  const verdict = String(Object.values(row ?? {})[0])
  if (verdict !== 'ok')
    return [
      fail(
        'state',
        'state.db is damaged',
        'restore it alone: docs/operate/incidents.md; tokens and pages are not in it',
      ),
    ]
  const { connections, flagged } = state.db
    .prepare(
      `select count(*) as connections, sum(state in ('reauth', 'needs_mfa')) as flagged from connections`,
    )
    .get() as { connections: number; flagged: number | null }
  const findings = [ok('state', `whole; ${connections} connections`)]
  if (flagged)
    findings.push(warn('state', `${flagged} connections wait for a person`, 'see: fdx status'))
  return findings
}

/** The published generation, and what a load that was cut off has left. */
export async function checkWarehouse(paths: DataPaths): Promise<Finding[]> {
  if (!existsSync(join(paths.generations, 'CURRENT')))
    return [warn('warehouse', 'nothing has been published yet', 'fdx run --all')]
  const findings: Finding[] = []
  try {
    using generation = await openCurrent(paths, { memoryLimit: '256MB' })
    await generation.query('select count(*) from mart.accounts')
    findings.push(ok('warehouse', `generation ${await currentName(paths)} opens`))
  } catch (error) {
    const why = error instanceof FdxError ? error.message : 'it does not open'
    findings.push(
      fail(
        'warehouse',
        `the published generation: ${why.split('\n')[0]}`,
        'fdx run --all publishes a new one; else docs/operate/incidents.md',
      ),
    )
  }
  if (existsSync(`${paths.warehouse}.wal`) && !(await isHeld(join(paths.locks, 'loader.lock'))))
    findings.push(
      warn(
        'warehouse',
        'a load was cut off',
        'nothing to do: the next one goes on; never delete the .wal',
      ),
    )
  return findings
}

/** Who is at work. A lock that is held is no fault: the kernel frees it when its holder dies. */
export async function checkLocks(paths: DataPaths, state: State): Promise<Finding[]> {
  const findings: Finding[] = []
  const loads = await isHeld(join(paths.locks, 'loader.lock'))
  const running = state.db
    .prepare(`select distinct pipeline from runs where status = 'running' order by pipeline`)
    .all()
    .map((row) => String(row['pipeline']))
  const atWork: string[] = []
  for (const name of running) {
    if (await isHeld(join(paths.locks, `pipeline-${name}.lock`))) atWork.push(name)
    else
      findings.push(
        warn('locks', `the last run of ${name} was cut off`, `it goes on with: fdx run ${name}`),
      )
  }
  const who = [loads && 'a load', ...atWork.map((name) => `a run of ${name}`)].filter(Boolean)
  return [
    ok('locks', who.length === 0 ? 'nobody is at work' : `at work: ${who.join(', ')}`),
    ...findings,
  ]
}

/** Looks only: a lock file that is not there is not made. */
async function isHeld(file: string): Promise<boolean> {
  if (!existsSync(file)) return false
  try {
    using _lock = await holdLock(file, { waitMs: 0 })
    return false
  } catch (error) {
    if (error instanceof FdxError && error.code === 'LOCK_TIMEOUT') return true
    throw error
  }
}
