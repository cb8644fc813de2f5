import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Table } from '../../src/load/fields/field.ts'
import { kindNames, kinds } from '../../src/load/fields/kinds.ts'
import { qualifiedName, tables } from '../../src/load/fields/tables.ts'
import { type LoadedEntity, listOf } from '../../src/load/loaded.ts'
import { isMovement } from '../../src/load/record-shape.ts'
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

async function outcome(
  batches: readonly (readonly ReturnType<typeof linesOf>[number][])[],
  batchBytes?: number,
) {
  using folder = dataFolder()
  for (const batch of batches) {
    for (const entity of ['fdx.accounts', 'fdx.transactions'] as const) {
      const lines = batch.filter((one) => one.entity === entity).map((one) => one.line)
      if (lines.length > 0) folder.segment(entity, lines)
    }
    await folder.load(batchBytes === undefined ? {} : { batchBytes })
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
        // A batch takes a page or a few.
        expect(await outcome([...cuts.values()], 1 + draw())).toEqual(await outcome([lines]))
      },
    ),
    { numRuns: 4, seed: 20260301, endOnFailure: true },
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

/** A page that holds one item of a table, which is of this account, customer or login. */
function pageOf(table: Table, item: string, id: string): { entity: LoadedEntity; body: string } {
  const text = JSON.stringify(id)
  const withId = (name: string) => item.replace('{', `{"${name}":${text},`).replace(',}', '}')
  const list = (entity: LoadedEntity, of = item) => ({
    entity,
    body: `{"${listOf[entity]}":[${of}]}`,
  })
  const kind = kindNames.find(
    (name) => kinds[name].accounts === table.name || kinds[name].transactions === table.name,
  )
  const name = qualifiedName(table)
  if (kind !== undefined && table.schema === 'fdx')
    return isMovement(table)
      ? list('fdx.transactions', `{"${kinds[kind].transaction[0]}":${withId('transactionId')}}`)
      : list('fdx.accounts', `{"${kinds[kind].account[0]}":${withId('accountId')}}`)
  const own: Record<string, () => { entity: LoadedEntity; body: string }> = {
    'fdx.customers': () => list('fdx.customers', withId('customerId')),
    'fdx.account_contacts': () => ({ entity: 'fdx.contact', body: item }),
    'fdx.payment_networks': () =>
      list('fdx.payment_networks', withId(item.includes('"identifier"') ? 'bankId' : 'identifier')),
    'fdx.statements': () => list('fdx.statements', withId('statementId')),
    'flinks.logins': () => ({
      entity: 'flinks.detail',
      body: item.includes('"Login"')
        ? item.replace('"Login":{', `"Accounts":[],"Login":{"Id":${text},`)
        : item.replace('{', `{"Accounts":[],"Login":{"Id":${text}},`),
    }),
    'flinks.accounts': () => list('flinks.detail', withId('Id')),
    'flinks.transactions': () =>
      list('flinks.detail', `{"Id":${text},"Transactions":[${withId('Id')}]}`),
    'flinks.account_summaries': () => list('flinks.summary', withId('Id')),
    'flinks.statements': () =>
      list('flinks.statements', `{"AccountNumber":"1","Statements":[${withId('UniqueId')}]}`),
  }
  const page = own[name]
  if (page !== undefined) return page()
  for (const parent of tables) {
    const inside = parent.children.find((child) => `${parent.schema}.${child.table}` === name)
    if (inside !== undefined) return pageOf(parent, `{"${inside.name}":[${item}]}`, id)
  }
  throw new Error(`nothing of ${name} is sent`)
}

