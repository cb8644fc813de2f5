import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FdxError } from '../../src/errors.ts'
import { cursorQuery, nextCursor } from '../../src/extract/fdx/cursor.ts'
import { contentOf, readList } from '../../src/extract/fdx/list.ts'
import { type ListPage, walk, walkLimits } from '../../src/extract/fdx/paging.ts'
import { jsonOf, parsed } from '../../src/page/json.ts'
import { scan } from '../../src/page/scan.ts'
import { fdxProvider } from '../support/extract.ts'

const jsonValue = (value: unknown) => {
  const text = Buffer.from(JSON.stringify(value))
  return jsonOf(text, scan(text))
}

interface Page extends ListPage {
  readonly records: readonly unknown[]
}

const provider = fdxProvider('https://bank.example/fdx/v6')

/** Reads every page of a provider that is a function from query to body; how it ended stands beside. */
async function readAll(answer: (query: Record<string, string>) => object, start: string | null) {
  const records: unknown[] = []
  const lasts: boolean[] = []
  const fetchPage = async (cursor: string | null): Promise<Page> => {
    const body = jsonValue(answer(cursorQuery(cursor)))
    const items = readList(body, 'accounts')?.items ?? []
    return {
      items: items.length,
      content: contentOf(items),
      next: nextCursor(body, provider, 'accounts'),
      records: items.map(parsed),
    }
  }
  let code = ''
  try {
    for await (const { page, last } of walk('accounts', fetchPage, start)) {
      records.push(...page.records)
      lasts.push(last)
    }
  } catch (error) {
    if (!(error instanceof FdxError)) throw error
    code = error.code
  }
  return { records, lasts, code }
}

/** A list cut into pages; the cursor is opaque text. */
const cut = fc
  .array(fc.array(fc.uuid(), { maxLength: 5 }), { minLength: 1, maxLength: 12 })
  .filter((pages) => !pages.join('|').includes('||||'))

const dialects: Record<string, (next: string) => object> = {
  nextOffset: (next) => ({ page: { nextOffset: next } }),
  integer: (next) => ({ page: { nextOffset: Number(next.replace('c', '')) } }),
  nextPageKey: (next) => ({ page: { nextPageKey: next, nextOffset: null } }),
  absolute: (next) => ({
    links: { next: { href: `https://bank.example/fdx/v6/accounts?limit=1&offset=${next}` } },
  }),
  relative: (next) => ({ page: { nextOffset: '' }, links: { next: { href: `?pageKey=${next}` } } }),
  oddSpelling: (next) => ({ links: { next: { href: `/fdx/v6/accounts?offSet=${next}` } } }),
}

test.each(Object.entries(dialects))('%s: any cut of a list gives the list', async (_, member) => {
  await fc.assert(
    fc.asyncProperty(cut, async (pages) => {
      const answer = (query: Record<string, string>) => {
        const at = Number((Object.values(query)[0] ?? '0').replace('c', ''))
        const more = at + 1 < pages.length ? member(`c${at + 1}`) : {}
        return { accounts: pages[at]?.map((accountId) => ({ accountId })), ...more }
      }
      const { records, lasts, code } = await readAll(answer, null)
      expect(code).toBe('')
      expect(records).toEqual(pages.flat().map((accountId) => ({ accountId })))
      expect(lasts).toEqual(pages.map((_page, i) => i === pages.length - 1))
    }),
  )
})

test('a cycle of any length stops, after each page was given once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(20), fc.integer({ min: 1, max: 20 }), async (tail, cycle) => {
      const answer = (query: Record<string, string>) => {
        const at = Number(query['offset'] ?? '0')
        const next = at + 1 < tail + cycle ? at + 1 : tail
        return { page: { nextOffset: String(next) }, accounts: [{ accountId: String(at) }] }
      }
      const { records, lasts, code } = await readAll(answer, null)
      expect(code).toBe('PAGE_LOOP')
      expect(lasts).not.toContain(true)
      // The beginning has no cursor of its own, so a cycle through it shows one page later.
      expect(records.length).toBeGreaterThanOrEqual(tail + cycle)
      expect(records.length).toBeLessThanOrEqual(tail + cycle + 1)
    }),
  )
})

