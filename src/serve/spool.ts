import type { DuckDBConnection } from '@duckdb/node-api'

/**
 * DuckDB 1.5 waits for ever, deaf to interrupts, when it streams a UNION whose branches join and whose rows fill the buffer
 * (duckdb/duckdb issue 22215). The marts are such unions. An answer that may be one goes through a temporary table first:
 * in order, within the memory limit, spilling to disk. All of it can go with a DuckDB that has that mended.
 */
const spoolTable = 'temp.main.fdx_spool'

/** Finds, in a statement's text, what may be a UNION: the word, or a view or macro that has one inside. */
export async function unionPattern(connection: DuckDBConnection): Promise<RegExp> {
  const found = await connection.runAndReadAll(
    `select view_name, sql from duckdb_views() where not internal
     union all
     select function_name, macro_definition from duckdb_functions() where not internal and macro_definition is not null`,
  )
  const definitions = found.getRows().map(([name, sql]) => ({ name: `${name}`, sql: `${sql}` }))
  const names = new Set(['union'])
  for (;;) {
    const pattern = wordsPattern(names)
    const more = definitions.filter(({ name, sql }) => !names.has(name) && pattern.test(sql))
    if (more.length === 0) return pattern
    for (const { name } of more) names.add(name)
  }
}

const wordsPattern = (names: ReadonlySet<string>) =>
  new RegExp(`\\b(${[...names].map((name) => name.replace(/\W/g, '\\$&')).join('|')})\\b`, 'i')

/** Fills the spool with the answer to a SELECT of so many columns; parameters of `sql` stay parameters. */
export function fillSpool(sql: string, columns: number): string {
  const names = Array.from({ length: columns }, (_, at) => `c${at}`).join()
  const query = sql.trim().replace(/;$/, '')
  return `create or replace temp table ${spoolTable} as from (\n${query}\n) as answer(${names})`
}

/**
 * Reads it, in the order it was filled.
 * @param untyped whether a column, by its position, is a bare NULL; a table would make an INTEGER of it
 */
export function readSpool(untyped: readonly boolean[]): string {
  return `select ${untyped.map((bare, at) => (bare ? 'null' : `c${at}`)).join()} from ${spoolTable}`
}

export const emptySpool = `drop table if exists ${spoolTable}`
