import { expect, test } from 'vitest'
import { trimRuns } from '../../../src/state/retention.ts'
import { addRunIssue, endRun, saveRunConnection, startRun } from '../../../src/state/runs.ts'
import { openState, type State } from '../../../src/state/state.ts'

const now = Date.UTC(2026, 5, 1)
const daysAgo = (days: number) => new Date(now - days * 86_400_000).toISOString()

function aRun(
  state: State,
  id: string,
  days: number,
  connections: readonly string[],
  pipeline = 'p',
) {
  const started_at = daysAgo(days)
  startRun(state, { id, pipeline, provider: 'bank', started_at })
  for (const connection_id of connections) {
    const counts = { pages: 2, bytes: 10, requests: 3, retries: 1 }
    const end = { status: 'ok', code: '', message: '', started_at, ended_at: started_at } as const
    saveRunConnection(state, { run_id: id, connection_id, ...end, ...counts })
    const issue = { stream: 'accounts', code: 'NO_DATA', message: '' }
    addRunIssue(state, { run_id: id, connection_id, ...issue })
  }
  endRun(state, id, 'ok', '', started_at)
}

test('outcomes go with their age, but for the last of each connection; totals stay, runs go later', async () => {
  using state = openState(':memory:')
  aRun(state, 'ancient', 500, ['a'])
  aRun(state, 'forgotten', 450, ['gone-since'])
  aRun(state, 'old', 40, ['a', 'b', 'only-then'])
  aRun(state, 'other pipeline', 10, ['only-then'], 'q')
  aRun(state, 'recent', 29, ['a', 'b'])
  aRun(state, 'new', 1, ['a', 'b'])
  const retention = { pipeline: 'p', keepOutcomesDays: 30, keepRunsDays: 400 }
  for (let again = 0; again < 2; again++) {
    await trimRuns(state, retention, now)
    const kept = (table: string) =>
      state.db
        .prepare(`select run_id, connection_id from ${table} order by 1, 2`)
        .all()
        .map((row) => Object.values(row).join(' '))
    expect(kept('run_connections')).toEqual([
      'forgotten gone-since',
      'new a',
      'new b',
      'old only-then',
      'other pipeline only-then',
      'recent a',
      'recent b',
    ])
    expect(kept('run_issues')).toEqual(kept('run_connections'))
    const runs = state.db
      .prepare(
        'select id, connections, pages, retries, trimmed_at is not null as trimmed from runs order by 1',
      )
      .all()
    expect(runs.map((row) => Object.values(row).join(' '))).toEqual([
      'forgotten 1 2 1 0',
      'new 2 4 2 0',
      'old 3 6 3 1',
      'other pipeline 1 2 1 0',
      'recent 2 4 2 0',
    ])
  }
})
