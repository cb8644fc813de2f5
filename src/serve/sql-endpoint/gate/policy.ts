import type { DuckDBConnection } from '@duckdb/node-api'
import type { SqlRole } from '../../../config/serve.ts'
import { fold } from './fold.ts'

/** What one role may read of one generation. Everything that is not listed is refused. */
export interface Policy {
  readonly role: SqlRole
  /** Schemas with at least one readable relation. */
  readonly schemas: ReadonlySet<string>
  /** Where unqualified names are looked for before anybody sets `search_path`. */
  readonly defaultSchemas: readonly string[]
  /** Whether the warehouse has this relation and the role may read it. Exact names. */
  readable(schema: string, relation: string): boolean
  /** Whether the warehouse has this table macro and the role may call it: it reads nothing but its own schema. Exact names. */
  callable(schema: string, macro: string): boolean
}

export interface PolicyOptions {
  readonly role: SqlRole
  /** Name of the attached warehouse. */
  readonly database: string
  /** The file was made for this role: what it must not see is not in it. */
  readonly masked: boolean
}

/** Of a generation that holds everything, an analyst gets the marts: they show no full account number and no holder. */
const withoutMask = new Set(['mart'])

/**
 * Of the file made for analysts they get all but what is about the people who run this: of `ops` only how good the data is,
 * which the named analyses and reports read. Marts read more of it, and show what they were made to show.
 */
export const opsForAnalysts: ReadonlySet<string> = new Set(['checks', 'drift', 'rejects'])

/** Lists the relations of the attached warehouse, by name, that the role may read. */
export async function readPolicy(
  connection: DuckDBConnection,
  { role, database, masked }: PolicyOptions,
): Promise<Policy> {
  const found = await connection.runAndReadAll(
    `select schema_name, table_name, false from duckdb_tables() where database_name = $1 and not internal
     union all select schema_name, view_name, false from duckdb_views() where database_name = $1 and not internal
     union all select schema_name, function_name, true from duckdb_functions()
     where database_name = $1 and not internal and function_type = 'table_macro'`,
    [database],
  )
  const names = found
    .getRows()
    .map(([schema, name, isMacro]) => [String(schema), String(name), isMacro === true] as const)
  const isAllowed = (schema: string, name: string) =>
    role === 'owner' ||
    (masked ? schema !== 'ops' || opsForAnalysts.has(name) : withoutMask.has(schema))
  const allowed = names.filter(([schema, name]) => isAllowed(schema, name))
  const keysOf = (macros: boolean) =>
    new Set(
      allowed
        .filter(([, , isMacro]) => isMacro === macros)
        .map(([schema, name]) => keyOf(schema, name)),
    )
  const relations = keysOf(false)
  const macros = keysOf(true)
  const schemas = new Set(allowed.map(([schema]) => schema))
  return {
    role,
    schemas,
    defaultSchemas: ['mart', 'main'].filter((schema) => schemas.has(schema)),
    readable: (schema, relation) => relations.has(keyOf(schema, relation)),
    callable: (schema, macro) => macros.has(keyOf(schema, macro)),
  }
}

/** DuckDB's names know no case. */
const keyOf = (schema: string, relation: string) => fold(`${schema}\0${relation}`)
