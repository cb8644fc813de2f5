import type { Field, Table } from './fields/field.ts'
import { keyColumns } from './fields/field.ts'
import { securityCategories } from './fields/holdings.ts'
import { qualifiedName } from './fields/tables.ts'
import {
  isDeep,
  isMovement,
  isTyped,
  knownRoots,
  listNames,
  name,
  objectsOf,
  rootOf,
  sources,
  structure,
  text,
  twinRoots,
} from './record-shape.ts'

/** The object a path goes into; a security may stand in `security` and say its kind there (6.0). */
function object(root: string): string {
  const category = securityCategories[root]
  return category === undefined
    ? `j.${name(root)}`
    : `coalesce(j.${name(root)}, case when j.security->>'$.securityCategory' = ${text(category)} then j.security end)`
}

function raw(field: Field, twins: ReadonlySet<string>): string {
  const one = (path: string) => {
    const root = rootOf(path)
    if (twins.has(root)) return `doc->>${text(`$.${path}`)}`
    if (!isDeep(path)) return `j.${name(root)}`
    return `${object(root)}->>${text(`$${path.slice(root.length)}`)}`
  }
  const values = sources(field).map(one)
  if (field.bare) {
    const root = `j.${name(rootOf(field.name))}`
    values.push(`case json_type(${root}) when 'VARCHAR' then ${root}->>'$' end`)
  }
  return values.length === 1 ? (values[0] ?? '') : `coalesce(${values.join(', ')})`
}

const carried = [
  'provider',
  'connection_id',
  ...Object.keys(keyColumns),
  'first_seen_at',
  'last_seen_at',
  'run_id',
  'page_id',
  'pull_id',
  'content_hash',
]

/** What a staged record carries, but for columns that the table fills from the payload. */
export const carriedBy = (table: Table) =>
  carried.filter((column) => !table.fields.some((field) => field.column === column))

/** New transactions with what was sent of them. */
const added = (table: Table) => `(
    select a.*, null as transaction_ordinal, null as customer_id, null as login_id, null as statement_id, null as network_id, null as list, null as parent_ordinal, i.doc
    from added as a join transaction_item as i on i.rowid = a.item
    where a.table_name = ${text(qualifiedName(table))}
  )`

export const staged = (table: Table) =>
  isMovement(table)
    ? added(table)
    : `(from accepted where table_name = ${text(qualifiedName(table))})`

export const lines = (all: readonly string[], between: string) =>
  all.map((line) => `    ${line}`).join(between)

export const knownNames = (table: Table) => knownRoots(table).map(text).join(', ')

/** Members whose JSON must be an object or a list for their columns and tables to be filled. */
export function shapesOf(table: Table) {
  const bare = new Set(
    table.fields.filter((field) => field.bare).map((field) => rootOf(field.name)),
  )
  return [
    ...[...objectsOf(table).keys()].map((root) => ({
      root,
      column: name(`object ${root}`),
      types: bare.has(root) ? ['OBJECT', 'NULL', 'VARCHAR'] : ['OBJECT', 'NULL'],
      reason: 'NOT_AN_OBJECT',
    })),
    ...table.children.map((child) => ({
      root: child.name,
      column: name(`list ${child.name}`),
      types: ['ARRAY', 'OBJECT', 'NULL', ...(child.bare ? ['VARCHAR'] : [])],
      reason: 'NOT_A_LIST',
    })),
  ]
}

/** Objects whose members are all known by the table; the others are read by more than one path. */
export const closedObjects = (table: Table) =>
  [...objectsOf(table)].filter(([root]) => root !== 'security')

/**
 * `with` clauses up to `cast_`: every column of the table, the raw text of those that are typed, the lists and
 * objects inside the record, and the names of members that nothing is known of.
 */
export function castRows(table: Table): string {
  const twins = twinRoots(table)
  const typed = table.fields.filter(isTyped)
  const untyped = table.fields.filter((field) => !isTyped(field))
  const rawColumns = [
    ...untyped.map((field) => `as_${field.type}(${raw(field, twins)}) as ${field.column}`),
    ...typed.map((field) => `${raw(field, twins)} as raw_${field.column}`),
    ...[...objectsOf(table).keys()].map((root) => `j.${name(root)} as ${name(`object ${root}`)}`),
    ...table.children.map(
      (child) =>
        `coalesce(${listNames(child)
          .map((list) => `j.${name(list)}`)
          .join(', ')}, null) as ${name(`list ${child.name}`)}`,
    ),
    knownNames(table) === ''
      ? 'json_keys(doc) as unknown'
      : `list_filter(json_keys(doc), k -> k not in (${knownNames(table)})) as unknown`,
  ]
  const casts = typed.map((field) => `as_${field.type}(raw_${field.column}) as ${field.column}`)
  // json_transform refuses a structure without members.
  const shape = structure(table)
  const transformed = shape === '{}' ? '' : `, json_transform(doc, '${shape}') as j`
  return `with record as (
  select *${transformed}
  from ${staged(table)}
), read as (
  select
    ${carriedBy(table).join(', ')}, doc,
${lines(rawColumns, ',\n')}
  from record
), cast_ as (
  select
${lines(['*', ...casts], ',\n')}
  from read
), judged as (
  select *, ${once}
    and ${isWhole(table)} as whole
  from cast_
)`
}

/**
 * DuckDB moves a filter below the projections that it reads from, and reads the record's JSON anew for each of
 * its conditions, unless chance has a part in them.
 */
const once = 'random() >= 0'

/** What holds of a row that is whole: its values are read, and nothing but its columns is in the record. */
function isWhole(table: Table): string {
  const conditions = [
    ...table.fields
      .filter(isTyped)
      .map(
        ({ column }) => `(${column} is not null or raw_${column} is null or raw_${column} = '')`,
      ),
    ...table.fields
      .filter((field) => field.values !== undefined)
      .map(
        ({ column, values = [] }) =>
          `(${column} is null or ${column} in (${values.map(text).join(', ')}))`,
      ),
    ...shapesOf(table).map(({ column, types }) => {
      const allowed = types.filter((type) => !['ARRAY', 'OBJECT'].includes(type))
      const isObject = types.includes('OBJECT') && !types.includes('ARRAY')
      const all = isObject ? [...allowed, 'OBJECT'] : ['NULL']
      return `(${column} is null or json_type(${column}) in (${all.map(text).join(', ')}))`
    }),
    ...closedObjects(table).map(
      ([root, known]) =>
        `(${name(`object ${root}`)} is null or len(list_filter(json_keys(${name(`object ${root}`)}), k -> k not in (${known.map(text).join(', ')}))) = 0)`,
    ),
  ]
  return conditions.join('\n    and ') || 'true'
}
