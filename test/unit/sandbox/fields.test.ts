import { expect, test } from 'vitest'
import { fdxProviders } from '../../../src/sandbox/invented/plan.ts'
import { startSandbox } from '../../../src/sandbox/sandbox.ts'
import type { SandboxClient } from '../../support/sandbox.ts'
import { clientOf } from '../../support/sandbox.ts'
import { accountEntities, fdxFields, transactionEntities } from './fdx-fields.ts'

type Row = Record<string, unknown>

/** entity → the fields that came with a value. */
const seen = new Map<string, Set<string>>()

/** Notes the fields of a record, and of what is inside it, under the entities that the lists name. */
function note(entity: string | undefined, value: unknown): void {
  if (entity === undefined) return
  if (Array.isArray(value)) {
    for (const one of value) note(entity, one)
    return
  }
  if (typeof value !== 'object' || value === null) return
  const fields = seen.get(entity) ?? new Set()
  seen.set(entity, fields)
  for (const [name, member] of Object.entries(value)) {
    if (member !== undefined && member !== null) fields.add(name)
    const listed = fdxFields[entity]?.find((word) => word.startsWith(`${name}:`))
    note(listed?.split(':')[1], member)
  }
}

/** A record of a list: in its wrapper (v5), or flat with a category (v6). */
function noteWrapped(entities: Readonly<Record<string, string>>, rows: unknown): void {
  for (const row of rows as Row[])
    for (const [key, value] of [
      ...Object.entries(row),
      [String(row['accountCategory']), row] as const,
    ])
      note(entities[key], value)
}

async function list(client: SandboxClient, path: string): Promise<Row> {
  const answer = await client.get(path)
  return answer.status === 200 ? answer.json() : {}
}

test('every field of FDX accounts, nested entities and transactions is sent by somebody', async () => {
  await using sandbox = await startSandbox({ port: 0, today: '2026-06-20' })
  for (const provider of fdxProviders)
    for (let person = 0; person < 10; person++) {
      const client = await clientOf(sandbox, provider, person)
      const customer = await list(client, '/customers/current')
      note('Customer', customer['customer'] ?? customer)
      noteWrapped(accountEntities, (await list(client, '/accounts?resultType=details'))['accounts'])
      const light = (await list(client, '/accounts'))['accounts'] as Row[]
      for (const row of light)
        note('AccountDescriptor', 'accountId' in row ? row : Object.values(row)[0])
      if (person % 4 === 0) await noteResources(client, sandbox.truth(provider, person).accounts)
    }
  const missing = Object.entries(fdxFields).flatMap(([entity, words]) =>
    words
      .map((word) => word.split(':')[0] ?? '')
      .filter((name) => !seen.get(entity)?.has(name))
      .map((name) => `${entity}.${name}`),
  )
  expect(missing).toEqual([])
})

async function noteResources(client: SandboxClient, accounts: readonly { accountId: string }[]) {
  for (const { accountId } of accounts) {
    const path = `/accounts/${accountId}`
    const rows = (await list(client, `${path}/transactions?limit=500`))['transactions']
    noteWrapped(transactionEntities, rows ?? [])
    note('AccountContact', await list(client, `${path}/contact`))
    note(
      'AccountPaymentNetwork',
      (await list(client, `${path}/payment-networks`))['paymentNetworks'],
    )
    note('Statement', (await list(client, `${path}/statements`))['statements'])
    const transfer = await list(client, `${path}/asset-transfer-networks`)
    note('AssetTransferNetwork', transfer['assetTransferNetworks'])
  }
  note('RewardProgram', (await list(client, '/reward-programs'))['rewardPrograms'])
  note(
    'RewardCategory',
    (await list(client, '/reward-programs/reward-1/categories'))['rewardCategories'],
  )
  for (const form of ((await list(client, '/tax-forms'))['forms'] ?? []) as Row[])
    note('TaxForm', Object.values(form)[0])
}
