import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { sqlText } from '../load/warehouse.ts'
import { quoteText } from './quote-sql.ts'

export interface MaskOptions {
  /** Folder DuckDB may spill to. */
  readonly scratch: string
  /** The masked file of an earlier state of the same warehouse, and the rules that made it: only what differs is written. */
  readonly base?: { readonly file: string; readonly rules: string } | undefined
  /** Default `1GB`. */
  readonly memoryLimit?: string
}

interface MaskedTable {
  /** Quoted schema and name. */
  readonly name: string
  readonly columns: string
  readonly expressions: string
  readonly is_empty: boolean
}

/**
 * Writes a masked copy of a warehouse: the same schemas, tables, views and comments, but what the comments
 * call `[pii: direct]` was never in it. Account and card numbers keep their last four characters, shorter ones than eight half of theirs. Free text
 * (descriptions, memos, payees) stays, since it is what analysts work with, less e-mail addresses and runs of
 * seven digits or more; a name that a bank writes into a description stays too. The rules are in
 * `sql/serve/mask.sql`. Neither file may be open elsewhere in this process.
 * @returns a fingerprint of the rules, for the next time.
 */
export async function writeMasked(
  source: string,
  target: string,
  options: MaskOptions,
): Promise<string> {
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: options.memoryLimit ?? '1GB',
    temp_directory: options.scratch,
    preserve_insertion_order: 'false',
  })
  const connection = await instance.connect()
  try {
    await connection.run(`attach ${quoteText(source)} as lake (read_only); set TimeZone = 'UTC'`)
    const { tables, rules } = await maskRules(connection)
    const base = options.base?.rules === rules ? options.base.file : undefined
    if (base !== undefined) await copyFile(base, target, constants.COPYFILE_FICLONE)
    await connection.run(`attach ${quoteText(target)} as masked`)
    if (base === undefined) await connection.run('copy from database lake to masked (schema)')
    await connection.run('begin') // one flush for all tables
    const filled = base === undefined ? new Set() : await filledTables(connection)
    for (const table of tables) {
      const wasFilled = filled.has(table.name)
      if (wasFilled && !table.is_empty && (await writeDifference(connection, table))) continue
      if (wasFilled) await connection.run(`truncate masked.${table.name}`)
      await insertAll(connection, table)
    }
    await connection.run('commit; checkpoint masked; detach masked')
    return rules
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

async function maskRules(connection: DuckDBConnection) {
  const reader = await connection.runAndReadAll(sqlText('serve/mask.sql'))
  const tables = reader.getRowObjectsJson() as unknown as MaskedTable[]
  const views = await connection.runAndReadAll(
    `select view_name, sql, comment from duckdb_views() where database_name = 'lake' order by all`,
  )
  const shapes = tables.map(({ name, columns, expressions }) => [name, columns, expressions])
  const text = JSON.stringify([shapes, views.getRowsJson()])
  return { tables, rules: createHash('sha256').update(text).digest('hex') }
}

/** Tables of the masked file that have rows, by their quoted names. */
async function filledTables(connection: DuckDBConnection): Promise<ReadonlySet<unknown>> {
  const reader = await connection.runAndReadAll(
    `select '"' || replace(schema_name, '"', '""') || '"."' || replace(table_name, '"', '""') || '"'
     from duckdb_tables() where database_name = 'masked' and estimated_size > 0`,
  )
  return new Set(reader.getRows().map(([name]) => name))
}

async function insertAll(
  connection: DuckDBConnection,
  { name, expressions, is_empty }: MaskedTable,
): Promise<void> {
  if (!is_empty)
    await connection.run(`insert into masked.${name} select ${expressions} from lake.${name}`)
}

/**
 * Brings a table up to date by the rows whose hash is not on the other side. Returns false where that does not
 * account for every row (equal rows, equal hashes) or is more work than writing all of them.
 */
async function writeDifference(
  connection: DuckDBConnection,
  { name, columns, expressions }: MaskedTable,
): Promise<boolean> {
  await connection.run(
    `create or replace temp table difference as
     with fresh as materialized (select rowid as place, hash(${expressions}) as hash from lake.${name}),
       stale as materialized (select rowid as place, hash(${columns}) as hash from masked.${name})
     select place as added, null as gone from fresh anti join stale using (hash)
     union all select null, place from stale anti join fresh using (hash)`,
  )
  const reader = await connection.runAndReadAll(
    `select count(added), count(gone), (select count(*) from lake.${name}), (select count(*) from masked.${name}) from difference`,
  )
  const [added = 0, gone = 0, fresh = 0, stale = 0] = (reader.getRows()[0] ?? []).map(Number)
  if (fresh !== stale - gone + added || added > fresh / 2 + 1_000) return false
  if (gone > 0)
    await connection.run(
      `delete from masked.${name} where rowid in (select gone from difference where gone is not null)`,
    )
  if (added > 0)
    await connection.run(
      `insert into masked.${name} select ${expressions} from lake.${name}
       where rowid in (select added from difference where added is not null)`,
    )
  return true
}
