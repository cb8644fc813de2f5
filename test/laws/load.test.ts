import fc from 'fast-check'
import { expect, test } from 'vitest'
import { kindNames, kinds } from '../../src/load/fields/kinds.ts'
import { qualifiedName, tables } from '../../src/load/fields/tables.ts'
import { checkBody } from '../../src/page/check.ts'
import { dataFolder, pageLine } from '../unit/load/warehouse-fixture.ts'

const day = (n: number) => `2026-03-${String(n).padStart(2, '0')}T10:00:00.000Z`

/** A pull of one account: its page, and its transactions in pages. */
interface Pull {
  readonly balance: number
  readonly kind: 'depositAccount' | 'loanAccount'
  readonly pages: readonly (readonly { id: number; amount: number }[])[]
}

const pull: fc.Arbitrary<Pull> = fc.record({
  balance: fc.integer({ min: -3, max: 3 }),
  kind: fc.constantFrom('depositAccount', 'loanAccount'),
  pages: fc.array(
    fc.array(
      fc.record({ id: fc.integer({ min: 1, max: 4 }), amount: fc.integer({ min: 1, max: 3 }) }),
      { maxLength: 4 },
    ),
    { maxLength: 3 },
  ),
})

function linesOf(pulls: readonly Pull[]) {
  return pulls.flatMap(({ balance, kind, pages }, at) => [
    {
      entity: 'fdx.accounts' as const,
      line: pageLine({
        page_id: `a${at}`,
        pull_id: `accounts-${at}`,
        fetched_at: day(at + 1),
        body: JSON.stringify({
          accounts: [
            {
              [kind]: {
                accountId: 'a',
                currentBalance: balance === -2 ? 'much' : balance,
                principalBalance: balance,
                fiAttributes: Array.from({ length: balance + 3 }, (_, n) => ({
                  name: `${at}-${n}`,
                })),
                transactions:
                  pages[0]?.map(({ id, amount }) => ({
                    transactionId: id,
                    amount: amount === 3 ? 'three' : amount,
                    ...(amount === 2 ? { displayName: id } : {}),
                  })) ?? [],
              },
            },
          ],
        }),
      }),
    },
    ...pages.map((rows, sequence) => ({
      entity: 'fdx.transactions' as const,
      line: pageLine({
        entity: 'fdx.transactions',
        account_id: 'a',
        page_id: `t${at}-${sequence}`,
        pull_id: `transactions-${at}`,
        sequence: sequence + 1,
        last: sequence === pages.length - 1,
        window_start: '2026-02-01',
        window_end: '2026-02-27',
        fetched_at: day(at + 1).replace('10:00', '11:00'),
        body: JSON.stringify({
          transactions: rows.map(({ id, amount }) => ({
            depositTransaction: {
              transactionId: id,
              amount: amount === 3 ? 'three' : amount,
              ...(amount === 2 ? { displayName: id } : {}),
              checkNumber: id === 1 ? '7' : undefined,
              status: id % 2 === 0 ? 'POSTED' : 'PENDING',
              transactionTimestamp: `2026-02-0${id + amount}`,
              lineItem: [{ amount }],
            },
          })),
        }),
      }),
    })),
  ])
}

const compared = [
  'from fdx.accounts',
  'from fdx.transactions',
  'from fdx.transaction_line_items',
  'from fdx.fi_attributes',
  'from history.balances',
  'from history.transaction_links',
  'from ops.readings',
  'from ops.rejects',
  'from ops.drift',
  'select page_id, sequence, last from ops.pages',
  'from mart.transactions',
  'from mart.net_worth_daily',
]

