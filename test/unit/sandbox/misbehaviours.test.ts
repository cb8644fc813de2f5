import { expect, test } from 'vitest'
import type { MisbehaviourName } from '../../../src/sandbox/misbehaviours.ts'
import { misbehaviours } from '../../../src/sandbox/misbehaviours.ts'
import { startSandbox } from '../../../src/sandbox/sandbox.ts'
import { clientOf, got } from '../../support/sandbox.ts'
import { answersProofs } from './proofs/answers.ts'
import { bytesProofs } from './proofs/bytes.ts'
import { flinksProofs } from './proofs/flinks.ts'
import { pagesProofs } from './proofs/pages.ts'
import { recordsProofs } from './proofs/records.ts'
import { tokenProofs } from './proofs/token.ts'
import type { Proof } from './scene.ts'

/** Each sentence of the list, held against what the sandbox does. The compiler asks for a new one. */
const proofs: Record<MisbehaviourName, Proof> = {
  ...tokenProofs,
  ...answersProofs,
  ...pagesProofs,
  ...recordsProofs,
  ...bytesProofs,
  ...flinksProofs,
}

for (const [name, proof] of Object.entries(proofs) as [MisbehaviourName, Proof][])
  test(`${name}: ${misbehaviours[name].does}`, async () => {
    await using sandbox = await startSandbox({ port: 0, today: '2026-06-20' })
    const client = await clientOf(sandbox, 'outbound', 0)
    await proof({ sandbox, client, on: (rule = {}) => sandbox.misbehave({ name, ...rule }) })
  })

test('unknown words in a rule are refused with what there is', async () => {
  await using sandbox = await startSandbox({ port: 0 })
  const refused = async (rule: object) => {
    const body = JSON.stringify(rule)
    const answer = await got(`${sandbox.url}/admin/misbehave`, { method: 'POST', body })
    return [answer.status, answer.json<{ message: string }>().message] as const
  }
  expect(await refused({ name: 'explode' })).toEqual([400, expect.stringContaining('cut_body')])
  expect(await refused({ name: 'cut_body', provider: 'x' })).toEqual([
    400,
    expect.stringContaining('outbound'),
  ])
  expect(await refused({ name: 'cut_body', endpoint: 'x' })).toEqual([
    400,
    expect.stringContaining('accounts'),
  ])
  expect(await refused({ name: 'server_error', variant: 'x' })).toEqual([
    400,
    expect.stringContaining('502_html'),
  ])
  expect(sandbox.rules()).toEqual([])
})

test('rules count: after so many, so many times, for one person, until all behave', async () => {
  await using sandbox = await startSandbox({ port: 0 })
  const client = await clientOf(sandbox, 'outbound', 0)
  const seen: number[] = []
  sandbox.misbehave({
    name: 'maintenance_503',
    provider: 'outbound',
    person: 0,
    after: 1,
    times: 2,
  })
  for (let at = 0; at < 4; at++) seen.push((await client.get('/accounts')).status)
  expect(seen).toEqual([200, 503, 503, 200])
  sandbox.misbehave({ name: 'maintenance_503', provider: 'v6' })
  expect((await client.get('/accounts')).status).toBe(200)
  const v6 = await clientOf(sandbox, 'v6', 0)
  expect((await v6.get('/accounts')).status).toBe(503)
  await got(`${sandbox.url}/admin/behave`, { method: 'POST' })
  expect((await v6.get('/accounts')).status).toBe(200)
})
