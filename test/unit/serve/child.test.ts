import { expect, test } from 'vitest'
import { type ChildOptions, keepChild } from '../../../src/serve/child.ts'
import { until } from '../../support/serve.ts'

interface Ready {
  readonly pid: number
  readonly env: readonly string[]
  readonly argv: readonly string[]
}

function options(start: object = {}) {
  const deaths: string[] = []
  const stop = new AbortController()
  const given: ChildOptions<Ready> = {
    module: 'test/support/serve-child.ts',
    start: () => start,
    env: { PATH: process.env['PATH'] ?? '' },
    memoryBytes: 896 * 1024 * 1024,
    signal: stop.signal,
    log: { started: () => {}, died: (how, wait) => deaths.push(`${how}, ${wait}`) },
    firstWaitMs: 20,
  }
  return { given, deaths, stop }
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('it is told its orders, and gets nothing of our environment or arguments', async () => {
  process.env['FDX_VAULT_KEY'] = 'MARKED'
  const { given } = options({ secret: 'MARKED' })
  await using child = await keepChild<Ready>(given)
  delete process.env['FDX_VAULT_KEY']
  const ready = child.ready()
  expect(ready?.argv).toEqual([])
  expect(ready?.env).not.toContain('FDX_VAULT_KEY')
  expect(await child.ask('hello')).toBe('HELLO')
})

test('killed, it is started again, later each time; disposed, it is gone', async () => {
  const { given, deaths } = options()
  const child = await keepChild<Ready>(given)
  const pids = [child.pid()]
  for (let round = 1; round <= 3; round++) {
    void child.ask('die')
    await until(() => child.restarts() === round && child.ready() !== undefined)
    pids.push(child.pid())
  }
  expect(new Set(pids).size).toBe(4)
  expect(deaths).toEqual(['signal SIGKILL, 20', 'signal SIGKILL, 40', 'signal SIGKILL, 80'])
  await child[Symbol.asyncDispose]()
  expect(isAlive(pids.at(-1) ?? 0)).toBe(false)
})

test('a child that eats memory meets the system’s limit, dies alone, and comes back', async () => {
  const { given, deaths } = options()
  await using child = await keepChild<Ready>(given)
  void child.ask('eat')
  await until(() => child.restarts() === 1 && child.ready() !== undefined)
  expect(deaths).toHaveLength(1)
  expect(await child.ask('hello')).toBe('HELLO')
})

test('what keeps it from starting the first time is told', async () => {
  const { given } = options({ fail: 'port 1 is in use' })
  await expect(keepChild(given)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: 'port 1 is in use',
  })
})

test('a stop ends it, also while it waits to start again', async () => {
  const { given, stop } = options()
  const child = await keepChild<Ready>({ ...given, firstWaitMs: 60_000 })
  const pid = child.pid() ?? 0
  void child.ask('die')
  await until(() => !isAlive(pid))
  stop.abort()
  await child[Symbol.asyncDispose]()
  expect(child.restarts()).toBe(0)
})
