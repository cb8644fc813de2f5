import type { Child, KeyColumn, Table } from './fields/field.ts'
import { keyColumns, rejectReasons } from './fields/field.ts'
import { securityCategories } from './fields/holdings.ts'
import { qualifiedName } from './fields/tables.ts'
import {
  carriedBy,
  castRows,
  closedObjects,
  knownNames,
  lines,
  shapesOf,
  staged,
} from './generate-rows.ts'
import {
  isChild,
  isMovement,
  isTyped,
  listNames,
  name,
  provenanceOf,
  recordId,
  rootOf,
  sources,
  text,
  textList,
} from './record-shape.ts'

/** Columns of the staged record that the table does not have. */
function leftOut(table: Table): string[] {
  const has: readonly string[] = [...table.key, ...provenanceOf(table)]
  return carriedBy(table)
    .slice(2)
    .filter((column) => !has.includes(column))
}

const unknownMembers =
  "list_transform(unknown, k -> {'name': k, 'value': json_extract(doc, pointer(k))::varchar})"

/**
 * Puts rows that are whole straight into the table; members that nothing is known of go to `extra`. Written anew
 * for each slice: a column whose member no record of the slice has costs as much as one that is there.
 * @param present names of the members that the records have.
 */
export function wholeRows(full: Table, present: ReadonlySet<string>): string {
  // A security may stand under any of these names, and is read from more than one of them.
  const securities = ['security', ...Object.keys(securityCategories)]
  const hasSecurity = securities.some((root) => present.has(root))
  const isPresent = (path: string) =>
    present.has(rootOf(path)) || (hasSecurity && securities.includes(rootOf(path)))
  const table: Table = {
    ...full,
    fields: full.fields.filter((field) => sources(field).some(isPresent)),
    children: full.children.filter((child) => listNames(child).some(isPresent)),
  }
  const columns = ['provider', 'connection_id', ...table.key, ...table.fields.map((f) => f.column)]
  return `insert into ${qualifiedName(table)} by name
${castRows(table)}
select
  ${[...new Set(columns)].join(', ')},
  case when len(unknown) > 0 then as_object(${unknownMembers}) end as extra,
  ${provenanceOf(table).join(', ')}
from judged
where whole;`
}

/** Names of the members of accepted records, each set of names once; transactions have theirs by now. */
const shapes = (table: Table) => `insert into shape
select ${text(qualifiedName(table))}, provider, json_keys(doc) as names, first_at, last_at, rows_seen
from (
  select provider, any_value(doc) as doc, min(last_seen_at) as first_at, max(last_seen_at) as last_at, count(*) as rows_seen
  from ${staged(table)}
  group by provider, hash(json_keys(doc))
);`

/** Counts the members that nothing is known of. */
const unknownNames = (table: Table) => `insert into drifted
select provider, table_name, left(unnest(unknown), 200), null, first_at, last_at, rows_seen
from (
  select *, list_filter(names, k -> k not in (${knownNames(table)})) as unknown
  from shape
  where table_name = ${text(qualifiedName(table))}
)
where len(unknown) > 0;`

function otherRows(table: Table): string {
  const typed = table.fields.filter(isTyped)
  const wrong = [
    ...typed.map((field) => ({
      when: `raw_${field.column} <> '' and ${field.column} is null`,
      field: field.name,
      reason: rejectReasons[field.type] ?? '',
      value: `raw_${field.column}`,
    })),
    ...shapesOf(table).map((shape) => ({
      when: `json_type(${shape.column}) not in (${shape.types.map(text).join(', ')})`,
      field: shape.root,
      reason: shape.reason,
      value: `${shape.column}::varchar`,
    })),
  ]
  const nested = closedObjects(table)
  return `create or replace temp table typed as
${castRows(table)}, told as (
  select
    *,
    case when
${
  lines(
    wrong.map((one) => `(${one.when})`),
    ' or\n',
  ) || '    false'
}
    then list_filter([
${
  lines(
    wrong.map(
      (one) =>
        `case when ${one.when} then {'name': ${text(one.field)}, 'reason': ${text(one.reason)}, 'value': ${one.value}} end`,
    ),
    ',\n',
  ) || '    null::struct(name varchar, reason varchar, value varchar)'
}
    ], e -> e is not null) end as wrong,
    ${
      nested
        .map(
          ([root, known]) =>
            `coalesce(unknown_members(${name(`object ${root}`)}, ${textList(known)}, ${text(`${root}.`)}), [])`,
        )
        .join('\n      || ') || '[]::struct(name varchar, value varchar)[]'
    } as strange
  from judged
  where whole is distinct from true
)
select
  ${carriedBy(table).join(', ')},
${table.fields.map((field) => `  ${field.column}`).join(',\n')},
  case when wrong is not null or len(strange) > 0 or len(unknown) > 0
    then as_object(coalesce(${unknownMembers}, []) || strange || list_transform(coalesce(wrong, []), e -> {'name': e.name, 'value': to_json(e.value)::varchar})) end as extra,
  wrong, strange${table.children.map((child) => `, ${name(`list ${child.name}`)}`).join('')}
from told;`
}

