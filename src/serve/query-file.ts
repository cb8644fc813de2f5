import { existsSync, rmSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { DataPaths } from '../config/settings.ts'
import { FdxError } from '../errors.ts'
import { columnExpression } from './export-columns.ts'
import { openReadOnly, queryError, refuseAllButSelect } from './generation.ts'
import type { Role } from './generation-files.ts'
import { leaseCurrent } from './lease.ts'
import { quoteText } from './quote-sql.ts'

export interface QueryFileOptions {
  /** Absolute path; a file that is there is replaced when the new one is whole. */
  readonly file: string
  readonly role: Role
  readonly spill?: string
  readonly signal?: AbortSignal
}

/**
 * Writes the answer to a query into a Parquet file, decimals as decimals. The query can reach that file alone.
 * @returns the number of rows.
 * @throws FdxError `USAGE` without the file's folder, `WAREHOUSE_MISSING`, `QUERY_FAILED`, `STOPPED`, `DISK_FULL`.
 */
export async function writeParquet(
  paths: DataPaths,
  sql: string,
  options: QueryFileOptions,
): Promise<number> {
  const { file, role, signal } = options
  if (!existsSync(dirname(file)))
    throw new FdxError('USAGE', `there is no folder ${dirname(file)} to write into`)
  using lease = await leaseCurrent(paths, role)
  const part = `${file}.part`
  const { connection, close } = await openReadOnly(lease.file, { ...options, mayWrite: part })
  const stop = () => connection.interrupt()
  signal?.addEventListener('abort', stop, { once: true })
  try {
    signal?.throwIfAborted()
    const { columns } = await refuseAllButSelect(connection, sql)
    const query = sql.trim().replace(/;$/, '')
    // A name that comes twice can be renamed by nobody but the caller.
    const list = columns.some(({ type }) => /^U?HUGEINT$/.test(type))
      ? columns.map((column) => columnExpression(column, 'parquet')).join(', ')
      : '*'
    const result = await connection.run(
      `copy (select ${list} from (\n${query}\n) as answer) to ${quoteText(part)} (format parquet, compression zstd)`,
    )
    await rename(part, file)
    return result.rowsChanged
  } catch (error) {
    if (error instanceof Error && /no space left|disk quota/i.test(error.message))
      throw new FdxError('DISK_FULL', 'no room for the file', { cause: error })
    throw queryError(error, signal)
  } finally {
    signal?.removeEventListener('abort', stop)
    close()
    rmSync(part, { force: true })
  }
}
