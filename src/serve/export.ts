import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, rm, stat, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { DataPaths } from '../config/settings.ts'
import { FdxError } from '../errors.ts'
import { diskError } from '../state/disk.ts'
import { rememberExport } from '../state/exports.ts'
import type { State } from '../state/state.ts'
import { columnExpression, type ExportFormat } from './export-columns.ts'
import {
  type ExportedFile,
  flip,
  type Manifest,
  newExportName,
  newestLike,
  sweepExportParts,
} from './export-folder.ts'
import type { Role } from './generation-files.ts'
import { leaseCurrent } from './lease.ts'
import { quoteName, quoteText } from './quote-sql.ts'

export interface ExportOptions {
  /** Absolute path of the folder that exports go to. */
  readonly to: string
  readonly format: ExportFormat
  /** Names such as `mart.accounts` or `accounts`; none for all marts. */
  readonly tables: readonly string[]
  /** `analyst` exports the masked file. */
  readonly role: Role
  /**
   * Only rows that were loaded after it, in tables whose rows name their page: ISO 8601, or `last` for what the last
   * export of the same tables, role and format had not.
   */
  readonly since?: string | undefined
  /** How many exports stay in the folder, the new one included. */
  readonly keep: number
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly signal?: AbortSignal
  /** Told of each table before it is written. */
  readonly onTable?: (name: string) => void
}

export interface Exported {
  readonly folder: string
  readonly manifest: Manifest
}

interface Table {
  readonly name: string
  readonly columns: readonly { readonly name: string; readonly type: string }[]
}

/** The first of these that a table has tells which year a row belongs to: the partitions. */
const dayColumns = ['date', 'day', 'month', 'due_date']

/**
 * Writes tables of the current generation as files into a folder of their own under `to`, with a manifest, and
 * points `current` at it by rename: who reads through `current` sees a whole export or the one before. Parquet
 * is partitioned by year where rows have a day; decimals stay decimals. Needs no DuckDB extension. The folder
 * is remembered, so that a purge erases it.
 * @throws FdxError `WAREHOUSE_MISSING`, `USAGE` for a table that does not exist, `DISK_FULL`, `STOPPED`, `EXPORT_FAILED`.
 */