test('of every table: a value of any wrong type costs its own column, and nothing else', {
  timeout: 240_000,
}, async () => {
  using folder = dataFolder()
  const lines = new Map<LoadedEntity, string[]>()
  for (const table of tables)
    for (const field of table.fields)
      for (const [at, value] of wrong.entries()) {
        const [root = '', ...inner] = field.name.split('.')
        const text = inner.reduceRight(
          (object, member) => `{${JSON.stringify(member)}:${object}}`,
          value,
        )
        // The first part of a row's key says which field of which table was wrong.
        const id = `${qualifiedName(table)}:${field.name}/${at}`
        const { entity, body } = pageOf(table, `{${JSON.stringify(root)}:${text}}`, id)
        const page = { entity, account_id: id, page_id: id, connection_id: table.name, body }
        lines.set(entity, [...(lines.get(entity) ?? []), pageLine(page)])
      }
  for (const [entity, all] of lines) folder.segment(entity, [all.join('')])
  const report = await folder.load()
  const sent = [...lines.values()].flat().length
  expect(report.pages).toBe(sent)
  const ask = async (sql: string) => (await folder.query(sql)).rows
  const whole = `('ITEM_INVALID', 'ID_MISSING', 'PAGE_FAILED', 'PAGE_UNREADABLE')`
  const counts = await ask(
    tables
      .map((table) => {
        const name = qualifiedName(table)
        return `select '${name}', (select count(*) from ${name} where connection_id = '${table.name}')
          - (select count(*) from ops.rejects where connection_id = '${table.name}' and table_name = '${name}' and reason in ${whole})`
      })
      .join(' union all '),
  )
  expect(counts).toEqual(
    tables.map((table) => [qualifiedName(table), String(table.fields.length * wrong.length)]),
  )
  const strangers = await ask(
    `select key, field, reason from ops.rejects where starts_with(key, table_name || ':')
     and split_part(field, '.', 1) <> split_part(split_part(split_part(key, '/', 1), ':', 2), '.', 1)`,
  )
  expect(strangers).toEqual([])
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

/** Lists of pages other than FDX accounts and transactions: what is asked for, and where what came of it stands. */
const otherLists: Partial<
  Record<LoadedEntity, { id: string; table: string; body?: (items: string) => string }>
> = {
  'fdx.customers': { id: 'customerId', table: 'fdx.customers' },
  'fdx.statements': { id: 'statementId', table: 'fdx.statements' },
  'fdx.payment_networks': { id: 'identifier', table: 'fdx.payment_networks' },
  'flinks.summary': { id: 'Id', table: 'flinks.account_summaries' },
  'flinks.detail': { id: 'Id', table: 'flinks.accounts' },
  'flinks.statements': {
    id: 'UniqueId',
    table: 'flinks.statements',
    body: (items) => `{"StatementsByAccount":[{"AccountNumber":"1","Statements":[${items}]}]}`,
  },
}

test.each(Object.entries(otherLists))(
  '%s: no item is lost',
  {
    timeout: 120_000,
  },
  async (entity, { id, table, body }) => {
    const of = entity as LoadedEntity
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('record', 'no id', '1', 'null', '"x"', '[]'), {
          minLength: 20,
          maxLength: 40,
        }),
        async (sent) => {
          using folder = dataFolder()
          const items = sent
            .map((kind, at) => {
              if (kind === 'record') return `{"${id}":"${at}"}`
              return kind === 'no id' ? `{"other":"${at}"}` : kind
            })
            .join()
          folder.segment(entity, [
            pageLine({
              entity: of,
              account_id: 'a',
              body: body?.(items) ?? `{"${listOf[of]}":[${items}]}`,
            }),
          ])
          await folder.load()
          const { rows } = await folder.query(
            `select (select count(*) from ${table}) + (select count(*) from ops.rejects where reason in ('ITEM_INVALID', 'ID_MISSING') and table_name = '${table}')`,
          )
          expect(rows).toEqual([[String(sent.length)]])
        },
      ),
      { numRuns: 1, seed: 20260304, endOnFailure: true },
    )
  },
)

test('Flinks transactions: no item is lost', async () => {
  using folder = dataFolder()
  const items = ['{"Id":"1"}', '{"Debit":1}', '{"Debit":1}', '2', 'null', '"x"', '[]']
  folder.segment('flinks.detail', [
    pageLine({
      entity: 'flinks.detail',
      body: `{"Accounts":[{"Id":"a","Transactions":[${items.join()}]}]}`,
    }),
  ])
  await folder.load()
  const { rows } = await folder.query(
    `select (select count(*) from flinks.transactions), (select count(*) from ops.rejects where reason = 'ITEM_INVALID')`,
  )
  expect(rows).toEqual([['3', '4']])
})
