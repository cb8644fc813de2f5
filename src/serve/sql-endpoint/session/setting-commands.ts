import { DuckDBVarCharType } from '@duckdb/node-api'
import { PgError } from '../pg-error.ts'
import { identifier, keyword, stringValue, type Word } from '../sql-text.ts'
import { columnOf } from '../values/types.ts'
import { close } from './portals.ts'
import type { Local, Session } from './state.ts'

/** SET, RESET, SHOW, DISCARD, and statements that mean nothing here but that drivers send. */
export function settingCommand(words: readonly Word[]): Local | undefined {
  const first = keyword(words[0])
  if (first === 'set') return set(words)
  if (first === 'reset') return reset(words)
  if (first === 'show') return show(words)
  if (first === 'discard') return discard(words)
  if (first === 'listen' || first === 'unlisten') return { run: async () => first.toUpperCase() }
  return undefined
}

export const textColumn = (name: string) => columnOf(name, DuckDBVarCharType.instance)

function set(words: readonly Word[]): Local {
  const local = keyword(words[1]) === 'local'
  let at = ['session', 'local'].includes(keyword(words[1])) ? 2 : 1
  const next = keyword(words[at])
  if (
    next === 'authorization' ||
    (next === 'session' && keyword(words[at + 1]) === 'authorization')
  )
    return setRole(words.at(-1), 'session_authorization')
  if (next === 'role') return setRole(words.at(-1), 'role')
  if (next === 'constraints') return { run: async () => 'SET CONSTRAINTS' }
  let name: string
  let rest: readonly Word[]
  if (next === 'time' && keyword(words[at + 1]) === 'zone') {
    name = 'timezone'
    rest = words.slice(at + 2)
    // SET TIME ZONE INTERVAL '+02:00' HOUR TO MINUTE
    if (keyword(rest[0]) === 'interval') rest = rest.slice(1, 2)
  } else if (next === 'names') {
    name = 'client_encoding'
    rest = words.slice(at + 1)
    if (rest.length === 0) rest = [{ kind: 'word', text: 'default', start: 0, end: 0 }]
  } else {
    const parts = [identifier(words[at])]
    for (at++; words[at]?.text === '.'; at += 2) parts.push(identifier(words[at + 1]))
    if (parts.some((part) => part === undefined)) throw syntax(words[at - 1])
    name = parts.join('.')
    const separator = words[at]
    if (separator?.text !== '=' && keyword(separator) !== 'to') throw syntax(separator)
    rest = words.slice(at + 1)
  }
  if (rest.length === 0) throw syntax(undefined)
  const [only] = rest
  if (rest.length === 1 && keyword(only) === 'default')
    return {
      async run(session) {
        session.settings.reset(name)
        return 'SET'
      },
    }
  const value = textOf(rest)
  return {
    async run(session) {
      if (local && session.status === 'I')
        session.writer.notice(
          'WARNING',
          '25P01',
          'SET LOCAL can only be used in transaction blocks',
        )
      else session.settings.set(name, value, local)
      return 'SET'
    },
  }
}

/** `a, "B", 'c'` as SHOW gives it back; signs belong to their number. */
function textOf(words: readonly Word[]): string {
  const parts: string[] = []
  let open = ''
  for (const word of words) {
    if (word.text === ',') {
      parts.push(open)
      open = ''
    } else if (word.kind === 'string') open += stringValue(word)
    else if (word.kind === 'quoted') open += word.text
    else if (word.kind === 'symbol' && !/^[-+.]$/.test(word.text)) throw syntax(word)
    else open += word.text
  }
  parts.push(open)
  return parts.join(', ')
}

function setRole(word: Word | undefined, setting: string): Local {
  const wanted = word?.kind === 'string' ? stringValue(word) : identifier(word)
  return {
    async run(session) {
      if (wanted === undefined || ['none', 'default', session.user, session.role].includes(wanted))
        return 'SET'
      throw new PgError(
        '42501',
        `permission denied to set ${setting === 'role' ? 'role' : 'session authorization'} "${wanted}"`,
      )
    },
  }
}

function reset(words: readonly Word[]): Local {
  const name = nameOf(words.slice(1))
  return {
    async run(session) {
      if (name === 'all') session.settings.resetAll()
      else if (name !== 'role') {
        if (session.settings.get(name) === undefined) throw unrecognized(name)
        session.settings.reset(name)
      }
      return 'RESET'
    },
  }
}

/** `TIME ZONE`, `TRANSACTION ISOLATION LEVEL`, `"DateStyle"`, `warehouse.generation`. */
const nameOf = (words: readonly Word[]) => {
  const names = words.map((word) => (word.text === '.' ? '.' : identifier(word)))
  if (names.length === 0 || names.includes(undefined)) throw syntax(words[0])
  return names.join(' ').replaceAll(' . ', '.')
}

function show(words: readonly Word[]): Local {
  const name = nameOf(words.slice(1))
  if (name === 'all')
    return {
      columns: () => ['name', 'setting', 'description'].map(textColumn),
      async run(session, sink) {
        const all = session.settings.all()
        sink.rows(all.map(({ name: setting, value, about }) => [setting, value, about]))
        return 'SHOW'
      },
    }
  return {
    columns: (session) => [textColumn(shownName(session, name))],
    async run(session, sink) {
      const value = session.settings.get(name)
      if (value === undefined) throw unrecognized(name)
      sink.rows([[value]])
      return 'SHOW'
    },
  }
}

/** PostgreSQL heads the column with its own spelling. */
function shownName(session: Session, name: string): string {
  const known: Readonly<Record<string, string>> = {
    'time zone': 'TimeZone',
    timezone: 'TimeZone',
    datestyle: 'DateStyle',
    intervalstyle: 'IntervalStyle',
    'transaction isolation level': 'transaction_isolation',
    'session authorization': 'session_authorization',
  }
  if (session.settings.get(name) === undefined) throw unrecognized(name)
  return known[name] ?? name
}

function discard(words: readonly Word[]): Local {
  const what = keyword(words[1])
  if (!['all', 'plans', 'sequences', 'temp', 'temporary'].includes(what)) throw syntax(words[1])
  return {
    async run(session) {
      if (what === 'all') {
        if (session.status !== 'I')
          throw new PgError('25001', 'DISCARD ALL cannot run inside a transaction block')
        for (const name of [...session.portals.keys()]) await close(session, name)
        session.statements.clear()
        session.settings.resetAll()
      }
      return `DISCARD ${what === 'temporary' ? 'TEMP' : what.toUpperCase()}`
    },
  }
}

const unrecognized = (name: string) =>
  new PgError('42704', `unrecognized configuration parameter "${name}"`)

const syntax = (word: Word | undefined) =>
  word === undefined
    ? new PgError('42601', 'syntax error at end of input')
    : new PgError('42601', `syntax error at or near "${word.text.slice(0, 60)}"`, {
        position: word.start + 1,
      })
