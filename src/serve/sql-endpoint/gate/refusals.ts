import { PgError } from '../pg-error.ts'
import { type Node, text } from './tree.ts'

/** DuckDB's byte position, from 0; void where it says it has none. */
const positionOf = (value: Node) => {
  const at = value['query_location']
  return typeof at === 'number' && at < 1e9 ? { position: at + 1 } : {}
}

export function missing(value: Node): PgError {
  const name = [text(value['schema_name']), text(value['table_name'])]
    .filter((part) => part !== '')
    .join('.')
  return new PgError('42P01', `relation "${name}" does not exist`, positionOf(value))
}

export function refusedFunction(name: string, value: Node): PgError {
  if (/^[a-z_][a-z0-9_]*$/.test(name) && !knownToEngine.test(name))
    return new PgError('42883', `function ${name} does not exist`, positionOf(value))
  return new PgError('42501', `permission denied for function ${name}`, positionOf(value))
}

/** Functions that exist and are refused on purpose say so; a name that nobody knows does not exist. */
const knownToEngine =
  /^(read_|duckdb_|pragma_|parquet_|enable_|disable_|json_(de|execute_)?serial|icu_|arrow_|test_|__internal|variant_)|^(checkpoint|force_checkpoint|glob|sniff_csv|query|query_table|getenv|getvariable|write_log|sleep_ms|pg_sleep|nextval|currval|which_secret|summary|seq_scan|repeat_row|sql_auto_complete|truncate_duckdb_logs|current_setting|set_config|current_query|in_search_path|error|setseed)$/

export const unknown = (what: string) =>
  new PgError(
    '0A000',
    `this kind of statement is not supported (${what.toLowerCase().replaceAll('_', ' ')})`,
  )

export function refusedByParser(tree: Node): PgError {
  const message = text(tree['error_message']) || 'syntax error'
  const at = Number(text(tree['position']))
  const position = text(tree['position']) === '' ? {} : { position: at + 1 }
  if (/Only SELECT statements/.test(message))
    return new PgError('25006', 'cannot execute this statement in a read-only transaction', {
      hint: 'This server answers queries only: SELECT, WITH, VALUES, TABLE, EXPLAIN, SHOW.',
    })
  if (/A CTE needs a SELECT/.test(message))
    return new PgError('25006', 'cannot execute a data-modifying WITH in a read-only transaction')
  if (/locking clause/.test(message))
    return new PgError('25006', 'cannot execute SELECT FOR UPDATE in a read-only transaction')
  if (/SELECT INTO/.test(message))
    return new PgError('25006', 'cannot execute SELECT INTO in a read-only transaction')
  return new PgError('42601', message.split('\n')[0] ?? message, position)
}