async function outcome(batches: readonly (readonly ReturnType<typeof linesOf>[number][])[]) {
  using folder = dataFolder()
  for (const batch of batches) {
    for (const entity of ['fdx.accounts', 'fdx.transactions'] as const) {
      const lines = batch.filter((one) => one.entity === entity).map((one) => one.line)
      if (lines.length > 0) folder.segment(entity, lines)
    }
    await folder.load()
  }
  expect(await folder.load()).toMatchObject({ changed: false })
  const all = []
  for (const sql of compared)
    all.push((await folder.query(`select * from (${sql}) order by all`)).rows)
  return all
}

test('any order of pages and any cut into loads gives the same tables', {
  timeout: 300_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(pull, { minLength: 1, maxLength: 3 }),
      fc.infiniteStream(fc.nat({ max: 1000 })),
      async (pulls, chance) => {
        const lines = linesOf(pulls)
        const draw = () => chance.next().value as number
        const shuffled = lines
          .map((line) => ({ line, at: draw() }))
          .sort((a, b) => a.at - b.at)
          .map(({ line }) => line)
        const cuts = Map.groupBy(shuffled, () => draw() % 3)
        expect(await outcome([...cuts.values()])).toEqual(await outcome([lines]))
      },
    ),
    { numRuns: 6, seed: 20260301, endOnFailure: true },
  )
})

const wrong = [
  '"oops"',
  '{"a":[1]}',
  '[1,2]',
  'true',
  '-0.5',
  '12.5',
  '"2025-13-01"',
  '""',
  'null',
  '"1e3"',
]

test('a value of any wrong type costs its own column, and nothing else', {
  timeout: 120_000,
}, async () => {
  using folder = dataFolder()
  const accounts = tables.filter((table) =>
    kindNames.some((name) => kinds[name].accounts === table.name),
  )
  let sent = 0
  for (const table of accounts) {
    const kind = kindNames.find((name) => kinds[name].accounts === table.name) ?? 'other'
    const items = table.fields.flatMap(({ name }) =>
      wrong.map((value, at) => {
        const [root = '', ...inner] = name.split('.')
        const text = inner.reduceRight(
          (object, member) => `{${JSON.stringify(member)}:${object}}`,
          value,
        )
        return `{${JSON.stringify(kinds[kind].account[0])}:{"accountId":${JSON.stringify(`${name}/${at}`)},${JSON.stringify(root)}:${text}}}`
      }),
    )
    sent += items.length
    folder.segment('fdx.accounts', [pageLine({ body: `{"accounts":[${items.join(',')}]}` })])
  }
  const report = await folder.load()
  const rows = accounts.reduce((sum, table) => sum + (report.tables[qualifiedName(table)] ?? 0), 0)
  expect(rows).toBeGreaterThan(0)
  const { rows: lost } = await folder.query(
    `select table_name, key, field, reason from ops.rejects where reason in ('ITEM_INVALID', 'ID_MISSING', 'PAGE_FAILED', 'PAGE_UNREADABLE')`,
  )
  expect(lost).toEqual([])
  const { rows: unexplained } =
    await folder.query(`select table_name, key, raw from ops.rejects where field not in (select unnest(string_split(key, '/')[1:1]))
    and field not in (select unnest(string_split(string_split(key, '/')[1], '.')[1:1]))`)
  expect(unexplained).toEqual([])
  expect(sent).toBeGreaterThanOrEqual(rows)
})

/** A decimal number as JSON text: at most 29 digits before the point and 9 behind it, as the columns hold. */
const decimal = fc
  .record({
    sign: fc.constantFrom('', '-'),
    whole: fc.bigInt({ min: 0n, max: 10n ** 29n - 1n }),
    size: fc.integer({ min: 1, max: 29 }),
    fraction: fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 9 }),
    isText: fc.boolean(),
  })
  .map(({ sign, whole, size, fraction, isText }) => {
    const digits = `${sign}${whole % 10n ** BigInt(size)}${fraction === '' ? '' : `.${fraction}`}`
    return { digits, json: isText ? `"${digits}"` : digits }
  })

