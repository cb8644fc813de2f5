import { DuckDBInstance } from '@duckdb/node-api'
import { FdxError } from '../errors.ts'
import { qualifiedName, tables } from './fields/tables.ts'

export interface TableDifference {
  readonly table: string
  /** Rows of each; null where the file has no such table. */
  readonly before: number | null
  readonly after: number | null
  /** Rows that only the one or the other has; a row that has changed is one of both. */
  readonly onlyBefore: number
  readonly onlyAfter: number
  /** Some of them; what tells of a person is masked. */
  readonly samples: readonly Sample[]
}

export interface Sample {
  readonly key: string
  readonly side: 'before' | 'after' | 'both'
  /** Where both have the key: what differs, as `column: before → after`. */
  readonly differs: readonly string[]
}

/** When a row was written says nothing of what it is; what people and programs did besides loading is mirrored. */
const volatile: ReadonlySet<string> = new Set(['loaded_at', 'checked_at'])
const skipped: ReadonlySet<string> = new Set(['main.migrations', 'ops.views', 'ops.checks'])

/** Columns that name a row, for tables that are not filled from records. */
const keys: Readonly<Record<string, readonly string[]>> = {
  'history.balances': ['connection_id', 'account_id', 'day'],
  'history.balance_readings': ['page_id', 'account_id'],
  'history.account_versions': ['connection_id', 'account_id', 'known_from'],
  'history.transaction_versions': ['connection_id', 'account_id', 'transaction_id', 'known_from'],
  'history.transaction_links': ['connection_id', 'account_id', 'supersedes_transaction_id'],
  'ops.pages': ['page_id'],
  'ops.segments': ['name'],
  'ops.readings': ['pull_id', 'account_id'],
  'ops.rejects': ['table_name', 'key', 'field'],
  'ops.drift': ['provider', 'table_name', 'field', 'value'],
}

const keyOf = (table: string): readonly string[] => {
  const found = tables.find((one) => qualifiedName(one) === table)
  return found ? ['connection_id', ...found.key] : (keys[table] ?? [])
}

interface Column {
  readonly name: string
  readonly isPersonal: boolean
}

const name = (text: string) => `"${text.replaceAll('"', '""')}"`
const literal = (text: string) => `'${text.replaceAll("'", "''")}'`
const mask = '•••'

/**
 * Compares two warehouses table by table. Nothing is written; both must be closed.
 * @param options.samples how many rows of each table to tell of.
 * @throws FdxError `LOAD_FAILED` when one does not open.
 */
