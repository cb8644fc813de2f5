import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import type { Entity, PageEnvelope } from '../../src/page/page.ts'

/** How much to invent: the same options always give the same bytes, but for the page ids that `pull` changes. */
export interface BankOptions {
  /** First connection, and how many. */
  readonly from?: number
  readonly connections: number
  readonly accountsEach: number
  readonly transactionsEach: number
  /** Which reading of them this is: page ids, pull ids and fetch times follow it. */
  readonly pull?: number
  /** First transaction of each account: a later window of the same accounts has a higher one. */
  readonly firstTransaction?: number
}

export interface WrittenPages {
  readonly pages: number
  /** Bytes of the pages' bodies. */
  readonly bytes: number
  readonly accounts: number
  readonly transactions: number
}

type Item = Record<string, unknown>

const kinds = ['deposit', 'loc', 'deposit', 'investment', 'loan'] as const
const places = ['CORNER BAKERY', 'TRANSIT', 'NORTH MARKET', 'PAYROLL MAPLE LTD', 'HYDRO', 'RENT']
const types = {
  deposit: ['POSDEBIT', 'DIRECTDEPOSIT', 'BILLPAYMENT', 'ATMWITHDRAWAL'],
  loc: ['PURCHASE', 'PAYMENT', 'FEE', 'INTEREST'],
  loan: ['PAYMENT', 'INTEREST', 'FEE', 'ADJUSTMENT'],
  investment: ['PURCHASED', 'SOLD', 'DIVIDEND', 'FEE'],
} as const

/** A number from 0 to `below` - 1 that looks like chance and is the same for the same arguments. */
function draw(below: number, ...from: number[]): number {
  let mixed = 0x9e3779b9
  for (const part of from) mixed = Math.imul(mixed ^ (part + (mixed >>> 15)), 0x85ebca6b) >>> 0
  return (mixed ^ (mixed >>> 13)) % below
}

const cents = (n: number) => n / 100
const dayMs = 86_400_000
const start = Date.parse('2024-01-01T00:00:00Z')

function transaction(kind: (typeof kinds)[number], account: number, n: number): Item {
  const at = new Date(start + n * 7_200_000).toISOString()
  const amount = cents(1 + draw(500_000, account, n, 1))
  const place = places[draw(places.length, account, n, 2)]
  const common = {
    transactionId: `${account}-${n}`,
    postedTimestamp: `${at.slice(0, 10)}T00:00:00.0000000Z`,
    transactionTimestamp: at,
    description: `${place} ${draw(9000, account, n, 3)}`,
    debitCreditMemo: draw(5, account, n, 4) === 0 ? 'CREDIT' : 'DEBIT',
    amount,
    status: 'POSTED',
    transactionType: types[kind][draw(4, account, n, 5)],
  }
  if (kind === 'investment')
    return {
      ...common,
      symbol: 'MPL',
      securityId: '559222104',
      securityIdType: 'CUSIP',
      units: cents(draw(10_000, account, n, 6)),
      unitPrice: cents(draw(20_000, account, n, 7)),
      settlementDate: at.slice(0, 10),
    }
  if (kind === 'loan')
    return { ...common, paymentDetails: { principalAmount: amount, interestAmount: 1.25 } }
  return { ...common, category: 'Groceries', memo: `ref ${draw(1_000_000, account, n, 8)}` }
}

function account(kind: (typeof kinds)[number], id: number, pull: number): Item {
  const balance = cents(draw(5_000_000, id, pull))
  const common = {
    accountId: `acc-${id}`,
    accountNumberDisplay: `****${1000 + (id % 9000)}`,
    nickname: 'Everyday',
    productName: 'Plus',
    status: 'OPEN',
    currency: { currencyCode: 'CAD' },
    lastActivityDate: '2026-02-27',
    balanceAsOf: new Date(start + pull * dayMs).toISOString(),
  }
  if (kind === 'deposit')
    return {
      ...common,
      accountType: 'CHECKING',
      balanceType: 'ASSET',
      currentBalance: balance,
      availableBalance: balance,
      routingTransitNumber: '00123',
    }
  if (kind === 'loc')
    return {
      ...common,
      accountType: 'CREDITCARD',
      currentBalance: balance,
      creditLine: 60_000,
      availableCredit: cents(6_000_000 - Math.round(balance * 100)),
    }
  if (kind === 'loan')
    return { ...common, accountType: 'MORTGAGE', principalBalance: balance, interestRate: 4.89 }
  return {
    ...common,
    accountType: 'TAXFREESAVINGSACCOUNT',
    currentValue: balance,
    holdings: Array.from({ length: 3 }, (_, n) => ({
      symbol: `MPL${n}`,
      securityId: `55922210${n}`,
      securityIdType: 'CUSIP',
      units: cents(draw(10_000, id, n)),
      marketValue: cents(draw(100_000, id, n, 2)),
      currency: { currencyCode: 'CAD' },
    })),
  }
}

const pageTransactions = 200

