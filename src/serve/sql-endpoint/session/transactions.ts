import { PgError } from '../pg-error.ts'
import { identifier, keyword, type Word } from '../sql-text.ts'
import { closeOfTransaction } from './portals.ts'
import type { Local, Session } from './state.ts'

/**
 * Transactions are the session's own: a generation never changes, so a transaction is a promise to stay with one. BEGIN,
 * COMMIT, ROLLBACK, SAVEPOINT and their kin, with the failed state in between (PostgreSQL 15, 55.2.2).
 */
export function transactionCommand(words: readonly Word[]): Local | undefined {
  const [first, second, third] = words.slice(0, 3).map(keyword)
  switch (first) {
    case 'begin':
      return begin(words)
    case 'start':
      return second === 'transaction' ? begin(words) : undefined
    case 'commit':
    case 'end':
      if (second === 'prepared') throw notPrepared()
      return { always: true, run: (session) => finish(session, 'commit') }
    case 'abort':
      return { always: true, run: (session) => finish(session, 'rollback') }
    case 'rollback': {
      if (second === 'prepared') throw notPrepared()
      const to = words.findIndex((word) => keyword(word) === 'to')
      if (to < 0) return { always: true, run: (session) => finish(session, 'rollback') }
      return savepoint(
        'ROLLBACK',
        words[keyword(words[to + 1]) === 'savepoint' ? to + 2 : to + 1],
        (session, name) => {
          const at = placeOf(session, name)
          session.savepoints.length = at + 1
          session.status = 'T'
        },
      )
    }
    case 'savepoint':
      return savepoint(
        'SAVEPOINT',
        words[1],
        (session, name) => {
          if (session.savepoints.length >= 10_000) throw new PgError('54000', 'too many savepoints')
          session.savepoints.push(name)
        },
        false,
      )
    case 'release':
      return savepoint(
        'RELEASE',
        words[second === 'savepoint' ? 2 : 1],
        (session, name) => {
          session.savepoints.length = placeOf(session, name)
        },
        false,
      )
    case 'prepare':
      if (second === 'transaction') throw notPrepared()
      return undefined
    case 'lock':
      return {
        run: async (session) => {
          if (session.status === 'I')
            throw new PgError('25P01', 'LOCK TABLE can only be used in transaction blocks')
          return 'LOCK TABLE'
        },
      }
    case 'set':
      if (second === 'transaction' || (second === 'session' && third === 'characteristics')) {
        refuseWrites(words)
        return { run: async () => 'SET' }
      }
      return undefined
    default:
      return undefined
  }
}

const notPrepared = () => new PgError('0A000', 'prepared transactions are not supported')

function refuseWrites(words: readonly Word[]): void {
  if (
    words.some((word, index) => keyword(word) === 'read' && keyword(words[index + 1]) === 'write')
  )
    throw new PgError('25006', 'cannot set transaction read-write mode: this server is read-only')
}

function begin(words: readonly Word[]): Local {
  refuseWrites(words)
  const tag = keyword(words[0]) === 'start' ? 'START TRANSACTION' : 'BEGIN'
  return {
    async run(session) {
      if (session.status !== 'I')
        session.writer.notice('WARNING', '25001', 'there is already a transaction in progress')
      else {
        session.status = 'T'
        await session.engine() // pinned from here to the end of the transaction
        session.settings.begin()
      }
      return tag
    },
  }
}

/** Ends the transaction; a failed one is rolled back whatever the client asked for. */
async function finish(session: Session, asked: 'commit' | 'rollback'): Promise<string> {
  const ended = session.status === 'E' ? 'rollback' : asked
  if (session.status === 'I')
    session.writer.notice('WARNING', '25P01', 'there is no transaction in progress')
  else {
    session.status = 'I'
    session.savepoints = []
    if (ended === 'commit') session.settings.commit()
    else session.settings.rollback()
  }
  await closeOfTransaction(session, ended)
  return ended === 'commit' ? 'COMMIT' : 'ROLLBACK'
}

function placeOf(session: Session, name: string): number {
  const at = session.savepoints.lastIndexOf(name)
  if (at < 0) throw new PgError('3B001', `savepoint "${name}" does not exist`)
  return at
}

function savepoint(
  tag: string,
  word: Word | undefined,
  change: (session: Session, name: string) => void,
  always = true,
): Local {
  const name = identifier(word)
  if (name === undefined) throw new PgError('42601', 'syntax error: a savepoint needs a name')
  return {
    ...(always ? { always: true as const } : {}),
    async run(session) {
      if (session.status === 'I')
        throw new PgError(
          '25P01',
          `${tag === 'ROLLBACK' ? 'ROLLBACK TO SAVEPOINT' : tag} can only be used in transaction blocks`,
        )
      change(session, name)
      return tag
    },
  }
}
