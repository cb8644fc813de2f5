import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { startSandbox } from '../../../src/sandbox/sandbox.ts'
import { openCurrent } from '../../../src/serve/generation.ts'
import { dueRuns, noteSchedule } from '../../../src/state/due-runs.ts'
import { holdLock } from '../../../src/state/lock.ts'
import { type Flow, openFlow } from '../../support/flow.ts'
import { startServe, until } from '../../support/serve.ts'
import { slowProxy } from '../../support/slow-proxy.ts'

async function fdxRun(flow: Flow, url: string, ...pipelines: string[]) {
  const child = spawn(process.execPath, ['src/fdx.js', 'run', ...pipelines], {
    env: { PATH: process.env['PATH'] ?? '', ...flow.env, FDX_SANDBOX_URL: url },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'close')])
  return { code: code as number | null, said }
}

async function transactionsBy(flow: Flow): Promise<Record<string, number>> {
  using generation = await openCurrent(flow.paths)
  const { rows } = await generation.query(
    'select provider, count(*) from fdx.transactions group by 1',
  )
  return Object.fromEntries(rows.map(([provider, count]) => [provider, Number(count)]))
}

test('fdx run beside fdx serve: they share the loader, both end well, and a pipeline runs once at a time', async () => {
  await using sandbox = await startSandbox({
    ...{ port: 0, connections: 3, accounts: 2, transactions: 400 },
    accessTokenSeconds: 3_600,
  })
  await using proxy = await slowProxy(sandbox.url)
  using flow = await openFlow(sandbox)
  for (const person of [0, 1, 2])
    for (const provider of ['v6', 'outbound'] as const) await flow.connect(provider, person)
  const { name, schedule: line = '', timeZone } = flow.job('v6').pipeline
  noteSchedule(flow.state, { pipeline: name, line, timeZone }, Date.now() - 86_400_000, 0)

  // The run that was missed is under way in fdx serve, and waits for its pages.
  let held = true
  proxy.hold = (path) => (held && path.includes('/transactions') ? 500 : 0)
  await using serving = await startServe({ ...flow.env, FDX_SANDBOX_URL: proxy.url }, [
    '--only',
    'schedule,load',
  ])
  await until(() => proxy.held().length > 0, 60)
  const same = await fdxRun(flow, sandbox.url, 'sandbox-v6-nightly')
  expect(same.code).toBe(1)
  expect(same.said).toMatch(/sandbox-v6-nightly: under way in another fdx process/)

  // Others load meanwhile, one after the other; what is under way keeps no other pipeline from it.
  using _underWay = await holdLock(`${flow.paths.locks}/pipeline-sandbox-rotating-nightly.lock`, {
    waitMs: 0,
  })
  const both = Promise.all([
    fdxRun(flow, sandbox.url, 'sandbox-rotating-nightly', 'sandbox-outbound-nightly'),
    fdxRun(flow, sandbox.url, 'sandbox-flinks-nightly'),
  ])
  held = false
  const [outbound, flinks] = await both
  expect([outbound.code, flinks.code]).toEqual([3, 0])
  expect(outbound.said).toMatch(/sandbox-rotating-nightly: under way in another fdx process/)
  await until(() => dueRuns(flow.state, name, 1)[0]?.status === 'done', 60)
  expect(await serving.stop()).toMatchObject({ exit: 0 })
  expect(serving.lines().filter(({ level }) => level === 'error')).toEqual([])

  const truth = (provider: 'v6' | 'outbound') =>
    [0, 1, 2]
      .flatMap((person) => sandbox.truth(provider, person).accounts)
      .reduce((sum, account) => sum + account.transactions.length, 0)
  expect(await transactionsBy(flow)).toEqual({
    'sandbox-v6': truth('v6'),
    'sandbox-outbound': truth('outbound'),
  })
})
