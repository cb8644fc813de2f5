import { PgError, type SqlState } from '../pg-error.ts'
import { keyword, type Statement, splitStatements, type Word } from '../sql-text.ts'
import { copyOf } from './copy.ts'
import { cursorCommand } from './cursors.ts'
import { preparedCommand } from './prepared-commands.ts'
import { settingCommand } from './setting-commands.ts'
import type { Local, Work } from './state.ts'
import { transactionCommand } from './transactions.ts'

/** Statements that DuckDB answers, after the gate. */
const queries = new Set([
  'select',
  'with',
  'values',
  'table',
  'from',
  '(',
  'describe',
  'desc',
  'summarize',
  'pivot',
  'unpivot',
])

/** Statements that change something, in PostgreSQL's words for a read-only transaction. */
const writes = new Set([
  'insert',
  'update',
  'delete',
  'merge',
  'truncate',
  'create',
  'alter',
  'drop',
  'comment',
  'grant',
  'revoke',
  'reindex',
  'refresh',
  'import',
  'security',
  'reassign',
  'upsert',
])

/** Statements of DuckDB and PostgreSQL that reach beyond queries. */
const forbidden = new Set([
  'attach',
  'detach',
  'install',
  'load',
  'pragma',
  'call',
  'export',
  'use',
  'checkpoint',
  'force',
  'do',
  'vacuum',
  'analyze',
  'analyse',
  'cluster',
  'notify',
  'update_extensions',
])

/** The session's own statements, by first word. */
const locals: readonly ((words: readonly Word[], sql: string) => Local | undefined)[] = [
  transactionCommand,
  settingCommand,
  cursorCommand,
  preparedCommand,
]

/** What a statement does. @throws PgError for one that this server refuses whatever is in it. */
export function workOf({ sql, words }: Statement): Work {
  const first = keyword(words[0]) || (words[0]?.text ?? '')
  if (queries.has(first)) return { kind: 'query', sql, words }
  if (first === 'explain') return explained(sql, words)
  if (first === 'copy') return { kind: 'copy', copy: copyOf(sql, words) }
  for (const read of locals) {
    const local = read(words, sql)
    if (local !== undefined) return { kind: 'local', local }
  }
  if (writes.has(first)) {
    const object = ['create', 'alter', 'drop'].includes(first)
      ? ` ${keyword(words[1]).toUpperCase()}`
      : ''
    throw refused(
      '25006',
      `cannot execute ${first.toUpperCase()}${object} in a read-only transaction`,
    )
  }
  if (forbidden.has(first))
    throw refused('42501', `permission denied: ${first.toUpperCase()} is not allowed`)
  throw new PgError('42601', `syntax error at or near "${words[0]?.text.slice(0, 60) ?? ''}"`, {
    position: 1,
  })
}

const refused = (state: SqlState, message: string) =>
  new PgError(state, message, {
    hint: 'This server answers queries only: SELECT, WITH, VALUES, TABLE, EXPLAIN, SHOW.',
  })

/** EXPLAIN [ANALYZE] [VERBOSE] [(options)] query: PostgreSQL's forms, in DuckDB's. */
function explained(sql: string, words: readonly Word[]): Work {
  let at = 1
  let analyze = false
  let json = false
  if (words[at]?.text === '(') {
    const close = words.findIndex(({ text }, index) => index > at && text === ')')
    const options = words.slice(at + 1, close < 0 ? undefined : close)
    options.forEach((word, index) => {
      const next = keyword(options[index + 1])
      if (['analyze', 'analyse'].includes(keyword(word)))
        analyze = !['false', 'off'].includes(next) && options[index + 1]?.text !== '0'
      if (keyword(word) === 'format') json = next === 'json'
    })
    // A parenthesis may also open the query itself.
    if (
      options.length > 0 &&
      /^(analy[sz]e|format|verbose|costs|settings|buffers|wal|timing|summary|generic_plan)$/.test(
        keyword(options[0]),
      )
    )
      at = close + 1
  }
  for (; ['analyze', 'analyse', 'verbose'].includes(keyword(words[at])); at++)
    if (keyword(words[at]) !== 'verbose') analyze = true
  const start = words[at]
  const rest = start === undefined ? [] : splitStatements(sql.slice(start.start))
  const [inner] = rest
  if (inner === undefined)
    throw new PgError('42601', 'syntax error at end of input', { position: sql.length + 1 })
  const work = workOf(inner)
  if (work.kind !== 'query' || work.explain) throw refused('25006', 'EXPLAIN is for queries only')
  return {
    ...work,
    explain: {
      prefix: `EXPLAIN ${analyze ? 'ANALYZE ' : ''}${json ? '(FORMAT JSON) ' : ''}`.trim(),
    },
  }
}
