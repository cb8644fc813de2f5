import { chmod, lstat, readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { FdxError } from '../errors.ts'
import { listConnections } from '../state/connections.ts'
import type { State } from '../state/state.ts'
import { readIntent } from './intent.ts'
import { isForeign, type Vault } from './vault.ts'

/** What can be wrong with a vault, and what to do about it. `repaired` needs nothing more. */
export const vaultFindings = {
  unreadable: 'restore the record from a backup, or connect again',
  missing: 'the connection has no record; connect again',
  orphan: 'no connection has this record; fdx connections purge erases it',
  intent_open: 'a refresh was interrupted; the next run settles it',
  foreign_owner: 'the file belongs to another user; chown it',
  mode_repaired: 'repaired: others could have read it',
  leftover_removed: 'removed: left by a killed process',
} as const
export type VaultFinding = keyof typeof vaultFindings

export interface VaultReport {
  readonly records: number
  readonly findings: readonly { readonly finding: VaultFinding; readonly name: string }[]
}

const leftoverMs = 3_600_000

/**
 * Opens every record, compares the vault with the connections that are registered, repairs the modes of
 * files, and removes temporary files that a killed process left more than an hour ago. `now` in milliseconds.
 */
export async function checkVault(vault: Vault, state: State, now: number): Promise<VaultReport> {
  const findings: { finding: VaultFinding; name: string }[] = []
  const find = (finding: VaultFinding, name: string) => findings.push({ finding, name })

  for (const name of await readdir(vault.folder)) {
    const path = join(vault.folder, name)
    const facts = await lstat(path).catch(() => undefined) // a running process may have taken it away
    if (facts === undefined) continue
    if (isForeign(facts)) find('foreign_owner', name)
    else if (name.startsWith('.') && name.endsWith('.tmp') && now - facts.mtimeMs > leftoverMs) {
      await unlink(path).catch(() => {})
      find('leftover_removed', name)
    } else if (facts.isFile() && (facts.mode & 0o077) !== 0) {
      await chmod(path, 0o600)
      find('mode_repaired', name)
    }
  }

  const records = await vault.list('sealed')
  const registered = new Set<string>()
  const recorded = new Set(records)
  for (const { id, state: standing } of listConnections(state)) {
    registered.add(id)
    if (standing !== 'revoked' && !recorded.has(id)) find('missing', id)
  }
  for (const id of records) {
    if (!registered.has(id)) find('orphan', id)
    await vault.read(id).catch((error: unknown) => {
      if (!(error instanceof FdxError)) throw error
      find('unreadable', id)
    })
  }
  for (const id of await vault.list('intent')) {
    if (!registered.has(id)) find('orphan', id)
    else if ((await readIntent(vault, id)) !== undefined) find('intent_open', id)
  }
  return { records: records.length, findings }
}