export async function compareWarehouses(
  files: { readonly before: string; readonly after: string },
  options: { readonly scratch: string; readonly samples: number },
): Promise<TableDifference[]> {
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: '1GB',
    temp_directory: options.scratch,
  })
  const connection = await instance.connect()
  const ask = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjectsJson()
  try {
    await connection.run(`set TimeZone = 'UTC'`)
    for (const [side, file] of Object.entries(files))
      await connection.run(`attach ${literal(file)} as ${side} (read_only)`).catch(unreadable)
    const columns = columnsBySide(
      await ask(`select c.database_name, c.schema_name || '.' || c.table_name as table_name, c.column_name, coalesce(c.comment, '') like '%[pii:%' as is_personal
        from duckdb_columns() as c join duckdb_tables() as t using (database_name, schema_name, table_name) order by c.column_index`),
    )
    const names = [...new Set([...columns.before.keys(), ...columns.after.keys()])].sort()
    const found: TableDifference[] = []
    for (const table of names) {
      if (skipped.has(table)) continue
      const sides = { before: columns.before.get(table), after: columns.after.get(table) }
      found.push(await compareTable(ask, table, sides, options.samples))
    }
    return found
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

function unreadable(error: unknown): never {
  throw new FdxError(
    'LOAD_FAILED',
    'one of the warehouses cannot be read, so nothing can be compared; fdx replay, without --diff, rebuilds it',
    { cause: error },
  )
}

type Ask = (sql: string) => Promise<Record<string, unknown>[]>

function columnsBySide(rows: readonly Record<string, unknown>[]) {
  const sides = { before: new Map<string, Column[]>(), after: new Map<string, Column[]>() }
  for (const row of rows) {
    const side = row['database_name'] === 'before' ? sides.before : sides.after
    const table = String(row['table_name'])
    const column = { name: String(row['column_name']), isPersonal: row['is_personal'] === true }
    side.set(table, [...(side.get(table) ?? []), column])
  }
  return sides
}

async function compareTable(
  ask: Ask,
  table: string,
  sides: { readonly before: Column[] | undefined; readonly after: Column[] | undefined },
  samples: number,
): Promise<TableDifference> {
  const count = async (side: 'before' | 'after') => {
    if (sides[side] === undefined) return null
    const [row] = await ask(`select count(*)::bigint as rows from ${side}.${table}`)
    return Number(row?.['rows'])
  }
  const [before, after] = [await count('before'), await count('after')]
  if (sides.before === undefined || sides.after === undefined)
    return { table, before, after, onlyBefore: before ?? 0, onlyAfter: after ?? 0, samples: [] }
  // A column that only one of them has (a newer schema) differs for every row; what both have is compared.
  const theirs = new Set(sides.before.map((column) => column.name))
  const columns = sides.after.filter(({ name: one }) => theirs.has(one) && !volatile.has(one))
  const hash = `hash(${columns.map((column) => name(column.name)).join(', ')})`
  await ask(`create or replace temp table different as
    select h, sum(n)::bigint as n from (select ${hash} as h, 1 as n from after.${table} union all select ${hash}, -1 from before.${table})
    group by h having sum(n) <> 0`)
  const [sums] = await ask(
    'select coalesce(sum(n) filter (n > 0), 0)::bigint as after, coalesce(-sum(n) filter (n < 0), 0)::bigint as before from different',
  )
  const onlyBefore = Number(sums?.['before'])
  const onlyAfter = Number(sums?.['after'])
  const told =
    onlyBefore + onlyAfter === 0 ? [] : await samplesOf(ask, table, columns, hash, samples)
  return { table, before, after, onlyBefore, onlyAfter, samples: told }
}

async function samplesOf(
  ask: Ask,
  table: string,
  columns: readonly Column[],
  hash: string,
  limit: number,
): Promise<Sample[]> {
  const key = keyOf(table)
  const keyText = `concat_ws(' / ', ${(key.length > 0 ? key : columns.map((one) => one.name)).map((one) => `${name(one)}::varchar`).join(', ')})`
  const rows = (side: 'before' | 'after', sign: '<' | '>') =>
    `select ${keyText} as row_key, ${columns.map((one) => `${name(one.name)}::varchar as ${name(one.name)}`).join(', ')}
     from ${side}.${table} where ${hash} in (select h from different where n ${sign} 0)`
  const found =
    await ask(`select coalesce(b.row_key, a.row_key) as row_key, b.row_key is not null as in_before, a.row_key is not null as in_after,
      b as before, a as after
    from (${rows('before', '<')}) as b full join (${rows('after', '>')}) as a using (row_key) order by row_key limit ${limit}`)
  return found.map((row) => {
    const both = row['in_before'] === true && row['in_after'] === true
    const before = recordOf(row['before'])
    const after = recordOf(row['after'])
    return {
      key: key.length > 0 ? String(row['row_key']).slice(0, 200) : mask,
      side: both ? 'both' : row['in_before'] === true ? 'before' : 'after',
      differs: both
        ? columns
            .filter((one) => before[one.name] !== after[one.name])
            .map((one) => `${one.name}: ${shown(one, before)} → ${shown(one, after)}`)
        : [],
    }
  })
}

const recordOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

function shown(column: Column, row: Record<string, unknown>): string {
  const value = row[column.name]
  if (value === null || value === undefined) return 'NULL'
  return column.isPersonal ? mask : String(value).slice(0, 60)
}
