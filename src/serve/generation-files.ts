import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DataPaths } from '../config/settings.ts'
import { FdxError } from '../errors.ts'
import { isCode } from '../state/durable-file.ts'

/**
 * Who reads: `owner` sees the warehouse as it is, `analyst` a file of the same generation that never held
 * account numbers but for their last four characters at most, names, addresses, e-mails or telephones.
 */
export const roles = ['owner', 'analyst'] as const
export type Role = (typeof roles)[number]

/** The file that names the generation readers open. */
export const currentFile = (paths: DataPaths) => join(paths.generations, 'CURRENT')

const ownerName = /^\d+\.duckdb$/

/** The file of a generation that a role reads: `00000007.duckdb`, `00000007.analyst.duckdb`. */
export function generationFile(paths: DataPaths, generation: string, role: Role): string {
  const name = role === 'owner' ? generation : generation.replace(/duckdb$/, `${role}.duckdb`)
  return join(paths.generations, name)
}

/** Everything that belongs to a generation, the lease last. */
export const partsOf = (paths: DataPaths, generation: string): string[] => [
  ...roles.map((role) => generationFile(paths, generation, role)),
  stampFile(paths, generation),
  leaseFile(paths, generation),
]

/** What readers hold while they read (src/serve/lease.ts). */
export const leaseFile = (paths: DataPaths, generation: string) =>
  join(paths.generations, generation.replace(/duckdb$/, 'lease'))

/** Of which state of the warehouse the generation is a copy. */
export const stampFile = (paths: DataPaths, generation: string) =>
  join(paths.generations, generation.replace(/duckdb$/, 'json'))

/** Names of the generations, oldest first. */
export async function generationNames(paths: DataPaths): Promise<string[]> {
  if (!existsSync(paths.generations)) return []
  return (await readdir(paths.generations)).filter((name) => ownerName.test(name)).sort()
}

/**
 * Name of the current generation: that of the owner’s file.
 * @throws FdxError `WAREHOUSE_MISSING` when nothing has been published.
 */
export async function currentName(paths: DataPaths): Promise<string> {
  try {
    const name = (await readFile(currentFile(paths), 'utf8')).trim()
    if (ownerName.test(name)) return name
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error
  }
  throw new FdxError(
    'WAREHOUSE_MISSING',
    'nothing has been published yet; run fdx run, or npm start, first',
  )
}