/**
 * Writes sealed segments as a real extraction would: of every other connection the transactions are inside its
 * accounts, of the rest they are listed by themselves, wrapped (FDX 5 envelopes).
 */
export function writeBankPages(segments: string, options: BankOptions): WrittenPages {
  const { from = 0, connections, accountsEach, transactionsEach } = options
  const { pull = 1, firstTransaction = 0 } = options
  const dayOf = (n: number) => new Date(start + n * 7_200_000).toISOString().slice(0, 10)
  const window = {
    start: dayOf(firstTransaction),
    end: dayOf(firstTransaction + Math.max(0, transactionsEach - 1)),
  }
  const writers = {
    'fdx.accounts': segmentWriter(segments, 'fdx.accounts', from, pull, window),
    'fdx.transactions': segmentWriter(segments, 'fdx.transactions', from, pull, window),
  }
  for (let c = from; c < from + connections; c++) {
    const ids = Array.from({ length: accountsEach }, (_, n) => c * accountsEach + n)
    const isInside = c % 2 === 0
    const kindOf = (id: number) => kinds[id % kinds.length] ?? 'deposit'
    const rows = (id: number) =>
      Array.from({ length: transactionsEach }, (_, n) =>
        transaction(kindOf(id), id, firstTransaction + n),
      )
    for (let at = 0; at < ids.length; at += 50)
      writers['fdx.accounts'].add(
        c,
        {
          page: { nextOffset: null, totalElements: ids.length },
          accounts: ids.slice(at, at + 50).map((id) => ({
            [`${kindOf(id)}Account`]: {
              ...account(kindOf(id), id, pull),
              ...(isInside && transactionsEach > 0 ? { transactions: rows(id) } : {}),
            },
          })),
        },
        null,
        at / 50,
      )
    if (isInside) continue
    for (const id of ids)
      for (let at = 0, all = rows(id); at < all.length; at += pageTransactions)
        writers['fdx.transactions'].add(
          c,
          {
            page: { nextOffset: String(at), totalElements: all.length },
            transactions: all
              .slice(at, at + pageTransactions)
              .map((row) => ({ [`${kindOf(id)}Transaction`]: row })),
          },
          `acc-${id}`,
          at / pageTransactions,
        )
  }
  const ends = Object.values(writers).map((writer) => writer.end())
  return {
    pages: ends.reduce((sum, end) => sum + end.pages, 0),
    bytes: ends.reduce((sum, end) => sum + end.bytes, 0),
    accounts: connections * accountsEach,
    transactions: connections * accountsEach * transactionsEach,
  }
}

const frameBytes = 4 * 1024 * 1024
const segmentBytes = 64 * 1024 * 1024

function segmentWriter(
  folder: string,
  entity: Entity,
  from: number,
  pull: number,
  window: { readonly start: string; readonly end: string },
) {
  const dir = join(folder, entity)
  mkdirSync(dir, { recursive: true })
  const fetched = new Date(start + pull * dayMs + (entity === 'fdx.accounts' ? 0 : 1000))
  let lines: string[] = []
  let waiting = 0
  let frames: Buffer[] = []
  let compressed = 0
  let files = 0
  const sum = { pages: 0, bytes: 0 }
  const closeFrame = () => {
    if (lines.length === 0) return
    const frame = zstdCompressSync(lines.join(''))
    frames.push(frame)
    compressed += frame.length
    lines = []
    waiting = 0
  }
  const closeFile = () => {
    closeFrame()
    if (frames.length === 0) return
    files += 1
    const name = [pull, from, files].map((n) => String(n).padStart(7, '0')).join('-')
    writeFileSync(join(dir, `${name}.ndjson.zst`), Buffer.concat(frames))
    frames = []
    compressed = 0
  }
  return {
    add(connection: number, value: Item, accountId: string | null, sequence: number) {
      const body = JSON.stringify(value)
      const envelope: PageEnvelope = {
        page_id: `${entity}-${pull}-${connection}-${accountId ?? ''}-${sequence}`,
        run_id: `run-${pull}`,
        pull_id: `${entity}-${pull}-${connection}-${accountId ?? ''}`,
        provider: 'maple',
        connection_id: `c_${String(connection).padStart(8, '0')}`,
        entity,
        account_id: accountId,
        window_start: accountId === null ? null : window.start,
        window_end: accountId === null ? null : window.end,
        sequence: sequence + 1,
        last: true,
        status: 200,
        interaction_id: `${connection}-${sequence}`,
        requested_at: fetched.toISOString(),
        fetched_at: fetched.toISOString(),
        bytes: Buffer.byteLength(body),
        sha256: createHash('sha256').update(body).digest('hex'),
        marks: [],
      }
      lines.push(`${JSON.stringify(envelope).slice(0, -1)},"body":${body}}\n`)
      waiting += body.length
      sum.pages += 1
      sum.bytes += envelope.bytes
      if (waiting >= frameBytes) closeFrame()
      if (compressed >= segmentBytes) closeFile()
    },
    end() {
      closeFile()
      return sum
    },
  }
}
