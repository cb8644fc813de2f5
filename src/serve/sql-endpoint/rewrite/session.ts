/** What a rewrite takes from the session: values that PostgreSQL would look up when the statement runs. */
export interface RewriteSession {
  readonly user: string
  readonly database: string
  readonly backendPid: number
  readonly clientAddress?: string
  readonly clientPort?: number
  /** What `SHOW name` says; undefined where nobody knows the setting. Names are lower case. */
  setting(name: string): string | undefined
  /** `set_config(name, value, is_local)` in a query. */
  setConfig?(name: string, value: string, isLocal: boolean): void
  /** What `pg_cursors` lists. */
  cursors?(): readonly SessionStatement[]
  /** What `pg_prepared_statements` lists. */
  preparedStatements?(): readonly SessionStatement[]
}

export interface SessionStatement {
  readonly name: string
  readonly statement: string
}
