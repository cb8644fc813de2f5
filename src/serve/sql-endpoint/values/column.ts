import type { DuckDBType } from '@duckdb/node-api'

/** A column of a result, as DuckDB has it and as RowDescription tells it. */
export interface Column {
  readonly name: string
  readonly type: DuckDBType
  /** PostgreSQL's type (pg_type.oid). */
  readonly oid: number
  /** Bytes of a value in PostgreSQL; -1 where it varies, -2 for a C string. */
  readonly size: number
  /** Such as precision and scale of a numeric; -1 for none. */
  readonly typmod: number
}