export async function exportTables(
  paths: DataPaths,
  state: State,
  options: ExportOptions,
): Promise<Exported> {
  using lease = await leaseCurrent(paths, options.role)
  const name = newExportName(lease.generation, options.now)
  const part = join(options.to, `.part-${name}`)
  rememberExport(state, options.to, options.role, new Date(options.now).toISOString())
  try {
    sweepExportParts(options.to)
    await mkdir(part, { recursive: true, mode: 0o700 })
    const instance = await openForExport(lease.file, part, paths.scratch)
    const { connection } = instance
    const stop = () => connection.interrupt()
    options.signal?.addEventListener('abort', stop)
    const tables = []
    let since: string | null
    let loadedUntil: string | null
    try {
      const chosen = await chosenTables(connection, options.tables)
      since = sinceOf(options, chosen)
      loadedUntil = await newestLoad(connection)
      for (const table of chosen) {
        options.signal?.throwIfAborted()
        options.onTable?.(table.name)
        tables.push(await writeTable(connection, table, part, options.format, since))
      }
    } finally {
      options.signal?.removeEventListener('abort', stop)
      instance.close()
    }
    const manifest: Manifest = {
      generation: lease.generation.replace(/\.duckdb$/, ''),
      role: options.role,
      format: options.format,
      exported_at: new Date(options.now).toISOString(),
      loaded_until: loadedUntil,
      since,
      tables,
    }
    await writeFile(join(part, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`, {
      flush: true,
    })
    await flip(options.to, part, name, options.keep)
    return { folder: join(options.to, name), manifest }
  } catch (error) {
    await rm(part, { recursive: true, force: true })
    throw exportError(error, options.signal)
  }
}

/** What of the generation was exported before, by when it was loaded; a clock's time could be after what it has. */
function sinceOf(
  { since, to, role, format }: ExportOptions,
  tables: readonly Table[],
): string | null {
  if (since !== 'last') return since ?? null
  const before = newestLike(to, { role, format, tables: tables.map(({ name }) => name) })
  if (before === undefined)
    throw new FdxError(
      'USAGE',
      `there is no export of the same tables, role and format in ${to} to go on from; leave --since out this time`,
    )
  return before.loaded_until
}

async function newestLoad(connection: DuckDBConnection): Promise<string | null> {
  const reader = await connection.runAndReadAll(
    `select strftime(max(loaded_at), '%Y-%m-%dT%H:%M:%S.%fZ') from lake.ops.segments`,
  )
  return (reader.getRows()[0]?.[0] ?? null) as string | null
}

/** The generation, attached read-only; the only files that can be reached are those of the new export. */
async function openForExport(file: string, folder: string, scratch: string) {
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: '1GB',
    temp_directory: scratch,
    preserve_insertion_order: 'false',
  })
  const connection = await instance.connect()
  await connection.run(
    `attach ${quoteText(file)} as lake (read_only); use lake; set TimeZone = 'UTC'`,
  )
  await connection.run(
    `set allowed_directories = [${quoteText(folder)}]; set enable_external_access = false; set lock_configuration = true`,
  )
  return {
    connection,
    close: () => {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

async function chosenTables(
  connection: DuckDBConnection,
  wanted: readonly string[],
): Promise<Table[]> {
  const reader = await connection.runAndReadAll(
    `select schema_name || '.' || table_name as name, column_name, data_type
     from duckdb_columns() where database_name = 'lake' and not internal order by schema_name, table_name, column_index`,
  )
  const all = Map.groupBy(reader.getRowObjectsJson(), (row) => String(row['name']))
  const names =
    wanted.length > 0
      ? wanted.map((name) => (name.includes('.') ? name : `mart.${name}`))
      : [...all.keys()].filter((name) => name.startsWith('mart.'))
  return [...new Set(names)].map((name) => {
    const columns = all.get(name)
    if (columns === undefined)
      throw new FdxError(
        'USAGE',
        `there is no table ${name}; see docs/schema.md, or: fdx query "select schema_name, view_name from duckdb_views()"`,
      )
    return {
      name,
      columns: columns.map((row) => ({
        name: String(row['column_name']),
        type: String(row['data_type']),
      })),
    }
  })
}

async function writeTable(
  connection: DuckDBConnection,
  table: Table,
  folder: string,
  format: ExportFormat,
  since: string | null,
): Promise<Manifest['tables'][number]> {
  const has = (column: string) => table.columns.some(({ name }) => name === column)
  const dayColumn = format === 'parquet' && !has('year') ? dayColumns.find(has) : undefined
  const list = table.columns.map((column) => columnExpression(column, format))
  if (dayColumn !== undefined) list.push(`year(${quoteName(dayColumn)}) as year`)
  const bySince = since !== null && has('page_id')
  const [schema = '', view = ''] = table.name.split('.')
  const from = `lake.${quoteName(schema)}.${quoteName(view)}`
  const where = bySince
    ? `where page_id in (select p.page_id from lake.ops.pages as p join lake.ops.segments as s on s.name = p.segment where s.loaded_at > ${quoteText(since)}::timestamptz)`
    : ''
  const target = join(folder, dayColumn === undefined ? `${table.name}.${format}` : table.name)
  const how = {
    parquet: `format parquet, compression zstd${dayColumn === undefined ? '' : ', partition_by (year)'}`,
    csv: 'format csv, header true',
  }[format]
  const result = await connection.run(
    `copy (select ${list.join(', ')} from ${from} ${where}) to ${quoteText(target)} (${how}, return_files true)`,
  )
  const [row] = await result.getRowObjectsJson()
  const rows = Number(row?.['Count'] ?? 0)
  const paths = (row?.['Files'] ?? []) as string[]
  const files: ExportedFile[] = []
  for (const path of paths.sort())
    files.push(
      await fileEntry(connection, path, folder, format, paths.length === 1 ? rows : undefined),
    )
  return {
    name: table.name,
    rows,
    whole: !bySince,
    partitioned_by: dayColumn === undefined ? null : `year(${dayColumn})`,
    columns: table.columns,
    files,
  }
}

async function fileEntry(
  connection: DuckDBConnection,
  path: string,
  folder: string,
  format: ExportFormat,
  rows: number | undefined,
): Promise<ExportedFile> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  const handle = await open(path, 'r')
  await handle.sync()
  await handle.close()
  return {
    path: relative(folder, path),
    rows: rows ?? (await rowsOf(connection, path, format)),
    bytes: (await stat(path)).size,
    sha256: hash.digest('hex'),
  }
}

async function rowsOf(connection: DuckDBConnection, path: string, format: ExportFormat) {
  if (format !== 'parquet') throw new Error('only Parquet is written in several files')
  const reader = await connection.runAndReadAll(
    `select num_rows from parquet_file_metadata(${quoteText(path)})`,
  )
  return Number(reader.getRows()[0]?.[0])
}

function exportError(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return new FdxError('STOPPED', 'stopped; nothing was exported')
  if (error instanceof FdxError) return error
  if (error instanceof Error && /no space left|disk quota/i.test(error.message))
    return new FdxError('DISK_FULL', 'no room for the export; the one before stays', {
      cause: error,
    })
  const known = diskError(error)
  if (known instanceof FdxError) return known
  return new FdxError(
    'EXPORT_FAILED',
    'the export could not be written; see that its folder is writable, and try again',
    { cause: error },
  )
}
