import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBConnection } from '@duckdb/node-api'
import duckdb from '@duckdb/node-bindings'
import type { SqlRole } from '../../../config/serve.ts'
import { unionPattern } from '../../spool.ts'
import { buildCatalogue } from '../catalogue/catalogue.ts'
import { frontDatabase, searchPath } from '../catalogue/names.ts'
import type { Catalogue } from '../gate/gate.ts'
import type { Policy } from '../gate/policy.ts'

/** Name of the attached generation, and of the database as clients see it. */
export const database = 'warehouse'

/** A connection into an engine, used by one statement at a time. */
export interface EngineConnection {
  readonly raw: duckdb.Connection
  /** Statements prepared on it, by text; the oldest are dropped. */
  readonly prepared: Map<string, duckdb.PreparedStatement>
  /** The settings that were put in place last. */
  applied: string
  /** While a call is under way, which may outlast the answer to the client: resolves when it returns. */
  busy: Promise<void> | undefined
}

/** One generation, open read-only for one role: a DuckDB instance of its own, with its own memory. */
export interface Engine {
  readonly generation: string
  readonly publishedAt: Date
  readonly role: SqlRole
  readonly policy: Policy
  readonly catalogue: Catalogue
  /** Finds what may be a UNION in a statement of this generation. */
  readonly unions: RegExp
  /** A connection for one statement: one that has these settings already, where there is one. */
  lease(settings: string): Promise<EngineConnection>
  /** Takes it back, when a call under way has returned. */
  release(connection: EngineConnection): void
  /** Keeps it open without a connection: a transaction or a cursor will come back to it. Returns how to let go. */
  retain(): () => void
  /** Closes when nobody uses it any more. */
  retire(): void
  /** Set by a failure that left the instance unusable. */
  broken: boolean
}

export interface EngineOptions {
  readonly file: string
  /** Let go of when the instance is closed. */
  readonly held: Disposable
  readonly generation: string
  readonly publishedAt: Date
  readonly role: SqlRole
  readonly roles: readonly string[]
  readonly memory: string
  readonly threads: number
  /** Folder to spill to. */
  readonly scratch: string
  readonly policyOf: (connection: DuckDBConnection) => Promise<Policy>
}

const keptConnections = 16
const graceMs = 1_000

/**
 * Opens a generation: an instance in memory, the file attached read-only, the catalogue built beside it, then every
 * door shut (facts/sql-endpoint.md 6): no files, network, extensions, secrets or settings from here on.
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { role, generation } = options
  const scratch = join(options.scratch, `sql-${role}-${process.pid}`)
  mkdirSync(scratch, { recursive: true, mode: 0o700 })
  const config = duckdb.create_config()
  for (const [name, value] of Object.entries({
    threads: String(options.threads),
    memory_limit: options.memory,
    temp_directory: scratch,
    max_temp_directory_size: '50GB',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    allow_persistent_secrets: 'false',
    default_null_order: 'NULLS_LAST_ON_ASC_FIRST_ON_DESC',
    errors_as_json: 'true',
  }))
    duckdb.set_config(config, name, value)
  const db = await duckdb.open(':memory:', config)
  const first = await duckdb.connect(db)
  let policy: Policy
  let catalogue: Catalogue
  let unions: RegExp
  try {
    const connection = new DuckDBConnection(first)
    await connection.run(
      `attach '${options.file.replaceAll("'", "''")}' as ${database} (read_only)`,
    )
    policy = await options.policyOf(connection)
    await buildCatalogue(connection, {
      database,
      roles: options.roles,
      readable: policy.readable,
      searchPath: policy.defaultSchemas,
    })
    catalogue = await readFront(connection)
    unions = await unionPattern(connection)
    for (const statement of [
      'set enable_external_access = false',
      `set allowed_configs = ['search_path', 'TimeZone', 'schema']`,
      'set lock_configuration = true',
    ])
      await connection.run(statement)
  } catch (error) {
    duckdb.disconnect_sync(first)
    duckdb.close_sync(db)
    throw error
  }
  duckdb.disconnect_sync(first)

  const idle: EngineConnection[] = []
  let used = 0
  let retired = false
  let closed = false
  const disconnect = ({ raw, prepared }: EngineConnection) => {
    for (const statement of prepared.values()) duckdb.destroy_prepare_sync(statement)
    prepared.clear()
    duckdb.disconnect_sync(raw)
  }
  const closeWhenUnused = () => {
    if (!retired || used > 0 || closed) return
    closed = true
    for (const connection of idle.splice(0)) disconnect(connection)
    duckdb.close_sync(db)
    options.held[Symbol.dispose]()
  }
  const takeBack = (connection: EngineConnection) => {
    used--
    if (retired || idle.length >= keptConnections) disconnect(connection)
    else idle.push(connection)
    closeWhenUnused()
  }
  return {
    generation,
    publishedAt: options.publishedAt,
    role,
    policy,
    catalogue,
    unions,
    broken: false,
    async lease(settings) {
      used++
      const at = idle.findLastIndex(({ applied }) => applied === settings)
      const free = at < 0 ? idle.pop() : idle.splice(at, 1)[0]
      if (free) return free
      try {
        return { raw: await duckdb.connect(db), prepared: new Map(), applied: '', busy: undefined }
      } catch (error) {
        used--
        closeWhenUnused()
        throw error
      }
    },
    release(connection) {
      if (connection.busy) return void connection.busy.then(() => takeBack(connection))
      takeBack(connection)
    },
    retain() {
      used++
      let held = true
      return () => {
        if (!held) return
        held = false
        used--
        closeWhenUnused()
      }
    },
    retire() {
      // Whoever was just given it has the time to retain it.
      setTimeout(() => {
        retired = true
        closeWhenUnused()
      }, graceMs).unref()
    },
  }
}

/** All that the catalogue made: it is safe for every role, and filtered by what the role may read. */
async function readFront(connection: DuckDBConnection): Promise<Catalogue> {
  const names = async (sql: string) => {
    const found = await connection.runAndReadAll(sql, [frontDatabase])
    return new Set(found.getRows().map(([name]) => String(name)))
  }
  return {
    relations: await names(
      `select lower(schema_name || '.' || table_name) from duckdb_tables() where database_name = $1
       union all select lower(schema_name || '.' || view_name) from duckdb_views()
       where database_name = $1 and not internal`,
    ),
    functions: await names(
      `select lower(function_name) from duckdb_functions() where database_name = $1 and not internal`,
    ),
  }
}

/** What `applied` says of a connection that has these settings. */
export const settingsKey = (schemas: readonly string[], timeZone: string) =>
  `${searchPath(database, schemas)}\0${timeZone}`

/** Puts a session's search path and time zone in place, when the connection has others. */
export async function applySettings(
  connection: EngineConnection,
  schemas: readonly string[],
  timeZone: string,
): Promise<void> {
  const wanted = settingsKey(schemas, timeZone)
  if (connection.applied === wanted) return
  connection.applied = ''
  for (const [name, value] of [
    ['search_path', searchPath(database, schemas)],
    ['TimeZone', timeZone],
  ] as const)
    await duckdb.query(connection.raw, `set ${name} = '${value.replaceAll("'", "''")}'`)
  for (const statement of connection.prepared.values()) duckdb.destroy_prepare_sync(statement)
  connection.prepared.clear()
  connection.applied = wanted
}
