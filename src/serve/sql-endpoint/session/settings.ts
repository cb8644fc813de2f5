import { PgError } from '../pg-error.ts'

interface Setting {
  readonly value: string
  readonly about: string
  /** Told to the client in ParameterStatus whenever it changes. */
  readonly reported?: string
  readonly fixed?: true
  readonly check?: (value: string) => string
}

/** What `server_version` says: the catalogue is PostgreSQL 15's. */
export const serverVersion = '15.6'

const oneOf =
  (...allowed: readonly string[]) =>
  (value: string) => {
    const found = allowed.find((one) => one.toLowerCase() === value.toLowerCase())
    if (found === undefined) throw invalid
    return found
  }
const boolean = (value: string) => {
  const text = value.toLowerCase()
  if (
    text !== '' &&
    ['on', 'true', 'yes', '1'].some(
      (word) => word === text || (word.length > 1 && word.startsWith(text) && text !== 'o'),
    )
  )
    return 'on'
  if (
    text !== '' &&
    ['off', 'false', 'no', '0'].some(
      (word) => word === text || (word.length > 1 && word.startsWith(text) && text !== 'o'),
    )
  )
    return 'off'
  throw invalid
}
const units: Readonly<Record<string, number>> = {
  '': 1,
  us: 0.001,
  ms: 1,
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}
/** Milliseconds, as PostgreSQL reads a time: a number with or without a unit. */
export function milliseconds(value: string): number {
  const found = /^\s*(\d+(?:\.\d+)?)\s*(us|ms|s|min|h|d)?\s*$/.exec(value)
  if (!found) throw invalid
  return Math.round(Number(found[1]) * (units[found[2] ?? ''] ?? 1))
}
const duration = (value: string) => {
  const ms = milliseconds(value)
  for (const [unit, size] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1_000],
  ] as const)
    if (ms > 0 && ms % size === 0) return `${ms / size}${unit}`
  return ms === 0 ? '0' : `${ms}ms`
}
const whole = (value: string) => {
  if (!/^-?\d+$/.test(value.trim())) throw invalid
  return value.trim()
}
const timeZone = (value: string) => {
  const offset = /^([+-]?)(\d{1,2})(?::?(\d{2}))?$/.exec(value)
  if (offset) {
    // A bare number is hours east, which the names of fixed zones have the other way round.
    const hours = Number(offset[2])
    if (hours > 14 || Number(offset[3] ?? 0) !== 0) throw invalid
    return hours === 0 ? 'UTC' : `Etc/GMT${offset[1] === '-' ? '+' : '-'}${hours}`
  }
  if (/^(default|local|gmt|z|utc)$/i.test(value)) return 'UTC'
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone ===
      'UTC' && !/\//.test(value)
      ? 'UTC'
      : value
  } catch {
    throw invalid
  }
}
const encoding = (value: string) => {
  if (!/^(utf-?8|unicode|sql_ascii|default)$/i.test(value)) throw invalid
  return 'UTF8'
}
const invalid = new Error('invalid')

