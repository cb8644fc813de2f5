/** Outcomes that are told here because they are not PostgreSQL's own, by `client/row/check`. */
export const expected: Readonly<Record<string, string | RegExp>> = {
  ...Object.fromEntries(
    [
      "insert into mart.accounts (account_id) values ('x')",
      "update mart.accounts set name = 'x'",
      'delete from fdx.deposit_accounts',
      'create table fdx.x (a int)',
      'create temp table x (a int)',
      'drop table fdx.deposit_accounts',
      'truncate fdx.deposit_accounts',
      'create schema y',
      'alter table fdx.deposit_accounts add column z int',
      'create index on fdx.deposit_accounts (account_id)',
      'select 1 into x',
      'create table x as select 1',
    ].map((sql) => [`pgjdbc/writes/${sql}`, '25006 then 1']),
  ),
  // Its parameter has ten digits after the point.
  'pgjdbc/values/BigDecimal': /^24691357802469135780\.50*$/,
  'psycopg2/python/write': '25006',
  'crowd/publishing/60 publishes, 5 clients': '60 published, several seen, 0 torn, errors: none',
  'crowd/publishing/old files are released': /^[123] generations$/,
  'crowd/hundred/100 clients at once': '100 right answers, one more: 53300',
  'crowd/killed/the SQL process dies in a query': 'Connection terminated unexpectedly; again: 1',
  'node-postgres/queries/TLS with a trusted certificate': '1',
}
