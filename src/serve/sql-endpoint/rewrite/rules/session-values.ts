import { closing, isSymbol, isWord, replace } from '../operands.ts'
import type { Rule } from '../rule.ts'
import { selectItem } from '../select-list.ts'
import type { RewriteSession, SessionStatement } from '../session.ts'
import { literal, nameOf, stringOf, type Token } from '../tokens.ts'

/** Words that PostgreSQL reads as calls without brackets: documentation, 9.26.1. */
const words: Readonly<Record<string, (session: RewriteSession) => string>> = {
  current_user: ({ user }) => literal(user),
  session_user: ({ user }) => literal(user),
  current_role: ({ user }) => literal(user),
  current_catalog: ({ database }) => literal(database),
  current_schema: () => 'current_schema()',
}

const calls: Readonly<Record<string, (session: RewriteSession) => string>> = {
  pg_backend_pid: ({ backendPid }) => String(backendPid),
  current_database: ({ database }) => literal(database),
  inet_client_addr: ({ clientAddress }) => optional(clientAddress),
  inet_client_port: ({ clientPort }) => (clientPort === undefined ? 'null' : String(clientPort)),
}
const optional = (value: string | undefined) => (value === undefined ? 'null' : literal(value))

/** Who the session is. */
export const identity: Rule = {
  about: 'the session’s user, database and process',
  needs:
    /\b(current_(user|role|catalog|schema|database)|session_user|user|pg_backend_pid|inet_client_)/i,
  apply(tokens, { session }) {
    for (let at = 0; at < tokens.length; at++) {
      if (tokens[at]?.kind !== 'name' || isSymbol(tokens[at - 1], '.')) continue
      const name = nameOf(tokens[at])
      const isCall = isSymbol(tokens[at + 1], '(')
      const fold = isCall
        ? calls[name]
        : (words[name] ?? (isUser(tokens, at) ? words['current_user'] : undefined))
      if (!fold || isSymbol(tokens[at + 1], '.') || isWord(tokens[at - 1], 'as')) continue
      const last = isCall ? closing(tokens, at + 1) : at
      put(tokens, at, last, fold(session), name)
    }
  },
}

/** The word USER alone, where a column of that name cannot be. */
const isUser = (tokens: readonly Token[], at: number) =>
  isWord(tokens[at], 'user') && (isWord(tokens[at - 1], 'select') || isSymbol(tokens[at - 1], '='))

/** Puts a value in the place of a call, under the call's name where it is a column of the result. */
function put(tokens: Token[], first: number, last: number, value: string, name: string): void {
  replace(
    tokens,
    first,
    last,
    selectItem(tokens, first, last) === '' ? `${value} as ${name}` : value,
  )
}

/** `current_setting('x')` and `set_config('x', 'y', false)`. */
export const settings: Rule = {
  about: 'settings of the session in queries',
  needs: /current_setting|set_config/i,
  apply(tokens, { session }) {
    for (let at = 0; at < tokens.length; at++) {
      const call = nameOf(tokens[at])
      if (!/^(current_setting|set_config)$/.test(call) || !isSymbol(tokens[at + 1], '(')) continue
      const close = closing(tokens, at + 1)
      const name = stringOf(tokens[at + 2])?.toLowerCase()
      if (name === undefined) continue
      if (call === 'current_setting') {
        const value = session.setting(name)
        const missingOk = isWord(tokens[close - 1], 'true')
        if (value !== undefined || missingOk) put(tokens, at, close, optional(value), call)
        continue
      }
      const value = stringOf(tokens[at + 4])
      if (value === undefined) continue
      session.setConfig?.(name, value, isWord(tokens[close - 1], 'true'))
      put(tokens, at, close, literal(value), call)
    }
  },
}

const lists: Readonly<Record<string, (session: RewriteSession) => string>> = {
  pg_cursors: (session) =>
    rowsOf(
      session.cursors?.() ?? [],
      'creation_time',
      ', true as is_holdable, false as is_binary, false as is_scrollable',
    ),
  pg_prepared_statements: (session) =>
    rowsOf(
      session.preparedStatements?.() ?? [],
      'prepare_time',
      ', []::varchar[] as parameter_types, true as from_sql',
    ),
}

function rowsOf(statements: readonly SessionStatement[], time: string, more: string): string {
  const rows = statements.map(({ name, statement }) => `(${literal(name)}, ${literal(statement)})`)
  const values = rows.length === 0 ? "('', '')" : rows.join(', ')
  return `(select name, statement, now() as ${time}${more} from (values ${values}) as listed(name, statement) where ${rows.length} > 0)`
}

/** What the session itself has open. */
export const sessionRelations: Rule = {
  about: 'cursors and prepared statements of the session',
  needs: /pg_cursors|pg_prepared_statements/i,
  apply(tokens, { session }) {
    for (let at = 0; at < tokens.length; at++) {
      const list = lists[nameOf(tokens[at])]
      if (!list || isSymbol(tokens[at + 1], '.')) continue
      let first = at
      while (first > 1 && isSymbol(tokens[first - 1], '.')) first -= 2
      if (!/^(from|join|,)$/i.test(tokens[first - 1]?.text ?? '')) continue
      const next = tokens[at + 1]
      const hasAlias =
        next?.kind === 'quoted' ||
        isWord(next, 'as') ||
        (next?.kind === 'name' && !/^(where|order|limit|join|left|on)$/i.test(next.text))
      at =
        first +
        replace(tokens, first, at, `${list(session)}${hasAlias ? '' : ` as ${nameOf(tokens[at])}`}`)
    }
  },
}
