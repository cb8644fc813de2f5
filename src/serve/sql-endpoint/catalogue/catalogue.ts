import type { DuckDBConnection } from '@duckdb/node-api'
import { catalogueFiles, catalogueRows, type Row } from './copy-text.ts'
import { warehouseKeys } from './keys.ts'
import { catalogueSchemas } from './names.ts'
import { quoted, systemDdl, systemRows, valuesSql } from './system.ts'

export interface CatalogueOptions {
  /** Name the warehouse is attached under; clients see it as the name of the database. */
  readonly database: string
  /** Every role and user there is: what `pg_roles` lists. The first owns the relations. */
  readonly roles: readonly string[]
  /** Whether the role may read a relation of the warehouse; the catalogue hides the others. */
  readable(schema: string, relation: string): boolean
  /** Schemas that are searched for unqualified names, before a session sets others. */
  readonly searchPath: readonly string[]
}

const shim = catalogueSchemas.pg_catalog

/**
 * Makes `pg_catalog` and `information_schema` as PostgreSQL 15 has them, over the attached warehouse, as ordinary tables and
 * macros in two schemas of the front database (`names.ts`). Call it once for each generation and role, with the
 * configuration not yet locked. The connection's `search_path` is left as it was.
 */
export async function buildCatalogue(
  connection: DuckDBConnection,
  options: CatalogueOptions,
): Promise<void> {
  await connection.run(`set variable catalogue_database = ${text(options.database)}`)
  await connection.run(
    `set variable catalogue_search_path = ${text(options.searchPath.join(', '))}`,
  )
  await connection.run(`set variable catalogue_owner = ${text(options.roles[0] ?? 'owner')}`)
  const facts = await factsOf(connection, options)
  await connection.run(
    [
      'begin',
      systemDdl(),
      systemRows(),
      ...Object.entries(facts).map(([name, sql]) => `create table ${shim}.${name} as ${sql}`),
      ...catalogueFiles('rows'),
      ...catalogueFiles('macros'),
      ...Object.keys(facts).map((name) => `drop table ${shim}.${name}`),
      'commit',
    ].join(';\n'),
  )
  for (const name of ['database', 'owner', 'search_path'])
    await connection.run(`reset variable catalogue_${name}`)
}

/** What the SQL of sql/catalogue/rows/ starts from, beside DuckDB's own metadata. */
async function factsOf(
  connection: DuckDBConnection,
  options: CatalogueOptions,
): Promise<Readonly<Record<string, string>>> {
  return {
    _readable: valuesSql(await readableRelations(connection, options), [
      'schema_name',
      'relation_name',
    ]),
    _roles: `select name as role_name, number::uinteger as role_oid from (${valuesSql(roleRows(options.roles), ['name', 'number'])})`,
    _declared: declaredSql(),
    _system_types: tableOf('type_names', ['oid', 'name', 'text', 'category']),
    _system_keywords: tableOf('keywords', ['word', 'catcode', 'barelabel', 'catdesc', 'baredesc']),
    _system_relations: `select * replace (oid::uinteger as oid) from (${valuesSql(catalogueRows('relations'), ['schema', 'relation', 'oid', 'kind'])})`,
    _system_columns: `select * replace (number::smallint as number, type_oid::uinteger as type_oid, not_null::boolean as not_null, modifier::integer as modifier)
      from (${valuesSql(catalogueRows('columns'), ['schema', 'relation', 'number', 'column', 'type_oid', 'not_null', 'modifier'])})`,
  }
}

/** The owner has the number of PostgreSQL's first role. */
const roleRows = (roles: readonly string[]): Row[] =>
  [...new Set(roles)].map((name, at) => ({ name, number: String(at === 0 ? 10 : 16384 + at) }))

async function readableRelations(
  connection: DuckDBConnection,
  { database, readable }: CatalogueOptions,
): Promise<Row[]> {
  const found = await connection.runAndReadAll(
    `select schema_name, table_name from duckdb_tables() where database_name = $1 and not internal
     union all select schema_name, view_name from duckdb_views() where database_name = $1 and not internal`,
    [database],
  )
  return found
    .getRows()
    .map(([schema, relation]) => ({ schema_name: String(schema), relation_name: String(relation) }))
    .filter((row) => readable(row.schema_name, row.relation_name))
}

const tableOf = (name: string, columns: readonly string[]) =>
  valuesSql(catalogueRows(name), columns)

function declaredSql(): string {
  const list = (names: readonly string[] | undefined) =>
    names ? `[${names.map(text).join(', ')}]` : 'null::varchar[]'
  const rows = warehouseKeys().map(
    (key, at) =>
      `(${at}, ${text(key.table)}, ${list(key.columns)}, ${key.refers ? text(key.refers.table) : 'null'}, ${list(key.refers?.columns)})`,
  )
  const names = ['declared', 'table_name', 'column_names', 'refers_table', 'refers_columns']
  return `select * from (values ${rows.join(',\n')}) as keys(${names.map(quoted).join(', ')})`
}

const text = (value: string) => `'${value.replaceAll("'", "''")}'`
