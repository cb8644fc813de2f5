import { existsSync, globSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { rename, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { FdxError } from '../errors.ts'
import { syncFolder } from '../state/durable-file.ts'
import { exportFolders, forgetExport } from '../state/exports.ts'
import type { State } from '../state/state.ts'

/** A file of an export. */
export interface ExportedFile {
  /** Relative to the export’s folder. */
  readonly path: string
  readonly rows: number
  readonly bytes: number
  readonly sha256: string
}

/** `manifest.json` of an export. */
export interface Manifest {
  readonly generation: string
  readonly role: string
  readonly format: string
  readonly exported_at: string
  /** When the last was loaded of what the generation has: where the next export goes on. Null in an empty warehouse. */
  readonly loaded_until: string | null
  /** Only rows that were loaded after this, in tables that say so; null for everything. */
  readonly since: string | null
  readonly tables: readonly {
    readonly name: string
    readonly rows: number
    /** All rows, also where `since` asked for less: rows of this table do not say where they come from. */
    readonly whole: boolean
    readonly partitioned_by: string | null
    readonly columns: readonly { readonly name: string; readonly type: string }[]
    readonly files: readonly ExportedFile[]
  }[]
}

/** Ours are told by their name: nothing else in the folder is ever touched. */
const exportName = /^export-\d{8}-\d{8}T\d{9}Z$/
const partName = /^\.part-export-/

/** `export-00000007-20261126T003015123Z`: the generation, and when. */
export const newExportName = (generation: string, now: number) =>
  `export-${generation.replace(/\.duckdb$/, '')}-${new Date(now).toISOString().replaceAll(/[-:.]/g, '')}`

/** Finished exports of a folder, oldest first. */
export const exportsIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => exportName.test(name))
        .sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1))
    : []

const timeOf = (name: string) => name.slice(-19)

/** The manifest of the newest export of a folder that says of itself the same as `wanted`; one of before `loaded_until` does not count. */
export function newestLike(
  folder: string,
  wanted: Pick<Manifest, 'role' | 'format'> & { readonly tables: readonly string[] },
): Manifest | undefined {
  const key = ({ role, format, tables }: typeof wanted) =>
    JSON.stringify([role, format, [...tables].sort()])
  return exportsIn(folder)
    .reverse()
    .map((name) => readManifest(join(folder, name)))
    .find(
      (manifest) =>
        manifest.loaded_until !== undefined &&
        key({ ...manifest, tables: manifest.tables.map(({ name }) => name) }) === key(wanted),
    )
}

const readManifest = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest

/** Makes a finished export visible: its own name, then `current`, each by rename; older ones beyond `keep` go. */
export async function flip(folder: string, part: string, name: string, keep: number) {
  await rename(part, join(folder, name))
  const link = join(folder, '.part-export-current')
  rmSync(link, { force: true })
  await symlink(name, link)
  await rename(link, join(folder, 'current'))
  await syncFolder(folder)
  for (const old of exportsIn(folder).slice(0, -Math.max(1, keep)))
    rmSync(join(folder, old), { recursive: true, force: true })
}

/** What killed exports have left. */
export function sweepExportParts(folder: string): void {
  for (const name of existsSync(folder) ? readdirSync(folder) : [])
    if (partName.test(name)) rmSync(join(folder, name), { recursive: true, force: true })
}

/**
 * Erases every export that was made, wherever it is: for a purge. A folder that is gone already counts as erased.
 * @param note is told how many files a folder loses, before it loses them.
 * @throws FdxError `EXPORT_FAILED` when one cannot be erased: the purge stays open.
 */
export function eraseExports(state: State, note: (place: string, files: number) => void): void {
  for (const folder of exportFolders(state)) {
    try {
      const names = (existsSync(folder) ? readdirSync(folder) : []).filter(
        (name) => exportName.test(name) || partName.test(name),
      )
      const files = names.flatMap((name) =>
        globSync('**/*.{parquet,csv}', { cwd: join(folder, name) }),
      )
      note(folder, files.length)
      for (const name of names) rmSync(join(folder, name), { recursive: true, force: true })
      if (names.length > 0) rmSync(join(folder, 'current'), { force: true })
    } catch (error) {
      throw new FdxError(
        'EXPORT_FAILED',
        'an export could not be erased; make its folder writable, then purge again',
        { cause: error, facts: { folder } },
      )
    }
    forgetExport(state, folder)
  }
}
