import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { FdxProvider } from '../../../src/config/provider.ts'
import { extractConnection } from '../../../src/extract/extract.ts'
import { openPace } from '../../../src/extract/pace.ts'
import { openSegments } from '../../../src/land/segments.ts'
import { startRun } from '../../../src/state/runs.ts'
import { filesFolder } from '../../../src/state/statement-files.ts'
import { realWorld } from '../../../src/world.ts'
import {
  connect,
  dataFolder,
  fdxProvider,
  landedPages,
  pipeline,
  sendJson,
  serve,
} from '../../support/extract.ts'

const goodPages = 10
/** Twenty good consumers: an account, and pages of transactions. */
const goodBank = () =>
  serve((request, response) => {
    const url = new URL(request.url ?? '', 'http://bank')
    if (!url.pathname.endsWith('/transactions'))
      return sendJson(response, { accounts: [{ accountId: 'a' }] })
    const at = Number(url.searchParams.get('offset') ?? 0)
    const transactions = Array.from({ length: 50 }, (_, i) => ({
      transactionId: `${at}-${i}`,
      amount: 1.5,
    }))
    sendJson(response, { transactions, page: at + 1 < goodPages ? { nextOffset: at + 1 } : {} })
  })

type Answer = (
  query: URLSearchParams,
  response: import('node:http').ServerResponse,
  port: number,
) => void
const json =
  (value: (query: URLSearchParams, port: number) => unknown): Answer =>
  (query, response, port) =>
    sendJson(response, value(query, port))
const page = (next: unknown) => ({
  transactions: [{ transactionId: String(next) }],
  page: { nextOffset: next },
})
const at = (query: URLSearchParams) => Number(query.get('offset') ?? 0)
const bomb = gzipSync(gzipSync(Buffer.alloc(200 * 1024 * 1024)))
const deep = '['.repeat(1_000_000)
let serial = 0

/** What a hostile provider does with a list of transactions, and the named end of it. */
const attacks: Record<string, { answer: Answer; code: string }> = {
  repeated: { answer: json(() => page('same')), code: 'PAGE_LOOP' },
  cycling: { answer: json((query) => page((at(query) + 1) % 3)), code: 'PAGE_LOOP' },
  endless: {
    answer: json(() => ({ ...page(++serial), transactions: [{ transactionId: '1' }] })),
    code: 'PAGE_LOOP',
  },
  empty: { answer: json(() => ({ ...page(++serial), transactions: [] })), code: 'PAGE_EMPTY_RUN' },
  foreign: {
    answer: json((_, port) => ({
      transactions: [],
      links: { next: { href: `http://127.0.0.1:${port}/?offset=2` } },
    })),
    code: 'NEXT_LINK_ORIGIN',
  },
  redirect: {
    answer: (_, response, port) =>
      void response.writeHead(307, { location: `http://127.0.0.1:${port}/` }).end(),
    code: 'REDIRECTED',
  },
  bomb: {
    answer: (_, response) =>
      void response.writeHead(200, { 'content-encoding': 'gzip, gzip' }).end(bomb),
    code: 'BODY_TOO_LARGE',
  },
  drip: {
    answer: (_, response) => {
      response.writeHead(200)
      const drops = setInterval(() => response.write(' '), 100)
      response.on('close', () => clearInterval(drops))
    },
    code: 'UNREACHABLE',
  },
  deep: { answer: (_, response) => void response.end(deep), code: 'JSON_TOO_DEEP' },
  html: {
    answer: (_, response) => void response.end('<html>Sign in</html>'),
    code: 'ANSWER_INVALID',
  },
  types: {
    answer: json(() => ({ transactions: 'none', page: 7, links: [] })),
    code: 'ANSWER_INVALID',
  },
  next_of_no_form: {
    answer: json(() => ({ transactions: [], links: { next: { href: ['?offset=5'] } } })),
    code: 'ANSWER_INVALID',
  },
  list_as_text: { answer: json(() => ({ transactions: 'none' })), code: 'ANSWER_INVALID' },
  duplicates: {
    answer: json(() => ({
      transactions: Array.from({ length: 100 }, () => ({ transactionId: '1', amount: 1 })),
    })),
    code: '',
  },
  fields: {
    answer: json(() => ({
      transactions: [
        Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`f${i}"; drop table x`, i])),
      ],
    })),
    code: '',
  },
}

test('a hostile provider harms nobody beside it, ends in named states, and is told nothing', async () => {
  await using bank = await goodBank()
  await using stranger = await serve((_request, response) => sendJson(response, {}))
  const strangerPort = Number(new URL(stranger.url).port)
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://bank')
    const [, name = ''] = url.pathname.split('/')
    if (!url.pathname.endsWith('/transactions'))
      return sendJson(response, { accounts: [{ accountId: 'a' }] })
    attacks[name]?.answer(url.searchParams, response, strangerPort)
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const hostile = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  using data = dataFolder()
  const run_id = 'r'
  startRun(data.state, {
    id: run_id,
    pipeline: 'nightly',
    provider: 'bank',
    started_at: '2026-01-15',
  })
  let most = 0
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss)
  }, 5)
  const before = process.memoryUsage().rss
  const read = async (provider: FdxProvider, ids: readonly string[]) => {
    await using pace = openPace(provider, realWorld)
    return await Promise.all(
      ids.map((id) =>
        extractConnection({
          provider,
          pipeline: pipeline({ resources: ['accounts', 'transactions'] }),
          connection: connect(data.state, provider, id),
          runId: run_id,
          credentials: async () => ({ token: async () => 'token-MARK', loginId: undefined }),
          state: data.state,
          land: segments.land,
          files: filesFolder(data.paths),
          pace,
          world: realWorld,
          signal: new AbortController().signal,
        }),
      ),
    )
  }
  const segments = await openSegments({ ...data, world: realWorld })
  const quick = { pace: { requestTimeoutSeconds: 1, attempts: 2 } }
  const names = Object.keys(attacks)
  const ids = Array.from({ length: 20 }, (_, i) => `good-${i}`)
  const [good, ...bad] = await Promise.all([
    read(fdxProvider(bank.url), ids),
    ...names.map((name) => read(fdxProvider(`${hostile}/${name}`, quick), [name])),
  ])
  await segments[Symbol.asyncDispose]()
  clearInterval(watch)
  server.closeAllConnections()
  server.close()

  expect(good.map(({ status, pages }) => [status, pages])).toEqual(
    ids.map(() => ['ok', goodPages + 1]),
  )
  const ends = bad.map(([report]) => [report?.connectionId, report?.status, report?.code])
  expect(ends).toEqual(
    names.map((name) => [name, attacks[name]?.code ? 'partial' : 'ok', attacks[name]?.code]),
  )
  expect(stranger.asked).toEqual([])
  const landed = landedPages(data.paths)
  expect(landed.filter(({ connection_id }) => connection_id.startsWith('good-'))).toHaveLength(
    20 * (goodPages + 1),
  )
  expect(JSON.stringify(landed)).not.toContain('token-MARK')
  // The bomb alone would be 200 MB, were it ever held.
  expect((most - before) / 1e6).toBeLessThan(180)
})
