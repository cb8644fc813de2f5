import { constants, existsSync } from 'node:fs'
import { copyFile, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { DataPaths } from '../config/settings.ts'
import { FdxError } from '../errors.ts'
import { replaceFile, syncFolder } from '../state/durable-file.ts'

/** The file that names the generation readers open. */
export const currentFile = (paths: DataPaths) => join(paths.generations, 'CURRENT')

/**
 * Makes the warehouse readable to others: a copy under a new name (a reflink where the file system can),
 * durable, then `CURRENT` by rename. Readers of an older generation keep it while they have it open. Call it
 * after the load has closed the warehouse: DuckDB's lock is an fcntl lock, and closing any handle on the file
 * while it is open in this process would drop it (facts/sql-endpoint.md 5).
 * @param keep how many generations stay, the new one included.
 * @throws FdxError `WAREHOUSE_MISSING` before the first load, `WAREHOUSE_BUSY` while a `.wal` exists: a copy
 * would miss what is in it.
 */
export async function publish(paths: DataPaths, keep = 3): Promise<{ generation: string }> {
  if (!existsSync(paths.warehouse))
    throw new FdxError(
      'WAREHOUSE_MISSING',
      'there is no warehouse to publish yet; run fdx run, or npm start, first',
    )
  if (existsSync(`${paths.warehouse}.wal`))
    throw new FdxError(
      'WAREHOUSE_BUSY',
      'the warehouse is open, or a load was cut off; load again, then publish',
    )
  await mkdir(paths.generations, { recursive: true, mode: 0o700 })
  const before = await generations(paths)
  const number = Number(before.at(-1)?.match(/\d+/)?.[0] ?? 0) + 1
  const generation = `${String(number).padStart(8, '0')}.duckdb`
  const part = join(paths.generations, `${generation}.part`)
  await copyFile(paths.warehouse, part, constants.COPYFILE_FICLONE)
  await syncFile(part)
  await rename(part, join(paths.generations, generation))
  await syncFolder(paths.generations) // CURRENT must never name a file that a power cut takes back
  await replaceFile(currentFile(paths), `${generation}\n`)
  const old = before.slice(0, Math.max(0, before.length - (keep - 1)))
  for (const name of old) await rm(join(paths.generations, name), { force: true })
  return { generation }
}

/** Names of the generations, oldest first. */
async function generations(paths: DataPaths): Promise<string[]> {
  const names = await readdir(paths.generations)
  for (const name of names.filter((one) => one.endsWith('.part')))
    await rm(join(paths.generations, name), { force: true })
  return names.filter((name) => /^\d+\.duckdb$/.test(name)).sort()
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r')
  await handle.sync()
  await handle.close()
}
