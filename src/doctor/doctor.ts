import { existsSync, readFileSync } from 'node:fs'
import { DuckDBInstance } from '@duckdb/node-api'
import { readProvider } from '../config/read.ts'
import { dataPaths, type Settings } from '../config/settings.ts'
import { openVault } from '../connect/vault.ts'
import { readVaultKey } from '../connect/vault-key.ts'
import { FdxError } from '../errors.ts'
import { connectedProviders } from '../state/connections.ts'
import { openState, type State } from '../state/state.ts'
import type { World } from '../world.ts'
import { checkConfiguration } from './configuration.ts'
import { type Finding, fail, ok, warn } from './finding.ts'
import { checkProviders } from './network.ts'
import { checkLocks, checkState, checkWarehouse } from './records.ts'
import { checkStorage } from './storage.ts'

/** Sealed records that are opened to see that the key is theirs. */
const openedRecords = 20

/**
 * Looks at everything that a run needs, and changes nothing. Each finding stands alone: one that fails keeps
 * no other from being looked at.
 */
export async function examine(
  settings: Settings,
  world: World,
  options: { readonly version: string; readonly online: boolean },
): Promise<Finding[]> {
  const paths = dataPaths(settings.dataDir)
  const findings: Finding[] = await checkVersions(options.version)
  findings.push(...(await checkStorage(paths)))
  let state: State | undefined
  if (existsSync(paths.stateFile))
    try {
      state = openState(paths.stateFile)
    } catch {
      findings.push(
        fail(
          'state',
          `${paths.stateFile} cannot be opened`,
          'restore it: docs/operate/incidents.md',
        ),
      )
    }
  using _closed = { [Symbol.dispose]: () => state?.[Symbol.dispose]() }
  const connected = state ? connectedProviders(state) : new Set<string>()
  findings.push(...checkConfiguration(settings, connected))
  findings.push(...(await checkKey(settings)))
  if (state) {
    findings.push(...checkState(state), ...(await checkLocks(paths, state)))
    findings.push(...(await checkWarehouse(paths)))
  }
  if (options.online) {
    const providers = [...connected].flatMap((name) => {
      try {
        return [readProvider(settings.pipelinesDir, name, settings.env)]
      } catch (error) {
        if (error instanceof FdxError) return [] // told above
        throw error
      }
    })
    if (providers.length > 0) findings.push(...(await checkProviders(providers, world)))
  }
  return findings
}

async function checkVersions(version: string): Promise<Finding[]> {
  const wanted = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ).dependencies
  const node = process.versions.node
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const [row] = (await connection.runAndReadAll('select version()')).getRows()
  connection.closeSync()
  instance.closeSync()
  const duckdb = String(row?.[0])
  const says = `fdx ${version}, Node ${node}, DuckDB ${duckdb}, SQLite ${process.versions['sqlite']}, ${process.platform} ${process.arch}`
  const findings = [ok('versions', says)]
  if (node !== wanted['node'])
    findings.push(
      warn(
        'versions',
        `tested with Node ${wanted['node']}`,
        'npm ci in the folder of fdx brings it',
      ),
    )
  return findings
}

/** Whether the key opens what is sealed. */
async function checkKey(settings: Settings): Promise<Finding[]> {
  const paths = dataPaths(settings.dataDir)
  const findings: Finding[] = []
  try {
    const key = await readVaultKey(settings.env, paths.root, (text) =>
      findings.push(warn('key', text, 'use FDX_VAULT_KEY_FILE or FDX_VAULT_KEY_COMMAND')),
    )
    if (!existsSync(paths.vault)) return [...findings, ok('key', 'there; nothing is sealed yet')]
    const vault = await openVault(paths.vault, key)
    const records = await vault.list('sealed')
    let unreadable = 0
    for (const id of records.slice(0, openedRecords))
      await vault.read(id).catch(() => {
        unreadable += 1
      })
    findings.push(
      unreadable > 0
        ? fail(
            'key',
            `${unreadable} of ${Math.min(records.length, openedRecords)} sealed records do not open`,
            'is it the right key? see: fdx vault check',
          )
        : ok('key', `opens the vault; ${records.length} sealed records`),
    )
  } catch (error) {
    if (!(error instanceof FdxError)) throw error
    findings.push(fail('key', error.message, 'see README, First real connection'))
  }
  return findings
}
