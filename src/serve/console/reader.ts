import { FdxError } from '../../errors.ts'

/** Some rows of a result: every value as exact text, NULL as null. */
export interface Batch {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly (string | null)[])[]
}

export interface ReadOptions {
  /** As the role that sees everything; default is the role whose view is masked. */
  readonly unmasked?: boolean
  /** Default 30,000. */
  readonly timeoutMs?: number
  /** Ends the query. */
  readonly signal?: AbortSignal
}

/**
 * The published tables. Whatever is behind it runs in another process: a hungry query must not stand in the
 * way of a token refresh.
 */
export interface Reader {
  /**
   * A result in batches of a few thousand rows, at least one (for its columns). Whoever stops reading ends
   * the query. Parameters are `$1`, `$2` …, sent as text.
   * @throws FdxError `QUERY_FAILED` (in `facts`: `position` in the SQL, from 1; `sqlstate`), `STOPPED` when
   *   the signal or the time ended it, `WAREHOUSE_MISSING` when nothing has been published.
   */
  read(sql: string, values?: readonly string[], options?: ReadOptions): AsyncIterable<Batch>
}

export interface Rows extends Batch {
  /** There are more rows than were asked for. */
  readonly truncated: boolean
}

/** A whole result, or its first `maxRows` rows (default 1,000). Throws as `Reader.read`. */
export async function query(
  reader: Reader,
  sql: string,
  values: readonly string[] = [],
  { maxRows = 1_000, ...options }: ReadOptions & { readonly maxRows?: number } = {},
): Promise<Rows> {
  let columns: Batch['columns'] | undefined
  const rows: (readonly (string | null)[])[] = []
  for await (const batch of reader.read(sql, values, options)) {
    columns = batch.columns
    rows.push(...batch.rows)
    if (rows.length > maxRows) break
  }
  if (columns === undefined) throw new FdxError('QUERY_FAILED', 'the query gave no result')
  return { columns, rows: rows.slice(0, maxRows), truncated: rows.length > maxRows }
}
