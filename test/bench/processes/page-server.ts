/**
 * A bank in a process of its own that gives pages of transactions without end worth its time: bodies are made
 * once, and only the cursor and the first record differ. `/accounts` has one account; its transactions come
 * in as many pages as the path's number says: `/PAGES/RECORDS/accounts/a/transactions`.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const words =
  'GROCERY STORE COFFEE TRANSFER PAYROLL RENT HYDRO FUEL PHARMACY BOOKS TRANSIT INSURANCE'.split(
    ' ',
  )
let seed = 1
const random = (below: number): number => {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff
  return (seed >>> 8) % below
}
const word = () => words[random(words.length)]
const id = () => Array.from({ length: 4 }, () => random(0xffffff).toString(16)).join('-')

const record = (transactionId: string) => ({
  depositTransaction: {
    accountId: 'a',
    transactionId,
    postedTimestamp: `2026-0${1 + random(9)}-${10 + random(18)}T00:00:00.000Z`,
    transactionTimestamp: `2026-0${1 + random(9)}-${10 + random(18)}T12:30:00.000Z`,
    description: `${word()} ${word()} ${random(10_000)}`,
    debitCreditMemo: random(3) ? 'DEBIT' : 'CREDIT',
    status: 'POSTED',
    amount: random(1_000_000) / 100,
    transactionType: 'POSDEBIT',
    payee: `${word()} ${random(1_000)}`,
  },
})

const variants = new Map<number, Buffer[]>()
function tails(records: number): Buffer[] {
  const known = variants.get(records)
  if (known) return known
  const made = Array.from({ length: 8 }, () => {
    const rest = Array.from({ length: records - 1 }, () => `,${JSON.stringify(record(id()))}`)
    return Buffer.from(`${rest.join('')}]}`)
  })
  variants.set(records, made)
  return made
}

const server = createServer((request, response) => {
  const [, pages, records, , account, , query = ''] = (request.url ?? '').split(/[/?]/)
  response.setHeader('content-type', 'application/json')
  if (account !== 'a') {
    response.end('{"accounts":[{"depositAccount":{"accountId":"a"}}]}')
    return
  }
  const at = Number(new URLSearchParams(query).get('offset') ?? 0)
  const next = at + 1 < Number(pages) ? `{"nextOffset":"${at + 1}"}` : '{}'
  const first = JSON.stringify(record(`first-${at}`))
  const head = Buffer.from(`{"page":${next},"transactions":[${first}`)
  const tail = tails(Number(records))[at % 8] ?? head
  response.setHeader('content-length', head.length + tail.length)
  response.write(head)
  response.end(tail)
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
process.stdin.resume().on('end', () => process.exit(0)) // ends with its parent
