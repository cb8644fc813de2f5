/**
 * Reads every page of so many connections at once, in a process of its own, and prints what it took:
 * `extract-pages.ts extract|drain|append URL CONNECTIONS PAGES RECORDS`. `drain` is the limit: undici reads the
 * same bytes from the same addresses, and throws them away. `append` is what must be done besides to keep them:
 * each page is gathered and written to a file that is flushed again and again.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, request } from 'undici'
import { pipelineSchema } from '../../../src/config/pipeline.ts'
import { dataPaths } from '../../../src/config/settings.ts'
import { extractConnection } from '../../../src/extract/extract.ts'
import { openPace } from '../../../src/extract/pace.ts'
import { openSegments } from '../../../src/land/segments.ts'
import { startRun } from '../../../src/state/runs.ts'
import { openState } from '../../../src/state/state.ts'
import { realWorld } from '../../../src/world.ts'
import { connect, fdxProvider } from '../../support/extract.ts'

const [what, url = '', ...numbers] = process.argv.slice(2)
const [connections = 1, pages = 1, records = 1] = numbers.map(Number)
const base = `${url}/${pages}/${records}`
const each = Array.from({ length: connections }, (_, i) => i)

interface Took {
  readonly bytes: number
  readonly ms: number
}

/** Reads everything with bare undici; `keep` is given the parts of each page. */
async function drain(keep?: (page: readonly Buffer[]) => Promise<void>): Promise<Took> {
  const dispatcher = new Agent({ connections })
  let bytes = 0
  const get = async (path: string) => {
    const { body } = await request(`${base}${path}`, { dispatcher })
    const parts: Buffer[] = []
    for await (const part of body as AsyncIterable<Buffer>) {
      bytes += part.length
      if (keep) parts.push(part)
    }
    await keep?.(parts)
  }
  await get('/accounts')
  const from = performance.now()
  await Promise.all(
    each.map(async () => {
      await get('/accounts')
      for (let at = 0; at < pages; at++) await get(`/accounts/a/transactions?offset=${at}`)
    }),
  )
  const ms = performance.now() - from
  await dispatcher.close()
  return { bytes, ms }
}

async function append(): Promise<Took> {
  const folder = mkdtempSync(join(tmpdir(), 'fdx-bench-'))
  const file = await open(join(folder, 'pages'), 'a')
  let flushing: Promise<void> | undefined
  const took = await drain(async (page) => {
    await file.writev(page)
    flushing ??= file.datasync().finally(() => {
      flushing = undefined
    })
  })
  const from = performance.now()
  await flushing
  await file.datasync()
  await file.close()
  rmSync(folder, { recursive: true })
  return { bytes: took.bytes, ms: took.ms + performance.now() - from }
}

async function extract(): Promise<Took> {
  const paths = dataPaths(mkdtempSync(join(tmpdir(), 'fdx-bench-')))
  using state = openState(paths.stateFile)
  const provider = fdxProvider(base, {
    version: 5,
    pace: { concurrency: connections, requestsPerSecond: 10_000 },
  })
  const pipeline = {
    ...pipelineSchema.parse({
      provider: 'bank',
      resources: ['accounts', 'transactions'],
      schedule: '0 3 * * *',
    }),
    name: 'nightly',
  }
  const all = each.map((i) => connect(state, provider, `c${i}`))
  startRun(state, {
    id: 'r',
    pipeline: 'nightly',
    provider: provider.name,
    started_at: '2026-01-01T00:00:00Z',
  })
  let bytes = 0
  let from = 0
  {
    await using segments = await openSegments({ paths, state, world: realWorld })
    await using pace = openPace(provider, realWorld)
    from = performance.now()
    await Promise.all(
      all.map(async (connection) => {
        const report = await extractConnection({
          provider,
          pipeline,
          connection,
          credentials: async () => ({ token: async () => 'token', loginId: undefined }),
          runId: 'r',
          state,
          land: segments.land,
          files: join(paths.root, 'files'),
          pace,
          world: realWorld,
          signal: new AbortController().signal,
        })
        if (report.status !== 'ok' || report.pages !== pages + 1) throw new Error(report.message)
        bytes += report.bytes
      }),
    )
  }
  const ms = performance.now() - from
  rmSync(paths.root, { recursive: true })
  return { bytes, ms }
}

const ways: Readonly<Record<string, () => Promise<Took>>> = { drain, append, extract }
process.stdout.write(`${JSON.stringify(await ways[what ?? '']?.())}\n`)