test('the same records under ever new cursors stop', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5 }), async (period) => {
      let at = 0
      const { code } = await readAll(
        () => ({ page: { nextOffset: `x${++at}` }, accounts: [{ accountId: at % period }] }),
        null,
      )
      expect(code).toBe('PAGE_LOOP')
      expect(at).toBeLessThanOrEqual(period + walkLimits.maxIdleRun + 2)
    }),
  )
})

test('empty pages for ever stop; new records for ever stop', async () => {
  let at = 0
  const empty = await readAll(() => ({ page: { nextOffset: `x${++at}` }, accounts: [] }), null)
  expect([empty.code, at]).toEqual(['PAGE_EMPTY_RUN', walkLimits.maxIdleRun + 1])
  at = 0
  const endless = await readAll(
    () => ({ page: { nextOffset: `x${++at}` }, accounts: [{ accountId: at }] }),
    null,
  )
  expect([endless.code, at]).toEqual(['PAGE_LIMIT', walkLimits.maxPages])
})

test('a cursor comes back exactly as it was sent', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (text) => {
      const cursor = nextCursor(jsonValue({ page: { nextOffset: text } }), provider, 'accounts')
      expect(cursorQuery(cursor)).toEqual({ offset: text })
    }),
  )
})

test.each([
  'http://bank.example/fdx/v6/accounts?offset=2',
  'https://bank.example:444/fdx/v6/accounts?offset=2',
  'https://evil.example/fdx/v6/accounts?offset=2',
  'https://bank.example.evil.example/?offset=2',
  'https://bank.example@evil.example/?offset=2',
  'https://user:pass@bank.example/fdx/v6/accounts?offset=2',
  '//evil.example/?offset=2',
  '\\\\evil.example/?offset=2',
  '/\\evil.example/?offset=2',
  'https://bаnk.example/?offset=2',
  'javascript:alert(1)',
  'file:///etc/passwd',
  'ht\ttps://evil.example/?offset=2',
  'https://',
])('the link %j is not taken', (href) => {
  const link = () => nextCursor(jsonValue({ links: { next: { href } } }), provider, 'accounts')
  expect(link).toThrow(expect.objectContaining({ code: 'NEXT_LINK_ORIGIN' }))
})

test('a link of the provider without a cursor is an answer that says nothing', () => {
  const link = () =>
    nextCursor(jsonValue({ links: { next: { href: '?page=2' } } }), provider, 'accounts')
  expect(link).toThrow(expect.objectContaining({ code: 'ANSWER_INVALID' }))
})

test.each([
  ['a text', { next: '/accounts?offset=5' }],
  ['an object', { next: { href: '/accounts?offset=5', action: 'GET' } }],
  [
    'one of a list',
    [
      { rel: 'self', href: '/accounts' },
      { rel: 'next', href: '?offset=5' },
    ],
  ],
])('the link to the next page may be %s', (_, links) => {
  expect(nextCursor(jsonValue({ links }), provider, 'accounts')).toBe('offset=5')
})

test.each([
  [{ links: { next: ['?offset=5'] } }],
  [{ links: { next: { href: { url: '?offset=5' } } } }],
  [{ links: { next: true } }],
  [{ page: { nextOffset: { value: 5 } } }],
  [{ page: { nextOffset: [5] } }],
])('%j is not taken for the end of the list', (body) => {
  const read = () => nextCursor(jsonValue(body), provider, 'accounts')
  expect(read).toThrow(expect.objectContaining({ code: 'ANSWER_INVALID' }))
})

test('null, nothing and an empty text are the end of the list', () => {
  for (const body of [
    {},
    { page: null, links: null },
    { page: { nextOffset: null }, links: { next: null } },
    { page: { nextOffset: '' }, links: { next: { href: '' } } },
    { page: {}, links: [] },
    { links: [{ rel: 'self', href: '/accounts' }] },
  ])
    expect(nextCursor(jsonValue(body), provider, 'accounts')).toBe(null)
})

test('a cursor that fits into no request line is an answer that says nothing', () => {
  const body = (length: number) => jsonValue({ page: { nextOffset: 'x'.repeat(length) } })
  expect(nextCursor(body(8192), provider, 'list')).toHaveLength('offset='.length + 8192)
  expect(() => nextCursor(body(8193), provider, 'list')).toThrow(/8193 characters/)
})
