import type { Child, KeyColumn, Table } from './fields/field.ts'
import { keyColumns, rejectReasons } from './fields/field.ts'
import { qualifiedName } from './fields/tables.ts'
import { added } from './layout.ts'
import {
  isChild,
  isMovement,
  isTyped,
  name,
  provenanceOf,
  recordId,
  text,
  textList,
} from './record-shape.ts'
import {
  carriedBy,
  castRows,
  closedObjects,
  isRecord,
  lines,
  type Present,
  presentIn,
  shapesOf,
  unknownOf,
} from './row-sql.ts'

/** How a table is brought up to date from the staged records, in this order. */
export interface FillTable {
  /** What a newer reading replaced goes. */
  readonly forget: string
  /** Rows that are whole, straight into the table. */
  readonly wholeRows: string
  /** Rows with lists inside, values that can't be read, or members and words nobody knows. */
  readonly otherRows: string
}

/**
 * The statements are written anew for each batch: a column whose member no record has costs as much as one
 * that is there.
 * @param names of the members that the records have.
 */
export function fillTable(full: Table, names: ReadonlySet<string>): FillTable {
  const present = presentIn(full, names)
  const { table } = present
  return {
    forget: isChild(full) ? '' : forget(full),
    wholeRows: wholeRows(present),
    otherRows: [
      typedRows(present),
      `insert into ${qualifiedName(table)} by name
select * exclude (${[...leftOut(full), 'stands', 'wrong', 'strange', ...table.children.map((child) => name(`list ${child.name}`))].join(', ')})
from typed
where stands;`,
      ...table.children.map((child) => childRows(table, child)),
      rejects(table),
      drift(table),
    ].join('\n\n'),
  }
}

/** Columns of the staged record that the table does not have. */
function leftOut(table: Table): string[] {
  const has: readonly string[] = ['provider', 'connection_id', ...table.key, ...provenanceOf(table)]
  return carriedBy(table).filter((column) => !has.includes(column))
}

function wholeRows(present: Present): string {
  const { full, table } = present
  const columns = ['provider', 'connection_id', ...full.key, ...table.fields.map((f) => f.column)]
  return `insert into ${qualifiedName(full)} by name
${castRows(present)}
select ${[...new Set(columns)].join(', ')}, more as extra, ${provenanceOf(full).join(', ')}
from judged
where whole and stands;`
}

function typedRows(present: Present): string {
  const { full, table } = present
  const typed = table.fields.filter(isTyped)
  const wrong = [
    ...(isChild(full)
      ? [
          {
            when: `not (${isRecord})`,
            field: full.name,
            reason: 'ITEM_INVALID',
            value: 'doc::varchar',
          },
        ]
      : []),
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
  const strange = [
    `case when has_unknown then ${unknownOf(present).list} else [] end`,
    ...closedObjects(table).map(
      ([root, known]) =>
        `coalesce(unknown_members(${name(`object ${root}`)}, ${textList(known)}, ${text(`${root}.`)}), [])`,
    ),
  ]
  const wrongs = wrong.map(
    (one) =>
      `case when ${one.when} then {'name': ${text(one.field)}, 'reason': ${text(one.reason)}, 'value': ${one.value}} end`,
  )
  return `create or replace temp table typed as
${castRows(present)}, told as (
  select
    *,
    list_filter([
${lines(wrongs, ',\n')}
    ]::struct(name varchar, reason varchar, value varchar)[], e -> e is not null) as wrong,
    ${strange.join('\n      || ')} as strange
  from judged
  where whole is distinct from true
)
select
  ${[...carriedBy(full), 'stands', ...table.fields.map((field) => field.column)].join(', ')},
  case when len(wrong) > 0 or len(strange) > 0 or more is not null
    then as_object(coalesce(unknown_members(more, []::varchar[], ''), []) || strange || list_transform(wrong, e -> {'name': e.name, 'value': to_json(e.value)::varchar})) end as extra,
  wrong, strange${table.children.map((child) => `, ${name(`list ${child.name}`)}`).join('')}
from told;`
}

function childRows(table: Table, child: Child): string {
  const isOfTransaction = isMovement(table)
  const column: Record<KeyColumn, string> = {
    account_id: 'account_id',
    customer_id: isOfTransaction ? 'null' : 'customer_id',
    login_id: 'null',
    statement_id: 'null',
    network_id: 'null',
    transaction_id: isOfTransaction ? 'transaction_id' : 'null',
    transaction_ordinal: isOfTransaction ? 'ordinal' : 'null',
    list: child.list === undefined ? 'null' : text(child.list),
    parent_ordinal: isChild(table) ? 'ordinal' : '0',
    ordinal: 'generate_subscripts(members, 1)',
  }
  const list = name(`list ${child.name}`)
  const doc =
    child.bare === undefined
      ? 'unnest(members)'
      : `unnest(list_transform(members, m -> case json_type(m) when 'VARCHAR' then json_object(${text(child.bare)}, m) else m end))`
  const members =
    child.bare === undefined
      ? `as_list(${list})`
      : `case json_type(${list}) when 'VARCHAR' then [${list}::json] else as_list(${list}) end`
  const keys = Object.entries(column).map(([key, value]) =>
    key === value ? key : `${value} as ${key}`,
  )
  return `insert into accepted by name
select ${text(`${table.schema}.${child.table}`)} as table_name, provider, connection_id, ${keys.join(', ')},
  last_seen_at, run_id, page_id, stands, ${doc} as doc
from (select *, ${members} as members from typed where ${list} is not null);`
}

/** Of every record that was read, also of one that another has replaced: then no order of pages matters. */
function rejects(table: Table): string {
  // The ordinal of a transaction is known only of those that stand.
  const key = isMovement(table)
    ? ['account_id', 'transaction_id']
    : Object.keys(keyColumns).filter((column) => column !== 'transaction_ordinal')
  return `insert into rejected
select provider, connection_id, page_id, ${text(qualifiedName(table))}, concat_ws('/', ${key.join(', ')}), e.name, e.reason, left(e.value, 200), last_seen_at
from (select *, unnest(wrong) as e from typed);`
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

/** Counts members of transactions that nobody knows. */
export const unknownMembers = `insert into drifted
select provider, table_name, left(name, 200), null, min(fetched_at), max(fetched_at), count(*)
from (
  select provider, table_name, fetched_at, unnest(json_keys(j.${name(added.more)})) as name
  from transaction_item
  where j.${name(added.more)} is not null
)
group by all;`

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
