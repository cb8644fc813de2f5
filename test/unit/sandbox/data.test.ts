import { expect, test } from 'vitest'
import { providers } from '../../../src/sandbox/invented/plan.ts'
import { startSandbox } from '../../../src/sandbox/sandbox.ts'
import { clientOf } from '../../support/sandbox.ts'

const cents = (text: string) => BigInt(text.replace('.', ''))

test('two sandboxes with one seed answer with equal bytes; another seed differs', async () => {
  const day = { port: 0, today: '2026-06-20' }
  await using one = await startSandbox(day)
  await using two = await startSandbox(day)
  await using other = await startSandbox({ ...day, seed: 'other' })
  for (const provider of ['rotating', 'v6'] as const) {
    const texts = await Promise.all(
      [one, two, other].map(async (sandbox) => {
        const client = await clientOf(sandbox, provider, 4)
        const { accounts } = sandbox.truth(provider, 4)
        const details = await client.get('/accounts?resultType=details')
        const rows = await client.get(`/accounts/${accounts[0]?.accountId}/transactions`)
        return details.text + rows.text
      }),
    )
    expect(texts[1]).toBe(texts[0])
    expect(texts[2]).not.toBe(texts[0])
  }
})

test('opening balance and movements make the closing balance, and that is the one that is sent', async () => {
  await using sandbox = await startSandbox({ port: 0, today: '2026-06-20' })
  for (const provider of providers)
    for (let person = 0; person < 10; person++)
      for (const account of sandbox.truth(provider, person).accounts) {
        const moved = account.transactions
          .filter((row) => row.status === 'POSTED')
          .reduce((sum, row) => sum + cents(row.signedAmount), cents(account.openingBalance))
        expect(moved).toBe(cents(account.closingBalance))
        const { currentBalance, principalBalance } = account.fields
        if (account.kind === 'deposit') expect(currentBalance).toBe(account.closingBalance)
        if (account.kind === 'loan' || account.kind === 'line')
          expect(cents(String(principalBalance))).toBe(-moved)
      }
})

test('balances of two days differ by exactly what posted in between, also across a new year', async () => {
  await using sandbox = await startSandbox({ port: 0, today: '2025-12-17' })
  const days = ['2025-12-17', '2026-01-02', '2026-01-31', '2026-03-09']
  for (const provider of providers)
    for (let person = 0; person < 10; person++) {
      let before: { day: string; closing: readonly string[] } | undefined
      for (const day of days) {
        sandbox.moveTo(day)
        const { accounts } = sandbox.truth(provider, person)
        for (const [at, account] of accounts.entries()) {
          const moved = account.transactions
            .filter(
              (row) =>
                String(row.fields['postedTimestamp'] ?? '').slice(0, 10) > (before?.day ?? day),
            )
            .reduce((sum, row) => sum + cents(row.signedAmount), 0n)
          const old = cents(before?.closing[at] ?? account.closingBalance)
          expect(`${account.accountType} ${cents(account.closingBalance)}`).toBe(
            `${account.accountType} ${old + moved}`,
          )
        }
        before = { day, closing: accounts.map((account) => account.closingBalance) }
      }
    }
})

test('principal of a loan moves by paymentDetails.principalAmount too', async () => {
  await using sandbox = await startSandbox({ port: 0, today: '2026-06-20' })
  const loan = sandbox.truth('outbound', 0).accounts.find((one) => one.kind === 'loan')
  const paid = (loan?.transactions ?? []).reduce((sum, row) => {
    const details = row.fields['paymentDetails'] as { principalAmount: string } | undefined
    return sum + (details ? cents(details.principalAmount) : 0n)
  }, 0n)
  expect(cents(loan?.closingBalance ?? '0') - cents(loan?.openingBalance ?? '0')).toBe(paid)
  expect(paid).toBeGreaterThan(0n)
})

test('a card payment leaves chequing and enters the card on one day with one amount', async () => {
  await using sandbox = await startSandbox({ port: 0, today: '2026-06-20' })
  const [chequing, card] = sandbox.truth('outbound', 1).accounts
  const payment = card?.transactions.findLast((row) => row.fields['transactionType'] === 'PAYMENT')
  const paid = chequing?.transactions.findLast(
    (row) => row.fields['description'] === 'CARD PAYMENT',
  )
  const day = (row: typeof paid) => String(row?.fields['postedTimestamp']).slice(0, 10)
  expect(paid?.signedAmount).toBe(`-${payment?.signedAmount}`)
  expect(day(paid)).toBe(day(payment))
})

test('when today moves on, old rows stay as they are and pending ones post under new ids', async () => {
  await using sandbox = await startSandbox({ port: 0, today: '2026-06-20' })
  const before = sandbox.truth('v6', 3).accounts.flatMap((account) => account.transactions)
  const pending = before.filter((row) => row.status === 'PENDING')
  expect(pending.length).toBeGreaterThan(0)
  sandbox.moveTo('2026-06-23')
  const after = new Map(
    sandbox
      .truth('v6', 3)
      .accounts.flatMap((account) => account.transactions)
      .map((row) => [row.transactionId, row]),
  )
  for (const row of before.filter((one) => one.status === 'POSTED'))
    if (String(row.fields['postedTimestamp']) > '2025-07-01')
      expect(after.get(row.transactionId)).toEqual(row)
  for (const row of pending) {
    expect(row.fields['postedTimestamp']).toBeUndefined()
    expect(after.has(row.transactionId)).toBe(false)
    const posted = [...after.values()].find(
      (one) => one.fields['referenceTransactionId'] === row.transactionId,
    )
    expect(posted?.amount).toBe(row.amount)
  }
})

test('a fixed number of accounts and transactions is kept exactly, at any number of people', async () => {
  await using sandbox = await startSandbox({
    port: 0,
    connections: 100_000,
    accounts: 3,
    transactions: 1000,
  })
  for (const person of [0, 7, 99_999]) {
    const { accounts } = sandbox.truth('outbound', person)
    expect(accounts.map((account) => account.transactions.length)).toEqual([1000, 1000, 1000])
  }
  expect(() => sandbox.truth('outbound', 100_000)).toThrow('0 to 99999')
})

test('amounts are sent with two digits and never pass through a double', async () => {
  await using sandbox = await startSandbox({ port: 0, today: '2026-06-20' })
  const client = await clientOf(sandbox, 'outbound', 0)
  const { text } = await client.get('/accounts/11/transactions?limit=500')
  const sent = [...text.matchAll(/"amount":([^,}]+)/g)].map(([, amount]) => amount)
  expect(sent.length).toBeGreaterThan(400)
  for (const amount of sent) expect(amount).toMatch(/^\d+\.\d\d$/)
  expect(text).toMatch(/"transactionTimestamp":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.0000000Z"/)
})

test('people differ in the fields they send; null and absent both occur', async () => {
  await using sandbox = await startSandbox({ port: 0, today: '2026-06-20' })
  const names = new Set<string>()
  let nulls = 0
  for (const person of [1, 2, 3]) {
    const client = await clientOf(sandbox, 'v6', person)
    const body = (await client.get('/accounts?resultType=details')).json<{ accounts: object[] }>()
    names.add(Object.keys(body.accounts[0] ?? {}).join())
    nulls += Object.values(body.accounts[0] ?? {}).filter((value) => value === null).length
  }
  expect(names.size).toBe(3)
  expect(nulls).toBeGreaterThan(0)
})

test('impossible options are refused by name', async () => {
  await expect(startSandbox({ port: 0, today: 'soon' })).rejects.toThrow('today')
  await expect(startSandbox({ port: 0, connections: -1 })).rejects.toThrow('connections')
})
