/**
 * Every kind of schema change that a file of `sql/schema/` or `sql/marts/` may make, on tables that hold rows
 * (facts/reliability-security.md 7.5). None changes the rows that were there.
 */
export const schemaChanges: readonly { readonly name: string; readonly sql: string }[] = [
  { name: 'create table', sql: 'create table ops.fresh (a varchar not null, b decimal(38, 9))' },
  {
    name: 'create table as',
    sql: 'create table ops.fresh as select connection_id, count(*) as rows from fdx.deposit_transactions group by all',
  },
  { name: 'add column', sql: 'alter table fdx.customers add column fresh varchar' },
  {
    name: 'add column with a literal default',
    sql: `alter table fdx.customers add column fresh varchar default 'none'`,
  },
  {
    name: 'widen a column',
    sql: 'alter table fdx.transaction_line_items alter column ordinal set data type bigint',
  },
  { name: 'rename a column', sql: 'alter table fdx.customers rename column extra to extra_before' },
  { name: 'drop a column', sql: 'alter table fdx.customers drop column extra' },
  { name: 'create schema', sql: 'create schema fresh' },
  { name: 'create view', sql: 'create or replace view mart.fresh as select * from fdx.customers' },
  { name: 'drop view', sql: 'drop view mart.freshness' },
  { name: 'create macro', sql: 'create or replace macro fdx.fresh(a) as a + 1' },
  {
    name: 'comment',
    sql: `comment on column fdx.customers.extra is 'What is left.'; comment on table fdx.customers is 'People.'`,
  },
]