/** Settings that clients ask for or set. Others are kept for the session, as PostgreSQL does with its own custom ones. */
const known: Readonly<Record<string, Setting>> = {
  application_name: { value: '', about: 'Name of the client.', reported: 'application_name' },
  array_nulls: { value: 'on', about: 'NULL in arrays.', check: boolean },
  backslash_quote: { value: 'safe_encoding', about: 'Quote by backslash.' },
  block_size: { value: '8192', about: 'Bytes of a page.', fixed: true },
  bytea_output: { value: 'hex', about: 'Form of bytea.', check: oneOf('hex') },
  check_function_bodies: { value: 'on', about: 'Not used.', check: boolean },
  client_encoding: {
    value: 'UTF8',
    about: 'Always UTF8.',
    reported: 'client_encoding',
    check: encoding,
  },
  client_min_messages: { value: 'notice', about: 'Least severity that is sent.' },
  compute_query_id: { value: 'off', about: 'Not used.' },
  cursor_tuple_fraction: { value: '0.1', about: 'Not used.' },
  datestyle: {
    value: 'ISO, MDY',
    about: 'Always ISO.',
    reported: 'DateStyle',
    check: (value) => (/^(iso|mdy|ymd|dmy|[\s,])+$/i.test(value) ? 'ISO, MDY' : value),
  },
  default_table_access_method: { value: 'heap', about: 'Not used.' },
  default_tablespace: { value: '', about: 'Not used.' },
  default_text_search_config: { value: 'pg_catalog.simple', about: 'Not used.' },
  default_transaction_deferrable: { value: 'off', about: 'Not used.', check: boolean },
  default_transaction_isolation: {
    value: 'read committed',
    about: 'Not used: a generation never changes.',
  },
  default_transaction_read_only: {
    value: 'on',
    about: 'This server is read-only.',
    reported: 'default_transaction_read_only',
    check: boolean,
  },
  enable_seqscan: { value: 'on', about: 'Not used.', check: boolean },
  extra_float_digits: { value: '1', about: 'Floats always read back the same.', check: whole },
  force_parallel_mode: { value: 'off', about: 'Not used.' },
  geqo: { value: 'on', about: 'Not used.', check: boolean },
  idle_in_transaction_session_timeout: {
    value: '0',
    about: 'Not used.',
    check: duration,
  },
  idle_session_timeout: { value: '0', about: 'Not used.', check: duration },
  in_hot_standby: {
    value: 'off',
    about: 'This server is no standby.',
    reported: 'in_hot_standby',
    fixed: true,
  },
  integer_datetimes: {
    value: 'on',
    about: 'Times are whole microseconds.',
    reported: 'integer_datetimes',
    fixed: true,
  },
  intervalstyle: {
    value: 'postgres',
    about: 'Always postgres.',
    reported: 'IntervalStyle',
    check: oneOf('postgres'),
  },
  is_superuser: { value: 'off', about: 'Nobody is.', reported: 'is_superuser', fixed: true },
  jit: { value: 'off', about: 'Not used.', check: boolean },
  lc_collate: { value: 'C.UTF-8', about: 'Order of texts.', fixed: true },
  lc_ctype: { value: 'C.UTF-8', about: 'Classes of characters.', fixed: true },
  lc_messages: { value: 'C.UTF-8', about: 'Language of messages.' },
  lc_monetary: { value: 'C.UTF-8', about: 'Not used.' },
  lc_numeric: { value: 'C.UTF-8', about: 'Not used.' },
  lc_time: { value: 'C.UTF-8', about: 'Not used.' },
  lock_timeout: { value: '0', about: 'Not used: nothing locks.', check: duration },
  log_min_messages: { value: 'warning', about: 'Not used.' },
  max_connections: { value: '100', about: 'Connections at once.', fixed: true },
  max_identifier_length: { value: '63', about: 'Bytes of a name.', fixed: true },
  max_index_keys: { value: '32', about: 'Columns of an index.', fixed: true },
  max_parallel_workers_per_gather: { value: '2', about: 'Not used.' },
  quote_all_identifiers: { value: 'off', about: 'Not used.', check: boolean },
  role: { value: 'none', about: 'Role of the session.' },
  row_security: { value: 'off', about: 'Not used.', check: boolean },
  search_path: { value: 'mart', about: 'Schemas searched for names.' },
  server_encoding: {
    value: 'UTF8',
    about: 'Always UTF8.',
    reported: 'server_encoding',
    fixed: true,
  },
  server_version: {
    value: serverVersion,
    about: 'The PostgreSQL whose catalogue this server shows.',
    reported: 'server_version',
    fixed: true,
  },
  server_version_num: { value: '150006', about: 'The same as a number.', fixed: true },
  session_authorization: {
    value: '',
    about: 'User of the session.',
    reported: 'session_authorization',
    fixed: true,
  },
  session_replication_role: { value: 'origin', about: 'Not used.' },
  standard_conforming_strings: {
    value: 'on',
    about: 'Backslashes are plain.',
    reported: 'standard_conforming_strings',
    check: oneOf('on'),
  },
  statement_timeout: {
    value: '0',
    about: 'Cancels a longer statement; the role’s own limit holds besides.',
    check: duration,
  },
  synchronize_seqscans: { value: 'on', about: 'Not used.', check: boolean },
  synchronous_commit: { value: 'on', about: 'Not used.' },
  temp_buffers: { value: '8MB', about: 'Not used.' },
  timezone: {
    value: 'UTC',
    about: 'Zone in which times without one are read.',
    reported: 'TimeZone',
    check: timeZone,
  },
  transaction_deferrable: { value: 'off', about: 'Not used.', check: boolean },
  transaction_isolation: {
    value: 'read committed',
    about: 'Not used: a generation never changes.',
  },
  transaction_read_only: { value: 'on', about: 'This server is read-only.', check: boolean },
  wal_block_size: { value: '8192', about: 'Not used.', fixed: true },
  work_mem: { value: '4MB', about: 'Not used.' },
  xmloption: { value: 'content', about: 'Not used.' },
}

