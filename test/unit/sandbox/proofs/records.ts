import { expect } from 'vitest'
import type { recordTroubles } from '../../../../src/sandbox/misbehaviours.ts'
import type { Body, Proof, Row } from '../scene.ts'
import { details, ids, transactions } from '../scene.ts'

export const recordsProofs: Record<keyof typeof recordTroubles, Proof> = {
  async missing_memo(scene) {
    scene.on()
    const { text } = await scene.client.get(transactions)
    expect([text.includes('debitCreditMemo'), text.includes('"amount":-')]).toEqual([false, false])
  },
  async signed_amounts(scene) {
    scene.on()
    const { text } = await scene.client.get(transactions)
    expect([text.includes('debitCreditMemo'), text.includes('"amount":-')]).toEqual([false, true])
  },
  async pending_then_posted(scene) {
    scene.on()
    expect(ids(await scene.client.get(transactions)).slice(0, 2)).toEqual(['H1-11', 'H2-11'])
    scene.sandbox.behave()
    scene.on({ variant: 'posted' })
    const [row] = (await scene.client.get(transactions)).json<Body>().transactions
    expect(row?.['depositTransaction']).toMatchObject({
      transactionId: 'S1-11',
      referenceTransactionId: 'H1-11',
      status: 'POSTED',
    })
  },
  async pending_lives(scene) {
    scene.on()
    const shown = new Set<unknown>()
    for (const today of ['2026-06-16', '2026-06-17', '2026-06-18', '2026-06-19', '2026-06-20']) {
      scene.sandbox.moveTo(today)
      for (const id of ids(await scene.client.get(transactions.replace('=50', '=500'))))
        shown.add(id)
    }
    const links = scene.sandbox.links('outbound', 0)
    const seen = links.filter(({ earlier, later }) => shown.has(earlier) && shown.has(later))
    expect(seen.length).toBeGreaterThan(5)
  },
  async unknown_kind(scene) {
    scene.on()
    expect((await details(scene)).map((row) => Object.keys(row)[0])).toEqual([
      'carbonCreditAccount',
      'depositAccount',
      'locAccount',
      'investmentAccount',
      'loanAccount',
    ])
  },
  async unknown_fields(scene) {
    scene.on()
    const [first] = await details(scene)
    const names = Object.keys(first?.['depositAccount'] ?? {})
    expect(names.length).toBeGreaterThan(5000)
    expect(names).toContain('a"; DROP TABLE x; --')
    expect(names).toContain('')
  },
  async wrong_types(scene) {
    scene.on()
    const [deposit, , , investment] = await details(scene)
    expect(deposit?.['depositAccount']).toMatchObject({ currency: 'CAD', transferIn: 'true' })
    expect(deposit?.['depositAccount']?.['currentBalance']).toBeTypeOf('string')
    const [holding] = (investment?.['investmentAccount']?.['holdings'] ?? []) as Row[]
    expect(Array.isArray(holding?.['assetClasses'])).toBe(false)
    expect((await scene.client.get(transactions)).text).toContain('T12:000:00.000Z')
  },
  async account_error_206(scene) {
    scene.on()
    const answer = await scene.client.get('/accounts?resultType=details')
    const [first, second] = answer.json<Body>().accounts
    expect(answer.status).toBe(206)
    expect(first?.['depositAccount']).toHaveProperty('error')
    expect(second?.['depositAccount']).not.toHaveProperty('error')
  },
  async full_number_in_display(scene) {
    scene.on()
    const [first] = await details(scene)
    expect(first?.['depositAccount']?.['accountNumberDisplay']).toMatch(/^\d{12}$/)
  },
  async missing_account_category(scene) {
    scene.on()
    expect(JSON.stringify(await details(scene))).not.toContain('accountCategory')
  },
  async ids_as_numbers(scene) {
    scene.on()
    const { text } = await scene.client.get('/accounts')
    const [, id] = /"accountId":(\d{20}),/.exec(text) ?? []
    const rows = await scene.client.get(`/accounts/${id}/transactions`)
    expect(rows.text).toMatch(/"transactionId":\d{20},/)
  },
  async exact_numbers(scene) {
    scene.on()
    const { text } = await scene.client.get('/accounts?resultType=details')
    expect(text).toContain('"currentBalance":99999999999999.99')
    expect(text).toContain('"units":0.123456789012345678')
    expect(text).toMatch(/"digitalUnits":"0\.\d{30}"/)
  },
}