/** The digits as DECIMAL(38,9) prints them. */
function printed(digits: string): string {
  const [whole = '', fraction = ''] = digits.split('.')
  const text = `${whole}.${fraction.padEnd(9, '0')}`
  return /^-[0.]*$/.test(text) ? text.slice(1) : text
}

test('every decimal comes out as it went in', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(decimal, { minLength: 1, maxLength: 200 }), async (sent) => {
      using folder = dataFolder()
      const rows = sent.map(({ json }, at) => `{"transactionId":"${at}","amount":${json}}`)
      const half = Math.ceil(rows.length / 2)
      const inside = `{"accounts":[{"depositAccount":{"accountId":"a","currentBalance":${sent[0]?.json},"transactions":[${rows.slice(0, half).join()}]}}]}`
      const listed = `{"transactions":[${rows
        .slice(half)
        .map((row) => `{"depositTransaction":${row}}`)
        .join()}]}`
      folder.segment('fdx.accounts', [landedLine('fdx.accounts', inside)])
      folder.segment('fdx.transactions', [landedLine('fdx.transactions', listed)])
      expect((await folder.load()).rejects).toBe(0)
      const { rows: read } = await folder.query(
        'select amount from fdx.deposit_transactions order by transaction_id::integer',
      )
      expect(read.flat()).toEqual(sent.map(({ digits }) => printed(digits)))
      const { rows: balances } = await folder.query(
        'select current_balance from fdx.deposit_accounts',
      )
      expect(balances.flat()).toEqual([printed(sent[0]?.digits ?? '')])
    }),
    { numRuns: 5, seed: 20260302, endOnFailure: true },
  )
})

/** A line as landing writes it. */
function landedLine(entity: 'fdx.accounts' | 'fdx.transactions', body: string): string {
  const { marks } = checkBody(Buffer.from(body))
  return pageLine({ entity, account_id: 'a', pull_id: entity, page_id: entity, body, marks })
}

/** Items of a list of records: records, and what stands among them. */
const anyItem = fc.oneof(
  { arbitrary: fc.constant('record' as const), weight: 4 },
  fc.constantFrom('wrapped', 'odd', 'no id', '1', 'null', '"x"', '[]'),
)

test('no item is lost: what a page holds is a row or a reject', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyItem, { maxLength: 30 }),
      fc.array(anyItem, { maxLength: 30 }),
      async (accounts, transactions) => {
        using folder = dataFolder()
        const items = (kinds: typeof accounts, id: string, wrapper: string) =>
          kinds.map((kind, at) => {
            const record = `{"${id}":"${at}","description":"x"}`
            if (kind === 'record') return record
            if (kind === 'wrapped') return `{"${wrapper}":${record}}`
            if (kind === 'odd')
              return `{"${wrapper}":{"${id}":"${at}","__proto__":{"a":1}},"links":[]}`
            return kind === 'no id' ? `{"${wrapper}":{"description":"${at}"}}` : kind
          })
        folder.segment('fdx.accounts', [
          landedLine(
            'fdx.accounts',
            `{"accounts":[${items(accounts, 'accountId', 'loanAccount').join()}]}`,
          ).replace('"account_id":"a"', '"account_id":null'),
        ])
        folder.segment('fdx.transactions', [
          landedLine(
            'fdx.transactions',
            `{"transactions":[${items(transactions, 'transactionId', 'loanTransaction').join()}]}`,
          ),
        ])
        await folder.load()
        for (const [table, sent] of [
          ['accounts', accounts],
          ['transactions', transactions],
        ] as const) {
          const { rows } = await folder.query(
            `select (select count(*) from fdx.${table}) + (select count(*) from ops.rejects where reason in ('ITEM_INVALID', 'ID_MISSING') and key like '%/${table}/%')`,
          )
          expect(rows).toEqual([[String(sent.length)]])
        }
      },
    ),
    { numRuns: 6, seed: 20260303, endOnFailure: true },
  )
})
