import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SandboxPerson } from '../../src/sandbox/sandbox.ts'

/** Texts that belong to one person alone and must never be told: names, addresses, account numbers. */
export function marksOf({ name, email, sub, customerId, accounts }: SandboxPerson): string[] {
  const numbers = accounts.flatMap(({ fields }) =>
    ['accountNumber', 'accountNumberDisplay', 'micrNumber', 'routingTransitNumber'].map((field) =>
      String(fields[field] ?? ''),
    ),
  )
  return [name, email, sub, customerId, ...numbers.filter((number) => number.length >= 7)]
}

/** The state store's bytes, its log included. */
export const stateBytes = (root: string): string =>
  readdirSync(root)
    .filter((file) => file.startsWith('state.db'))
    .map((file) => readFileSync(join(root, file), 'utf8'))
    .join('\n')