function childRows(table: Table, child: Child): string {
  const isOfTransaction = isMovement(table)
  const column: Record<KeyColumn, string> = {
    account_id: 'account_id',
    customer_id: 'customer_id',
    login_id: 'null',
    statement_id: 'null',
    network_id: 'null',
    transaction_id: isOfTransaction ? 'transaction_id' : 'null',
    transaction_ordinal: isOfTransaction ? 'ordinal' : 'null',
    list: child.list === undefined ? 'null' : text(child.list),
    parent_ordinal: isChild(table) ? 'ordinal' : '0',
    ordinal: 'generate_subscripts(members, 1)',
  }
  const doc =
    child.bare === undefined
      ? 'unnest(members)'
      : `unnest(list_transform(members, m -> case json_type(m) when 'VARCHAR' then json_object(${text(child.bare)}, m) else m end))`
  const members =
    child.bare === undefined
      ? `as_list(${name(`list ${child.name}`)})`
      : `case json_type(${name(`list ${child.name}`)}) when 'VARCHAR' then [${name(`list ${child.name}`)}::json] else as_list(${name(`list ${child.name}`)}) end`
  return `insert into accepted by name
select ${text(`${table.schema}.${child.table}`)} as table_name, provider, connection_id, ${Object.entries(
    column,
  )
    .map(([key, value]) => (key === value ? key : `${value} as ${key}`))
    .join(', ')},
  last_seen_at, run_id, page_id, ${doc} as doc
from (select *, ${members} as members from typed where ${name(`list ${child.name}`)} is not null);`
}

function rejects(table: Table): string {
  const key = `concat_ws('/', ${Object.keys(keyColumns).join(', ')})`
  return `insert into rejected
select provider, connection_id, page_id, ${text(qualifiedName(table))}, ${key}, e.name, e.reason, left(e.value, 200), last_seen_at
from (select *, unnest(wrong) as e from typed where wrong is not null);`
}

function drift(table: Table): string {
  const closed = table.fields.filter((field) => field.values !== undefined)
  const selects = [
    `select provider, ${text(qualifiedName(table))}, left(e.name, 200), null, last_seen_at, last_seen_at, 1 from (select *, unnest(strange) as e from typed)`,
    ...closed.map(
      (field) =>
        `select provider, ${text(qualifiedName(table))}, ${text(field.name)}, left(${field.column}, 200), last_seen_at, last_seen_at, 1 from typed where ${field.column} not in (${(field.values ?? []).map(text).join(', ')})`,
    ),
  ]
  return `insert into drifted
${selects.join('\nunion all\n')};`
}

/** Removes what a newer reading replaced. Lists inside a record go with it. */
function forget(table: Table): string {
  const target = qualifiedName(table)
  const same = (columns: readonly string[]) =>
    columns.map((column) => `t.${column} = d.${column}`).join(' and ')
  if (isMovement(table))
    return `delete from ${target} as t using dropped as d
where d.table_name = ${text(target)} and ${same(['provider', 'connection_id', 'account_id', 'transaction_id', 'content_hash'])};
update ${target} as t
set ordinal = d.ordinal, first_seen_at = d.first_seen_at, last_seen_at = d.last_seen_at, run_id = d.run_id, page_id = d.page_id, pull_id = d.pull_id
from touched as d
where d.table_name = ${text(target)} and ${same(['provider', 'connection_id', 'account_id', 'transaction_id', 'content_hash'])};`
  const id = recordId(table, 't')
  return `delete from ${target} as t using replaced as d
where d.table_name = ${text(target)} and t.provider = d.provider and t.connection_id = d.connection_id and ${id} = d.record_id;
update ${target} as t set first_seen_at = d.first_seen_at
from older as d
where d.table_name = ${text(target)} and t.provider = d.provider and t.connection_id = d.connection_id and ${id} = d.record_id;`
}

/** How a table is brought up to date from the staged records, in this order; `wholeRows` comes before `other`. */
export const parts = ['forget', 'members', 'other'] as const
export type Part = (typeof parts)[number]

/**
 * The statements of one part. `forget`: what a newer reading replaced goes. `members`: what the records have and
 * nobody knows. `other`: rows with lists inside, values that can't be read, or words nobody knows.
 */
export function loadSql(table: Table, part: Part): string {
  const put = `insert into ${qualifiedName(table)} by name
select * exclude (${[...leftOut(table), 'wrong', 'strange', ...table.children.map((child) => name(`list ${child.name}`))].join(', ')}) from typed;`
  const statements: Record<Part, readonly string[]> = {
    forget: isChild(table) ? [] : [forget(table)],
    members: [...(isMovement(table) ? [] : [shapes(table)]), unknownNames(table)],
    other: [
      otherRows(table),
      put,
      ...table.children.map((child) => childRows(table, child)),
      rejects(table),
      drift(table),
    ],
  }
  return statements[part].length === 0
    ? ''
    : `${[
        `-- ${qualifiedName(table)}: generated by src/load/generate.ts from src/load/fields/; do not edit.`,
        ...statements[part],
      ].join('\n\n')}\n`
}
