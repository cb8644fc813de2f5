import { expect, test } from 'vitest'
import { trimRuns } from '../../../src/state/retention.ts'
import { addRunIssue, endRun, saveRunConnection, startRun } from '../../../src/state/runs.ts'
import type { State } from '../../../src/state/state.ts'
import { dataFolder } from './warehouse-fixture.ts'

const at = (day: number) => new Date(Date.UTC(2026, 0, day)).toISOString()

function aRun(state: State, id: string, day: number, connections: readonly string[]): void {
  startRun(state, { id, pipeline: 'p', provider: 'bank', started_at: at(day) })
  for (const connection_id of connections) {
    const end = {
      status: 'ok',
      code: '',
      message: '',
      started_at: at(day),
      ended_at: at(day),
    } as const
    const counts = { pages: 1, bytes: 2, requests: 3, retries: 0 }
    saveRunConnection(state, { run_id: id, connection_id, ...end, ...counts })
  }
  endRun(state, id, 'ok', '', at(day))
}

test('what belongs to runs is mirrored when they are new, and again when they are trimmed or gone', async () => {
  using folder = dataFolder()
  aRun(folder.state, 'one', 1, ['a', 'b'])
  aRun(folder.state, 'two', 2, ['a'])
  await folder.load()
  const outcomes = 'select run_id, connection_id from ops.run_connections order by all'
  expect((await folder.query(outcomes)).rows).toEqual([
    ['one', 'a'],
    ['one', 'b'],
    ['two', 'a'],
  ])
  expect((await folder.load()).changed).toBe(false)

  aRun(folder.state, 'three', 90, ['a', 'b'])
  const retention = { pipeline: 'p', keepOutcomesDays: 30, keepRunsDays: 89 }
  await trimRuns(folder.state, retention, Date.UTC(2026, 0, 91, 1))
  await folder.load()
  expect((await folder.query(outcomes)).rows).toEqual([
    ['three', 'a'],
    ['three', 'b'],
  ])
  const totals = 'select run_id, connections::integer, pages::integer from ops.runs order by all'
  expect((await folder.query(totals)).rows).toEqual([['three', '2', '2']])
}, 90_000)

test('the request that failed is told with its connection and its issue', async () => {
  using folder = dataFolder()
  const request = {
    request_status: 503,
    request_bytes: 12,
    request_ms: 34,
    request_retries: 5,
    interaction_id: 'for-support',
  }
  const { state } = folder
  startRun(state, { id: 'one', pipeline: 'p', provider: 'bank', started_at: at(1) })
  saveRunConnection(state, {
    ...{ run_id: 'one', connection_id: 'a', status: 'failed', code: 'PROVIDER_DOWN', message: '' },
    ...{ started_at: at(1), ended_at: at(1), pages: 1, bytes: 2, requests: 3, retries: 5 },
    ...request,
  })
  addRunIssue(state, {
    ...{ run_id: 'one', connection_id: 'a', stream: 'accounts', code: 'PROVIDER_DOWN' },
    message: '',
    ...request,
  })
  endRun(state, 'one', 'failed', '', at(1))
  await folder.load()
  for (const table of ['run_connections', 'run_issues']) {
    const { rows } = await folder.query(`select ${Object.keys(request).join()} from ops.${table}`)
    expect(rows).toEqual([Object.values(request).map(String)])
  }
}, 60_000)
