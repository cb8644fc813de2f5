import { statfs } from 'node:fs/promises'
import type { FastifyInstance } from 'fastify'
import type { DataPaths } from '../config/settings.ts'
import type { State } from '../state/state.ts'

/** What is said about one part. `critical`: without it no request can be answered well. */
export interface Check {
  readonly ok: boolean
  readonly critical: boolean
  /** What is wrong, and since when or what to do; empty when nothing is. */
  readonly why: string
}

export type Checks = () => Promise<Readonly<Record<string, Check>>>

/** Less free space than this, and pages may no longer be kept. Bytes. */
export const leastFreeBytes = 64 * 1024 * 1024

/**
 * `/healthz`: the process answers; for a supervisor that restarts it. `/readyz`: it can do its work; 503 when a
 * critical check fails, `degraded` and 200 when another does: taking the console away would mend nothing.
 */
export function addHealth(app: FastifyInstance, checks: Checks): void {
  app.get('/healthz', async (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ status: 'ok' }),
  )
  app.get('/readyz', async (_request, reply) => {
    const found = await checks()
    const failing = Object.values(found).filter(({ ok }) => !ok)
    const isUnready = failing.some(({ critical }) => critical)
    const status = isUnready ? 'unready' : failing.length > 0 ? 'degraded' : 'ok'
    return reply
      .code(isUnready ? 503 : 200)
      .header('cache-control', 'no-store')
      .send({ status, checks: found })
  })
}

/** Whether the state store answers and the data folder has room. */
export async function storageChecks(
  state: State,
  paths: DataPaths,
): Promise<Readonly<Record<string, Check>>> {
  const attempt = async (work: () => Promise<string> | string): Promise<Check> => {
    try {
      const why = await work()
      return { ok: why === '', critical: true, why }
    } catch {
      return { ok: false, critical: true, why: `${paths.root} cannot be used; see fdx doctor` }
    }
  }
  return {
    state: await attempt(() => {
      state.db.prepare('select count(*) from schedules').get()
      return ''
    }),
    disk: await attempt(async () => {
      const { bavail, bsize } = await statfs(paths.root)
      return bavail * bsize >= leastFreeBytes ? '' : 'the disk is full; free some space'
    }),
  }
}
