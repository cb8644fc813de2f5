import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const cutOff = fileURLToPath(new URL('../../src/cut-off.ts', import.meta.url))

/** A process in a query of DuckDB that takes minutes; it ends itself by `end` when it is told to. */
function inQuery(end: string) {
  const program = `
    import { DuckDBInstance } from '@duckdb/node-api'
    import { cutOff, cutOffAfter } from '${cutOff}'
    const connection = await (await DuckDBInstance.create(':memory:')).connect()
    void connection.run('select count(*) from range(100000000) a join range(100000) b on a.range % 7 = b.range % 5')
    const stop = new AbortController()
    process.stdin.once('data', () => { ${end} })
    console.log('running')`
  return spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
}

test.each([
  ['at once', 'cutOff()'],
  ['after a while', 'cutOffAfter(stop.signal, 200); stop.abort()'],
])('ends the process in the midst of a query, %s', async (_, end) => {
  const child = inQuery(end)
  await once(child.stdout, 'data')
  const from = performance.now()
  child.stdin.write('end')
  const [, signal] = await once(child, 'exit')
  expect(signal).toBe('SIGKILL')
  expect(performance.now() - from).toBeLessThan(3_000)
})
