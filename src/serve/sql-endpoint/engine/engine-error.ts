import { PgError, type SqlState } from '../pg-error.ts'

/** What DuckDB reports with `errors_as_json`. */
interface EngineFault {
  readonly exception_type?: string
  readonly exception_message?: string
  readonly error_subtype?: string
  readonly position?: string
  readonly name?: string
  readonly type?: string
  readonly candidates?: string
}

/** Kinds of DuckDB's exceptions, where the kind alone says the SQLSTATE. */
const byKind: Readonly<Record<string, SqlState>> = {
  Parser: '42601',
  Syntax: '42601',
  Catalog: '42704',
  Binder: '42601',
  Conversion: '22P02',
  'Out of Range': '22003',
  'Invalid Input': '22023',
  'Invalid type': '42804',
  'Mismatch Type': '42804',
  'Out of Memory': '53200',
  'Object Size': '54000',
  INTERRUPT: '57014',
  Interrupt: '57014',
  Permission: '42501',
  'Not implemented': '0A000',
  'Missing Extension': '0A000',
  IO: '58000',
  'Divide by Zero': '22012',
  Dependency: '42704',
  INTERNAL: 'XX000',
  FATAL: 'XX000',
  TransactionContext: '25001',
  'Parameter Not Resolved': '42P18',
  'Parameter Not Allowed': '42P02',
}

/** Binder errors that DuckDB tells apart by their words only. */
const byWords: readonly (readonly [RegExp, SqlState])[] = [
  [/^relation ".*" does not exist/, '42P01'],
  [/^(type|role) ".*" does not exist/, '42704'],
  [/^\w+\(\) (makes|compares) at most \d+/, '54000'],
  [/^schema ".*" does not exist/, '3F000'],
  [/No function matches/, '42883'],
  [/Ambiguous reference|is ambiguous/i, '42702'],
  [
    /must appear in the GROUP BY|cannot contain aggregates|aggregate function calls cannot be nested/i,
    '42803',
  ],
  [/(Referenced|does not have a) column|column .* (not found|does not exist|named)/i, '42703'],
  [/Referenced table .* not found/, '42P01'],
  [/Values list|table has|columns available but/, '42601'],
  [
    /Cannot compare|Cannot mix|type mismatch|Could not choose a best candidate|Could not convert|Cannot deduce|Unimplemented type for cast/i,
    '42804',
  ],
]

/** True when the whole instance can't be used any more and must be opened again. */
export const isBroken = (error: unknown): boolean =>
  error instanceof Error &&
  /"exception_type":"(INTERNAL|FATAL)"|database has been invalidated/.test(error.message)

/** Whether DuckDB stopped because it was told to. */
export const isInterrupt = (error: unknown): boolean =>
  error instanceof Error && /"exception_type":"INTERRUPT"|^INTERRUPT Error/i.test(error.message)

/**
 * DuckDB's error as PostgreSQL would report it: SQLSTATE, the words clients look for, position and hint.
 * @param positioned whether DuckDB ran the very text that the client sent, so that its positions hold.
 */
export function toPgError(error: unknown, positioned: boolean, sql: string): PgError {
  if (error instanceof PgError) return error
  const fault = faultOf(error)
  const kind = fault.exception_type ?? ''
  const text = fault.exception_message ?? 'the statement failed'
  if (kind === 'INTERNAL' || kind === 'FATAL')
    return new PgError('XX000', 'the engine failed on this statement', {
      hint: 'Report it with the statement; other sessions go on.',
    })
  // Paths of this machine are nobody's business.
  if (kind === 'IO') return new PgError('58000', 'the engine could not read or write its files')
  const at = positioned && fault.position !== undefined ? Number(fault.position) : undefined
  const position = at === undefined ? {} : { position: characterAt(sql, at) }
  const candidates = fault.candidates
    ?.split(',')
    .slice(0, 3)
    .filter((name) => name !== '')
  const guess = candidates?.length
    ? { hint: `Perhaps you meant ${candidates.map((name) => `"${name.trim()}"`).join(' or ')}.` }
    : {}
  if (fault.error_subtype === 'MISSING_ENTRY' && fault.name !== undefined) {
    if (fault.type === 'Table' || fault.type === 'View' || fault.type === 'Table or View')
      return new PgError('42P01', `relation "${fault.name}" does not exist`, {
        ...position,
        ...guess,
      })
    if (fault.type === 'Schema')
      return new PgError('3F000', `schema "${fault.name}" does not exist`, {
        ...position,
        ...guess,
      })
    if (fault.type?.includes('Function'))
      return new PgError('42883', `function ${fault.name} does not exist`, {
        ...position,
        ...guess,
      })
    if (fault.type === 'Type')
      return new PgError('42704', `type "${fault.name}" does not exist`, { ...position, ...guess })
  }
  if (fault.error_subtype === 'COLUMN_NOT_FOUND' && fault.name !== undefined)
    return new PgError('42703', `column "${fault.name}" does not exist`, { ...position, ...guess })
  const [first = 'the statement failed', ...more] = text.split('\n')
  const detail = more.join('\n').trim().slice(0, 2_000)
  return new PgError(stateOf(kind, text), first, {
    ...position,
    ...(detail === '' ? {} : { detail }),
  })
}

function stateOf(kind: string, text: string): SqlState {
  if (kind === 'Binder' || kind === 'Catalog' || kind === 'Invalid Input')
    for (const [words, state] of byWords) if (words.test(text)) return state
  if (kind === 'Conversion') {
    if (/out of range|overflow|too large/i.test(text)) return '22003'
    if (/date field value|timestamp field|invalid (date|time|timestamp)/i.test(text)) return '22007'
  }
  return byKind[kind] ?? 'XX000'
}

function faultOf(error: unknown): EngineFault {
  if (!(error instanceof Error)) return {}
  const json = error.message.indexOf('{"exception_type"')
  if (json >= 0)
    try {
      return JSON.parse(error.message.slice(json)) as EngineFault
    } catch {
      // as plain text below
    }
  const found = /^([A-Za-z ]+?) Error: ([\s\S]*)$/.exec(error.message)
  return found
    ? { exception_type: found[1] ?? '', exception_message: found[2] ?? '' }
    : { exception_message: error.message }
}

/** DuckDB counts bytes from 0, PostgreSQL characters from 1. */
function characterAt(sql: string, byte: number): number {
  return Array.from(Buffer.from(sql, 'utf8').subarray(0, byte).toString('utf8')).length + 1
}
