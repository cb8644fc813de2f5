import { Counter, Gauge, type Registry } from 'prom-client'
import type { SqlCounters } from '../sql-endpoint/endpoint.ts'

export interface SqlSources {
  /** Undefined while the process is not there. */
  readonly counters: () => Promise<SqlCounters | undefined>
  readonly restarts: () => number
}

/** The SQL endpoint's own counts; they begin anew with its process, as Prometheus expects of counters. */
export function addSqlMetrics(registry: Registry, { counters, restarts }: SqlSources): void {
  const registers = [registry]
  let asked: Promise<SqlCounters | undefined> | undefined
  /** One question for all three. */
  const ask = () => {
    asked ??= counters().finally(() => setImmediate(() => (asked = undefined)))
    return asked
  }
  new Gauge({
    name: 'fdx_sql_sessions',
    help: 'Sessions of the SQL endpoint, by role.',
    labelNames: ['role'],
    registers,
    async collect() {
      this.reset()
      for (const [role, some] of Object.entries((await ask())?.sessions ?? {}))
        this.set({ role }, some)
    },
  })
  for (const [name, help, label, pick] of [
    ['fdx_sql_queries_total', 'Statements that ended, by role.', 'role', 'queries'],
    ['fdx_sql_errors_total', 'Errors sent to SQL clients, by SQLSTATE.', 'sqlstate', 'errors'],
  ] as const)
    new Counter({
      name,
      help,
      labelNames: [label],
      registers,
      async collect() {
        const found = await ask()
        if (found === undefined) return
        this.reset()
        for (const [value, some] of Object.entries(found[pick])) this.inc({ [label]: value }, some)
      },
    })
  new Counter({
    name: 'fdx_sql_restarts_total',
    help: 'Times that the SQL endpoint died and was started again.',
    registers,
    collect() {
      this.reset()
      this.inc(restarts())
    },
  })
}
