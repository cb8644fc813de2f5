import { tables } from './fields/tables.ts'
import { added, layouts } from './layout.ts'
import type { LoadedEntity } from './loaded.ts'
import { isMovement, name, structure, text } from './record-shape.ts'

/**
 * The statement that reads lists of transactions into `transaction_item`, each as a structure `j` of the
 * members that any of them has: values as text, objects and lists as JSON. DuckDB parses each page once.
 */
export function readTransactions(entity: LoadedEntity, present: ReadonlySet<string>): string {
  const layout = layouts[entity]
  const schema = layout?.schema ?? 'fdx'
  const types = new Map<string, string>([
    ...Object.values(added).map((one) => [one, 'VARCHAR'] as const),
    ...tables
      .filter((table) => isMovement(table) && table.schema === schema)
      .flatMap((table) => Object.entries(JSON.parse(structure(table)) as Record<string, string>)),
    [added.more, 'JSON'],
  ])
  const names = [...present].sort()
  const members = [...new Set([...names, ...read[schema]])].map(
    (one) => `${name(one)} ${types.get(one) ?? 'VARCHAR'}`,
  )
  // What the transaction says, whatever it was wrapped in; a member that is absent adds nothing.
  const said = names
    .filter((one) => one !== added.wrapper && one !== added.invalid)
    .map((one) => `${text(`${one}=`)} || j.${name(one)}::varchar`)
  const isFdx = schema === 'fdx'
  const isListed = layout?.inside === null
  const [owner, id, table] = isFdx
    ? [
        `coalesce(nullif(j."accountId", ''), record_id, account_id)`,
        'j."transactionId"',
        `coalesce(transaction_table_of_wrapper(j.${name(added.wrapper)}), transaction_table_of_category(upper(j."accountCategory")),
    ${isListed ? 'a.table_name' : 'transaction_table_of_account_table(o.account_table)'}, 'fdx.other_transactions')`,
      ]
    : ['record_id', 'j."Id"', `'flinks.transactions'`]
  return `create or replace temp table item as
with opened as (
  select l.n, l.account as nth_account, p.provider, p.connection_id, p.account_id, r.record_id, r.table_name as account_table,
    unnest(l.items) as j, generate_subscripts(l.items, 1) as position
  from read_json(getvariable('transactions_file'), format = 'newline_delimited', maximum_object_size = getvariable('transactions_longest'),
    columns = {n: 'INTEGER', account: 'INTEGER', items: ${text(`STRUCT(${members.join(', ')})[]`)}}) as l
  join page as p on p.n = l.n
  left join record_item as r on r.n = l.n and r.position = l.account and r.family = 'account'
), read as (
  select *, ${fingerprint(said)} as content_hash, ${owner} as owner from opened
), named as (
  select *, coalesce(nullif(${id}, ''), 'content:' || content_hash) as transaction_id from read
)
select ${table} as table_name, n, o.owner as account_id, o.transaction_id, o.content_hash,
  hash(o.provider, o.connection_id, o.owner, o.transaction_id) as key, o.j, o.nth_account, o.position,
  case when j.${name(added.invalid)} is not null then 'ITEM_INVALID' when o.owner is null then 'ID_MISSING' end as problem
from named as o
${isListed ? 'left join table_of_account as a on a.provider = o.provider and a.connection_id = o.connection_id and a.record_id = o.owner' : ''};`
}

/** 72 bits of an MD5 in 12 characters: as many as DuckDB keeps in place. */
const fingerprint = (said: readonly string[]) =>
  `to_base64(unhex(left(md5(concat_ws(chr(0), ${said.join(', ') || "''"})), 18)))`

/** Members that the statement itself reads. */
const read = {
  fdx: [added.wrapper, added.invalid, 'accountId', 'transactionId', 'accountCategory'],
  flinks: [added.invalid, 'Id'],
}
