import { join } from 'node:path'
import type { DataPaths } from '../../config/settings.ts'
import { FdxError } from '../../errors.ts'
import type { Table } from '../../load/fields/field.ts'
import { qualifiedName, tables } from '../../load/fields/tables.ts'
import type { Generation } from '../generation.ts'
import { pageBody } from './page-body.ts'
import { findRecords } from './record.ts'

/** Where a row comes from. */
export interface Explanation {
  readonly table: string
  readonly connectionId: string
  readonly firstSeenAt: string | null
  readonly lastSeenAt: string | null
  /** The page’s envelope, as ops.pages has it. */
  readonly page: Readonly<Record<string, string | null>>
  /** The records of the page with the row’s ids, as JSON text: as they came, or masked. Empty where none was found. */
  readonly records: readonly string[]
}

/** Views that people read, and the tables that say what the records of their rows hold. */
const views: Readonly<Record<string, { key: readonly string[]; like: readonly string[] }>> = {
  'mart.accounts': { key: ['account_id'], like: ['deposit_accounts', 'accounts'] },
  'fdx.accounts': { key: ['account_id'], like: ['deposit_accounts'] },
  'mart.transactions': {
    key: ['account_id', 'transaction_id', 'ordinal'],
    like: ['deposit_transactions', 'transactions'],
  },
  'fdx.transactions': {
    key: ['account_id', 'transaction_id', 'ordinal'],
    like: ['deposit_transactions'],
  },
  'history.transactions': {
    key: ['account_id', 'transaction_id', 'ordinal'],
    like: ['deposit_transactions', 'transactions'],
  },
  'ops.rejects': { key: ['key'], like: [] },
  'ops.pages': { key: ['page_id'], like: [] },
}

/** Tables and views whose rows can be explained. */
export const explainable = (): string[] => [...Object.keys(views), ...tables.map(qualifiedName)]

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`
const most = 20

/**
 * Goes from a row back to the page that it comes from, and to the record in it.
 * @param key the row’s key without provider and connection, joined by `/`; the ordinal may be left out.
 * @param raw the records as they came; else everything that tells of a person is masked.
 * @throws FdxError `USAGE` for a table that has no pages, `ROW_UNKNOWN` when no row has the key.
 */
export async function explainRows(
  paths: DataPaths,
  generation: Generation,
  asked: {
    readonly table: string
    readonly key: string
    readonly connection?: string
    readonly raw: boolean
  },
): Promise<Explanation[]> {
  const { table, key, connection, raw } = asked
  const found = tables.find((one) => qualifiedName(one) === table)
  const columns = found?.key ?? views[table]?.key
  if (columns === undefined)
    throw new FdxError('USAGE', `no such table: ${table}; there are: ${explainable().join(', ')}`)
  const rows = await rowsWith(generation, table, columns, key, connection)
  if (rows.length === 0)
    throw new FdxError(
      'USAGE',
      `${table} has no row ${key}; its key is ${columns.join('/')}, as the table shows them`,
    )
  const like = found ? [found] : tables.filter((one) => views[table]?.like.includes(one.name))
  const explanations: Explanation[] = []
  for (const row of rows) explanations.push(await explain(paths, generation, table, row, like, raw))
  return explanations
}

type Row = Readonly<Record<string, string | null>>

async function rowsWith(
  generation: Generation,
  table: string,
  columns: readonly string[],
  key: string,
  connection: string | undefined,
): Promise<Row[]> {
  const keys = [columns, columns.slice(0, -1)].filter((some) => some.length > 0)
  const isAsked = keys
    .map(
      (some) =>
        `concat_ws('/', ${some.map((one) => `${one}::varchar`).join(', ')}) = ${literal(key)}`,
    )
    .join(' or ')
  const owner = connection === undefined ? '' : ` and connection_id = ${literal(connection)}`
  const answer = await generation.query(
    `select * from ${table} where (${columns.length > 1 ? isAsked : isAsked.split(' or ')[0]})${owner} limit ${most}`,
  )
  return answer.rows.map((row) =>
    Object.fromEntries(answer.columns.map(({ name }, at) => [name, row[at] ?? null])),
  )
}

async function explain(
  paths: DataPaths,
  generation: Generation,
  table: string,
  row: Row,
  like: readonly Table[],
  raw: boolean,
): Promise<Explanation> {
  const answer = await generation.query(
    `select * from ops.pages where page_id = ${literal(row['page_id'] ?? '')}`,
  )
  const page = Object.fromEntries(
    answer.columns.map(({ name }, at) => [name, answer.rows[0]?.[at] ?? null]),
  )
  const segment = page['segment'] ?? null
  const pageId = row['page_id'] ?? null
  const body =
    segment === null || pageId === null
      ? undefined
      : pageBody(join(paths.segments, segment), pageId)
  const ids = {
    account: row['account_id'] ?? undefined,
    transaction: row['transaction_id'] ?? undefined,
    other: row['customer_id'] ?? row['statement_id'] ?? row['login_id'] ?? undefined,
  }
  return {
    table,
    connectionId: row['connection_id'] ?? '',
    firstSeenAt: row['first_seen_at'] ?? null,
    lastSeenAt: row['last_seen_at'] ?? null,
    page,
    records: body === undefined ? [] : findRecords(body, ids, like, raw),
  }
}