/** Spellings with a space. */
const spelled: Readonly<Record<string, string>> = {
  'time zone': 'timezone',
  'session authorization': 'session_authorization',
  'transaction isolation level': 'transaction_isolation',
  names: 'client_encoding',
}

export interface Settings {
  /** What SHOW says, or undefined. */
  get(name: string): string | undefined
  /** @throws PgError 22023 on a value that cannot be, 55P02-like errors as 0A000 on one that is fixed. */
  set(name: string, value: string, local: boolean): void
  /** Back to what the session began with. */
  reset(name: string): void
  resetAll(): void
  all(): readonly { readonly name: string; readonly value: string; readonly about: string }[]
  /** Those that the client is told of, by the names it knows. */
  reported(): readonly (readonly [string, string])[]
  /** A transaction began, ended well, or was rolled back: what was set in it stays or goes. */
  begin(): void
  commit(): void
  rollback(): void
}

/**
 * The settings of one session.
 * @param initial what the client asked for when it connected: RESET goes back to it
 * @param computed settings that this server knows at the moment of asking
 * @param changed called with each reported setting that gets another value
 */
export function openSettings(
  initial: Readonly<Record<string, string>>,
  computed: (name: string) => string | undefined,
  changed: (name: string, value: string) => void,
): Settings {
  const defaults = new Map(Object.entries(known).map(([name, { value }]) => [name, value]))
  let values = new Map<string, string>()
  let committed: Map<string, string> | undefined
  let local = new Map<string, string>()
  const nameOf = (name: string) => spelled[name.toLowerCase()] ?? name.toLowerCase()
  const textOf = (name: string) => local.get(name) ?? values.get(name) ?? defaults.get(name)

  const checked = (name: string, value: string) => {
    const setting = known[name]
    if (setting?.fixed) throw new PgError('0A000', `parameter "${name}" cannot be changed`)
    if (/read_only$/.test(name) && boolean(value) === 'off')
      throw new PgError('25006', 'cannot set transaction read-write mode: this server is read-only')
    try {
      return setting?.check ? setting.check(value) : value
    } catch (error) {
      if (error instanceof PgError) throw error
      throw new PgError('22023', `invalid value for parameter "${name}": "${value.slice(0, 100)}"`)
    }
  }
  /** Runs a change and tells the client what it did. */
  const telling = (change: () => void) => {
    const before = reported()
    change()
    const was = new Map(before)
    for (const [name, value] of reported()) if (was.get(name) !== value) changed(name, value)
  }
  const reported = () =>
    Object.entries(known).flatMap(([name, { reported: told }]) =>
      told ? [[told, textOf(name) ?? ''] as const] : [],
    )

  for (const [name, value] of Object.entries(initial))
    defaults.set(
      nameOf(name),
      nameOf(name) === 'session_authorization' ? value : checked(nameOf(name), value),
    )

  return {
    get(given) {
      const name = nameOf(given)
      return computed(name) ?? textOf(name)
    },
    set(given, value, isLocal) {
      const name = nameOf(given)
      if (values.size + local.size > 1_000)
        throw new PgError('54000', 'too many settings in this session')
      const kept = checked(name, value)
      telling(() => (isLocal ? local : values).set(name, kept))
      if (!isLocal) telling(() => local.delete(name))
    },
    reset(given) {
      const name = nameOf(given)
      telling(() => {
        values.delete(name)
        local.delete(name)
      })
    },
    resetAll: () =>
      telling(() => {
        values = new Map()
        local = new Map()
      }),
    all: () =>
      [...new Set([...defaults.keys(), ...values.keys(), ...local.keys()])].sort().map((name) => ({
        name: known[name]?.reported ?? name,
        value: textOf(name) ?? '',
        about: known[name]?.about ?? '',
      })),
    reported,
    begin() {
      committed = new Map(values)
      local = new Map()
    },
    commit: () =>
      telling(() => {
        committed = undefined
        local = new Map()
      }),
    rollback: () =>
      telling(() => {
        if (committed !== undefined) values = committed
        committed = undefined
        local = new Map()
      }),
  }
}

/** The schemas of a `search_path`: without `"$user"`, `public` as `main`, catalogues left out. */
export function schemasOf(path: string, existing: ReadonlySet<string>): string[] {
  const names = path
    .split(',')
    .map((part) =>
      part
        .trim()
        .replace(/^"(.*)"$/, '$1')
        .replace(/^'(.*)'$/, '$1'),
    )
    .map((name) => (name === 'public' ? 'main' : name))
  return [...new Set(names)].filter((name) => existing.has(name))
}
