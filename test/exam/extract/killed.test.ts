import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { openState } from '../../../src/state/state.ts'
import {
  connect,
  dataFolder,
  extractOnce,
  fdxProvider,
  landedPages,
  pipeline,
  sendJson,
  serve,
} from '../../support/extract.ts'

/** A bank with two accounts, of so many pages each, that says nothing after `limit` answers. */
function bankOf(pagesOfAccount: number) {
  const allow = { answers: Number.POSITIVE_INFINITY }
  const server = serve((request, response) => {
    if (allow.answers-- <= 0) return
    const url = new URL(request.url ?? '', 'http://bank')
    const at = Number(url.searchParams.get('offset') ?? 0)
    if (url.pathname.endsWith('/accounts'))
      return sendJson(response, {
        accounts: [{ accountId: `a${at}` }],
        page: at === 0 ? { nextOffset: 1 } : {},
      })
    sendJson(response, {
      transactions: [{ transactionId: `${url.pathname}/${at}` }],
      page: at + 1 < pagesOfAccount ? { nextOffset: at + 1 } : {},
    })
  })
  return { allow, server }
}

const resources = pipeline({ resources: ['accounts', 'transactions'] })

test.each([1, 2, 3, 4, 6, 7])(
  'killed after %i answers, the next run goes on behind the last durable page',
  async (answers) => {
    const { allow, server } = bankOf(4)
    await using bank = await server
    using data = dataFolder()
    const provider = fdxProvider(bank.url)
    connect(data.state, provider)
    allow.answers = answers
    const args = ['test/support/extract-run.ts', data.paths.root, bank.url]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let durable = 0
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      durable += text.trim().split('\n').length
    })
    while (durable < answers) await once(child.stdout, 'data')
    child.kill('SIGKILL')
    await once(child, 'close')

    allow.answers = Number.POSITIVE_INFINITY
    const before = bank.asked.length
    const report = await extractOnce(data, { provider, pipeline: resources })
    expect(report.status).toBe('ok')
    // Two pages of accounts and two times four of transactions, each asked for once over both runs, but for
    // lists that were finished before the kill: a new run asks for fresh balances and for what has changed.
    const finished = (answers >= 2 ? 2 : 0) + (answers >= 6 ? 4 : 0)
    expect(bank.asked.length - before).toBe(10 - answers + finished)
    const ids = landedPages(data.paths)
      .filter((page) => page.entity === 'fdx.transactions')
      .map((page) => (page.body as { transactions: { transactionId: string }[] }).transactions[0])
    expect(new Set(ids.map((row) => row?.transactionId)).size).toBe(8)
    expect(ids).toHaveLength(answers >= 6 ? 12 : 8)
  },
)

test('a cursor that the provider has forgotten is given up, and the stream read from its start', async () => {
  let known = true
  await using bank = await serve((request, response) => {
    const url = new URL(request.url ?? '', 'http://bank')
    if (url.pathname.endsWith('/accounts'))
      return sendJson(response, { accounts: [{ accountId: 'a' }] })
    const offset = url.searchParams.get('offset')
    if (offset === 'old' && known) return response.destroy()
    if (offset === 'old') return sendJson(response, { code: 401 }, 400)
    sendJson(response, {
      transactions: [{ transactionId: '1' }],
      page: known ? { nextOffset: 'old' } : {},
    })
  })
  using data = dataFolder()
  const options = { provider: fdxProvider(bank.url), pipeline: resources }
  expect(await extractOnce(data, options)).toMatchObject({ status: 'partial', code: 'UNREACHABLE' })
  known = false
  expect(await extractOnce(data, options)).toMatchObject({ status: 'ok', pages: 2 })
})

test('a state store opened again has what was promised', async () => {
  await using bank = await serve((_request, response) => sendJson(response, { accounts: [] }))
  using data = dataFolder()
  await extractOnce(data, { provider: fdxProvider(bank.url), pipeline: resources })
  using again = openState(data.paths.stateFile)
  expect(again.db.prepare('select stream, complete from checkpoints').all()).toEqual([
    { stream: 'accounts', complete: 1 },
  ])
})
