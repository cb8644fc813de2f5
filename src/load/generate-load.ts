import type { Child, Field, KeyColumn, Table } from './fields/field.ts'
import { keyColumns, rejectReasons } from './fields/field.ts'
import { securityCategories } from './fields/holdings.ts'
import { qualifiedName } from './fields/tables.ts'
import {
  isChild,
  isDeep,
  isMovement,
  isTyped,
  knownRoots,
  listNames,
  name,
  objectsOf,
  provenanceOf,
  rootOf,
  sources,
  structure,
  text,
  textList,
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
const carriedBy = (table: Table) =>
  carried.filter((column) => !table.fields.some((field) => field.column === column))

/** Columns of the staged record that the table does not have. */
function leftOut(table: Table): string[] {
  const has: readonly string[] = [...table.key, ...provenanceOf(table)]
  return carriedBy(table)
    .slice(2)
    .filter((column) => !has.includes(column))
}

/** New transactions with what was sent of them. */
const added = (table: Table) => `(
    select a.*, null as transaction_ordinal, null as customer_id, null as login_id, null as list, null as parent_ordinal, i.doc
    from added as a join transaction_item as i on i.rowid = a.item
    where a.table_name = ${text(qualifiedName(table))}
  )`

function typedRows(table: Table): string {
  const twins = twinRoots(table)
  const objects = objectsOf(table)
  const typed = table.fields.filter(isTyped)
  const untyped = table.fields.filter((field) => !isTyped(field))
  const rawColumns = [
    ...untyped.map((field) => `as_${field.type}(${raw(field, twins)}) as ${field.column}`),
    ...typed.map((field) => `${raw(field, twins)} as raw_${field.column}`),
    ...[...objects.keys()].map((root) => `j.${name(root)} as ${name(`object ${root}`)}`),
    ...table.children.map(
      (child) =>
        `coalesce(${listNames(child)
          .map((list) => `j.${name(list)}`)
          .join(', ')}, null) as ${name(`list ${child.name}`)}`,
    ),
    `list_filter(json_keys(doc), k -> k not in (${knownRoots(table).map(text).join(', ')})) as unknown`,
  ]
  const bare = new Set(
    table.fields.filter((field) => field.bare).map((field) => rootOf(field.name)),
  )
  const shapes = [
    ...[...objects.keys()].map((root) => ({
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
  const wrong = [
    ...typed.map((field) => ({
      when: `raw_${field.column} <> '' and ${field.column} is null`,
      field: field.name,
      reason: rejectReasons[field.type] ?? '',
      value: `raw_${field.column}`,
    })),
    ...shapes.map((shape) => ({
      when: `json_type(${shape.column}) not in (${shape.types.map(text).join(', ')})`,
      field: shape.root,
      reason: shape.reason,
      value: `${shape.column}::varchar`,
    })),
  ]
  const nested = [...objects].filter(([root]) => root !== 'security')
  const list = (lines: string[], between: string) =>
    lines.map((line) => `    ${line}`).join(between)
  return `create or replace temp table typed as
with record as (
  select *, json_transform(doc, '${structure(table)}') as j
  from ${isMovement(table) ? added(table) : `accepted\n  where table_name = ${text(qualifiedName(table))}`}
), read as (
  select
    ${carriedBy(table).join(', ')}, doc,
${list(rawColumns, ',\n')}
  from record
), cast_ as (
  select
    *,
${list([...typed.map((field) => `as_${field.type}(raw_${field.column}) as ${field.column}`), 'true as is_read'], ',\n')}
  from read
), judged as (
  select
    *,
    case when
${
  list(
    wrong.map((one) => `(${one.when})`),
    ' or\n',
  ) || '    false'
}
    then list_filter([
${
  list(
    wrong.map(
      (one) =>
        `case when ${one.when} then {'name': ${text(one.field)}, 'reason': ${text(one.reason)}, 'value': ${one.value}} end`,
    ),
    ',\n',
  ) || '    null::struct(name varchar, reason varchar, value varchar)'
}
    ], e -> e is not null) end as wrong,
    case when len(unknown) > 0${nested
      .map(
        ([root, known]) => `
      or (json_type(${name(`object ${root}`)}) = 'OBJECT' and not list_has_all(${textList(known)}, json_keys(${name(`object ${root}`)})))`,
      )
      .join('')}
    then list_transform(unknown, k -> {'name': k, 'value': json_extract(doc, pointer(k))::varchar})${nested
      .map(
        ([root, known]) => `
      || coalesce(unknown_members(${name(`object ${root}`)}, ${textList(known)}, ${text(`${root}.`)}), [])`,
      )
      .join('')} end as strange
  from cast_
)
select
  ${carriedBy(table).join(', ')},
${table.fields.map((field) => `  ${field.column}`).join(',\n')},
  case when wrong is not null or strange is not null
    then as_object(coalesce(strange, []) || list_transform(coalesce(wrong, []), e -> {'name': e.name, 'value': to_json(e.value)::varchar})) end as extra,
  wrong, strange${table.children.map((child) => `, ${name(`list ${child.name}`)}`).join('')}
from judged;`
}

function childRows(table: Table, child: Child): string {
  const isOfTransaction = isMovement(table)
  const column: Record<KeyColumn, string> = {
    account_id: 'account_id',
    customer_id: 'customer_id',
    login_id: 'null',
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
    `select provider, ${text(qualifiedName(table))}, left(e.name, 200), null, last_seen_at from (select *, unnest(strange) as e from typed where strange is not null)`,
    ...closed.map(
      (field) =>
        `select provider, ${text(qualifiedName(table))}, ${text(field.name)}, left(${field.column}, 200), last_seen_at from typed where ${field.column} not in (${(field.values ?? []).map(text).join(', ')})`,
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
  const id = table.key[0] ?? 'account_id'
  return `delete from ${target} as t using replaced as d
where d.table_name = ${text(target)} and t.provider = d.provider and t.connection_id = d.connection_id and t.${id} = d.record_id;
update ${target} as t set first_seen_at = d.first_seen_at
from older as d
where d.table_name = ${text(target)} and t.provider = d.provider and t.connection_id = d.connection_id and t.${id} = d.record_id;`
}

/** The statements that bring one table up to date from the staged records. */
export function loadSql(table: Table): string {
  const put = `insert into ${qualifiedName(table)} by name
select * exclude (${[...leftOut(table), 'wrong', 'strange', ...table.children.map((child) => name(`list ${child.name}`))].join(', ')}) from typed;`
  return `${[
    `-- ${qualifiedName(table)}: generated by src/load/generate.ts from src/load/fields/; do not edit.`,
    ...(isChild(table) ? [] : [forget(table)]),
    typedRows(table),
    put,
    ...table.children.map((child) => childRows(table, child)),
    rejects(table),
    drift(table),
  ].join('\n\n')}\n`
}
