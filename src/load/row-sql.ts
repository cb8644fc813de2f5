import type { Field, Table } from './fields/field.ts'
import { keyColumns } from './fields/field.ts'
import { securityCategories } from './fields/holdings.ts'
import { qualifiedName } from './fields/tables.ts'
import { added } from './layout.ts'
import {
  isChild,
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

/** A table, and what of it the records of one batch have: columns that no record has cost as much as any. */
export interface Present {
  readonly full: Table
  /** The table with the fields and lists that are there. */
  readonly table: Table
  /** Names of the members of all records. */
  readonly names: ReadonlySet<string>
}

export function presentIn(full: Table, names: ReadonlySet<string>): Present {
  // A security may stand under any of these names, and is read from more than one of them.
  const securities = ['security', ...Object.keys(securityCategories)]
  const hasSecurity = securities.some((root) => names.has(root))
  const isPresent = (path: string) =>
    names.has(rootOf(path)) || (hasSecurity && securities.includes(rootOf(path)))
  const table: Table = {
    ...full,
    fields: full.fields.filter((field) => sources(field).some(isPresent)),
    children: full.children.filter((child) => listNames(child).some(isPresent)),
  }
  return { full, table, names }
}

/** The object a path goes into; a security may stand in `security` and say its kind there (6.0). */
function object(root: string): string {
  const category = securityCategories[root]
  return category === undefined
    ? `j.${name(root)}`
    : `coalesce(j.${name(root)}, case when j.security->>'$.securityCategory' = ${text(category)} then j.security end)`
}

/** The structure of a transaction has the members that are there; that of a record, all that it can have. */
const isRead = ({ full, names }: Present, path: string) =>
  !isMovement(full) || names.has(rootOf(path))

function raw(field: Field, present: Present): string {
  const twins = twinRoots(present.full)
  const get = field.type === 'json' ? '->' : '->>'
  const one = (path: string) => {
    const root = rootOf(path)
    if (twins.has(root)) return `doc${get}${text(`$.${path}`)}`
    if (!isDeep(path)) return `j.${name(root)}`
    return `${object(root)}${get}${text(`$${path.slice(root.length)}`)}`
  }
  const values = sources(field)
    .filter((path) => isRead(present, path))
    .map(one)
  if (field.bare) {
    const root = `j.${name(rootOf(field.name))}`
    values.push(`case json_type(${root}) when 'VARCHAR' then ${root}->>'$' end`)
  }
  return values.length === 1 ? (values[0] ?? '') : `coalesce(${values.join(', ')})`
}

const provenance = ['first_seen_at', 'last_seen_at', 'run_id', 'page_id', 'pull_id', 'content_hash']
const carried = {
  movement: ['provider', 'connection_id', 'account_id', 'transaction_id', 'ordinal', ...provenance],
  record: ['provider', 'connection_id', ...Object.keys(keyColumns), ...provenance],
}

/** What a staged record carries, but for columns that the table fills from the payload. */
export const carriedBy = (table: Table) =>
  carried[isMovement(table) ? 'movement' : 'record'].filter(
    (column) => !table.fields.some((field) => field.column === column),
  )

/** What stands in a list of records may be something else. */
export const isRecord = `json_type(doc) = 'OBJECT'`

/** Everything staged for a table; `stands` says what becomes a row. */
const staged = (table: Table) =>
  isMovement(table)
    ? `(
    select i.*, coalesce(f.stands, true) as stands, coalesce(f.ordinal, 1)::integer as ordinal,
      coalesce(f.first_seen_at, i.fetched_at) as first_seen_at, i.fetched_at as last_seen_at
    from transaction_item as i left join fate as f on f.item = i.item
    where i.table_name = ${text(qualifiedName(table))}
  )`
    : `(
    select *${isChild(table) ? ` replace (stands and ${isRecord} as stands)` : ''}
    from accepted where table_name = ${text(qualifiedName(table))}
  )`

export const lines = (all: readonly string[], between: string) =>
  all.map((line) => `    ${line}`).join(between)

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

/** Members of a record that nothing is known of. */
interface Unknown {
  /** Those that keep the row from being whole, as a list of {name, value}; and whether there are any. */
  readonly list: string
  readonly isAny: string
  /** Those that a whole row may have, as one object: its `extra`. */
  readonly extra: string
}

export function unknownOf({ full, names }: Present): Unknown {
  const known = new Set(knownRoots(full))
  if (!isMovement(full)) {
    const keys = `list_filter(json_keys(doc), k -> ${known.size === 0 ? 'true' : `k not in (${[...known].map(text).join(', ')})`})`
    return {
      list: `list_transform(${keys}, k -> {'name': k, 'value': json_extract(doc, pointer(k))::varchar})`,
      isAny: `len(${keys}) > 0`,
      extra: 'null::json',
    }
  }
  // Members that other tables of transactions know.
  const foreign = [...names].filter((one) => !known.has(one) && !one.startsWith('@'))
  const values = foreign.map((one) => `j.${name(one)}`)
  const more = names.has(added.more) ? `j.${name(added.more)}` : 'null::json'
  const entries = foreign.map(
    (one, nth) =>
      `case when ${values[nth]} is not null then {'name': ${text(one)}, 'value': to_json(${values[nth]})::varchar} end`,
  )
  return {
    list: `list_filter([${entries.join(', ')}]::struct(name varchar, value varchar)[], e -> e is not null)`,
    isAny: values.map((one) => `${one} is not null`).join(' or ') || 'false',
    extra: more,
  }
}

/**
 * `with` clauses up to `judged`: every column of the table, the raw text of those that are typed, the lists and
 * objects inside the record, and whether the row is whole.
 */
export function castRows(present: Present): string {
  const { full, table } = present
  const typed = table.fields.filter(isTyped)
  const untyped = table.fields.filter((field) => !isTyped(field))
  const rawColumns = [
    ...untyped.map((field) => `as_${field.type}(${raw(field, present)}) as ${field.column}`),
    ...typed.map((field) => `${raw(field, present)} as raw_${field.column}`),
    ...[...objectsOf(table).keys()].map((root) => `j.${name(root)} as ${name(`object ${root}`)}`),
    ...table.children.map(
      (child) =>
        `coalesce(${listNames(child)
          .filter((list) => isRead(present, list))
          .map((list) => `j.${name(list)}`)
          .join(', ')}, null) as ${name(`list ${child.name}`)}`,
    ),
    `${unknownOf(present).isAny} as has_unknown`,
    `${unknownOf(present).extra} as more`,
  ]
  const casts = typed.map((field) => `as_${field.type}(raw_${field.column}) as ${field.column}`)
  // json_transform refuses a structure without members. A transaction is read as a structure already.
  const shape = structure(table)
  const transformed =
    isMovement(table) || shape === '{}' ? '' : `, json_transform(doc, '${shape}') as j`
  return `with record as (
  select *${transformed}
  from ${staged(table)}
), read as (
  select
    ${carriedBy(full).join(', ')}, stands, ${isMovement(table) ? 'j' : 'doc'},
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
    'not has_unknown',
    ...(isChild(table) ? [isRecord] : []),
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
  return conditions.join('\n    and ')
}
