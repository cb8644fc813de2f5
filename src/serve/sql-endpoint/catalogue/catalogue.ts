import type { DuckDBConnection } from '@duckdb/node-api'

export interface CatalogueOptions {
  /** Name the warehouse is attached under; clients see it as the name of the database. */
  readonly database: string
  /** The role whose view of the warehouse this is. */
  readonly role: string
  /** Every role there is: what `pg_roles` lists. */
  readonly roles: readonly string[]
  /** Whether the role may read a relation of the warehouse; the catalogue hides the others. */
  readable(schema: string, relation: string): boolean
  /** Schemas that are searched for unqualified names, first to last. */
  readonly searchPath: readonly string[]
}

/**
 * Makes `pg_catalog` and `information_schema` as PostgreSQL 15 has them, over the attached warehouse, as ordinary tables and
 * macros in two schemas of the front database (`names.ts`). Call it once for each generation and role, with the
 * configuration not yet locked. The connection's `search_path` is left as it was.
 */
export async function buildCatalogue(
  _connection: DuckDBConnection,
  _options: CatalogueOptions,
): Promise<void> {}
