/** Schemas of the front database that stand for `pg_catalog` and `information_schema`, which DuckDB lets nobody add to. */
export const catalogueSchemas = {
  pg_catalog: 'pgshim',
  information_schema: 'infoshim',
} as const

/** Name of the `:memory:` database in front of the warehouse; the catalogue is in it. */
export const frontDatabase = 'memory'

/**
 * Value of DuckDB's `search_path` for a session: its schemas in the warehouse, then the catalogue, whose tables,
 * types and functions win over DuckDB's own of the same name.
 * @param schemas as in PostgreSQL's `search_path`, without `"$user"`, `public` and `pg_catalog`.
 */
export function searchPath(database: string, schemas: readonly string[]): string {
  const quote = (name: string) => `"${name.replaceAll('"', '""')}"`
  return [
    ...schemas.map((schema) => `${quote(database)}.${quote(schema)}`),
    `${frontDatabase}.${catalogueSchemas.pg_catalog}`,
  ].join(',')
}
