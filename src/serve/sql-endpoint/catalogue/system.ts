import { catalogueRows, type Row } from './copy-text.ts'
import { catalogueSchemas } from './names.ts'

/** How a column of PostgreSQL's catalogue is kept, where its type has no DuckDB type of the same name. */
const storage: Readonly<Record<string, string>> = {
  aclitem: 'VARCHAR',
  anyarray: 'VARCHAR',
  bool: 'BOOLEAN',
  bytea: 'BLOB',
  char: 'VARCHAR',
  float4: 'FLOAT',
  float8: 'DOUBLE',
  inet: 'VARCHAR',
  int2: 'SMALLINT',
  int2vector: 'SMALLINT[]',
  int4: 'INTEGER',
  int8: 'BIGINT',
  interval: 'INTERVAL',
  name: 'VARCHAR',
  numeric: 'DECIMAL(38,9)',
  oid: 'UINTEGER',
  oidvector: 'UINTEGER[]',
  regproc: 'UINTEGER',
  regtype: 'UINTEGER',
  timestamptz: 'TIMESTAMPTZ',
  xid: 'UINTEGER',
}

/** Types of PostgreSQL that queries name and DuckDB does not have. */
const namedTypes: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      'name aclitem cstring pg_node_tree pg_lsn citext money inet cidr macaddr xml tid lo regclass regproc',
      'regprocedure regtype regnamespace regrole regoper regoperator regconfig regdictionary refcursor',
      'tsvector tsquery sql_identifier character_data yes_or_no unknown',
    ]
      .join(' ')
      .split(' ')
      .map((name) => [name, 'VARCHAR']),
  ),
  jsonb: 'JSON',
  xid: 'UINTEGER',
  xid8: 'UBIGINT',
  cid: 'UINTEGER',
  int2vector: 'SMALLINT[]',
  oidvector: 'UINTEGER[]',
  cardinal_number: 'INTEGER',
  time_stamp: 'TIMESTAMPTZ',
}

const stored = (type: string) =>
  type.startsWith('_') ? `${storage[type.slice(1)] ?? 'VARCHAR'}[]` : (storage[type] ?? 'VARCHAR')

export const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`

/** Name of a relation of PostgreSQL's catalogue, where ours is. */
const placed = (schema: string | null, relation: string | null) =>
  `${schema === 'pg_catalog' ? catalogueSchemas.pg_catalog : catalogueSchemas.information_schema}.${quoted(relation ?? '')}`

/** Makes the schemas, the types, and every relation of PostgreSQL's catalogue as an empty table. */
export function systemDdl(): string {
  const tables = Map.groupBy(catalogueRows('columns'), (row) =>
    placed(row['schema'] ?? null, row['relation'] ?? null),
  )
  return [
    ...Object.values(catalogueSchemas).map((schema) => `create schema ${schema}`),
    ...Object.entries(namedTypes).map(
      ([name, type]) => `create type ${catalogueSchemas.pg_catalog}.${quoted(name)} as ${type}`,
    ),
    ...[...tables].map(
      ([table, columns]) => `create table ${table} (${columns.map(columnDdl).join(', ')})`,
    ),
  ].join(';\n')
}

const columnDdl = (row: Row) => `${quoted(row['column'] ?? '')} ${stored(row['base'] ?? '')}`

/** Relations whose rows are PostgreSQL's own. */
const filled = [
  'pg_type',
  'pg_proc',
  'pg_range',
  'pg_am',
  'pg_collation',
  'pg_language',
  'pg_cast',
  'pg_opclass',
  'pg_tablespace',
  'pg_settings',
]

/** Fills them. */
export function systemRows(): string {
  const columns = new Map(
    catalogueRows('columns').map((row) => [`${row['relation']}.${row['column']}`, row['base']]),
  )
  return filled
    .map((relation) => {
      const rows = catalogueRows(relation)
      const names = Object.keys(rows[0] ?? {})
      const casts = names.map((name) => fromText(quoted(name), columns.get(`${relation}.${name}`)))
      return `insert into ${placed('pg_catalog', relation)} by name select ${casts.map((cast, at) => `${cast} as ${quoted(names[at] ?? '')}`).join(', ')} from (${valuesSql(rows, names)})`
    })
    .join(';\n')
}

/** Text form of vectors (numbers with spaces between) and of arrays (braces) to a list; other types cast by themselves. */
function fromText(column: string, type: string | null | undefined): string {
  if (type === 'oidvector')
    return `list_transform(string_split(nullif(${column}, ''), ' '), lambda one: one::uinteger)`
  return type?.startsWith('_') ? `'[' || ${column}[2:-2] || ']'` : column
}

/** Rows as a VALUES list with named columns, each value a text or NULL. */
export function valuesSql(rows: readonly Row[], names: readonly string[]): string {
  const literal = (value: string | null | undefined) =>
    value === null || value === undefined ? 'null' : `'${value.replaceAll("'", "''")}'`
  const lists = rows.map((row) => `(${names.map((name) => literal(row[name])).join(',')})`)
  return `select * from (values ${lists.join(',\n')}) as listed(${names.map(quoted).join(', ')})`
}
