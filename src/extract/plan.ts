import { getCheckpoint } from '../state/checkpoints.ts'
import { type Connection, eachConnection } from '../state/connections.ts'
import { unfinishedRun } from '../state/runs.ts'
import type { State } from '../state/state.ts'
import type { World } from '../world.ts'
import { accountResources } from './fdx/account-stream.ts'
import { type Job, resumableMs } from './pipeline-run.ts'

/** What a run of a pipeline would ask for. */
export interface PipelinePlan {
  readonly pipeline: string
  readonly provider: string
  /** Connections that would be asked for, and those that wait for their person to connect again. */
  readonly connections: number
  readonly waiting: number
  /** It would go on with a run that was cut off. */
  readonly resumes: boolean
  /** What would be asked for, and how many requests that takes at least: lists have an unknown number of pages. */
  readonly requests: Readonly<Record<string, number>>
  readonly requestsAtLeast: number
  /** At the provider's configured pace. */
  readonly secondsAtLeast: number
}

/**
 * Plans a run without sending anything: from the registry, from what earlier runs have found out about each
 * connection's accounts, and from the provider's pace. Accounts that nobody has seen yet are not counted, nor is what
 * the run that is gone on with has read already.
 */
export function planPipeline(
  { pipeline, provider }: Job,
  { state, world, onlyFailed }: { state: State; world: Pick<World, 'now'>; onlyFailed: boolean },
): PipelinePlan {
  const since = new Date(world.now() - resumableMs).toISOString()
  const unfinished = onlyFailed ? undefined : unfinishedRun(state, pipeline.name, since)
  const requests: Record<string, number> = {}
  const runId = unfinished?.id ?? ''
  const add = (what: string, count: number) => {
    if (count > 0) requests[what] = (requests[what] ?? 0) + count
  }
  let connections = 0
  let waiting = 0
  const known = state.db.prepare(
    `select count(*) as count from checkpoints where connection_id = ? and stream >= ? and stream < ?
       and not (complete = 1 and run_id = ?)
       and not exists (select 1 from capabilities
         where capabilities.connection_id = checkpoints.connection_id
           and capabilities.stream = checkpoints.stream and capabilities.expires_at > ?)`,
  )
  const now = new Date(world.now()).toISOString()
  const accountsOf = ({ id }: Connection, resource: string) =>
    Number(known.get(id, `${resource}/`, `${resource}0`, runId, now)?.['count'])
  /** The run that is gone on with has read it to its end. */
  const isRead = ({ id }: Connection, stream: string) => {
    const found = getCheckpoint(state, id, stream)
    return found?.complete === 1 && found.run_id === runId
  }

  const failedIn = onlyFailed ? pipeline.name : undefined
  const which = { provider: provider.name, failedIn, runId }
  for (const connection of eachConnection(state, which)) {
    if (connection.state === 'reauth') {
      waiting++
      continue
    }
    connections++
    if (provider.protocol === 'flinks') {
      const left = pipeline.flinks.filter((resource) => !isRead(connection, resource))
      if (left.length > 0) add('authorize', 2)
      for (const resource of left) add(resource, 1)
      continue
    }
    const wanted: readonly string[] = pipeline.resources
    const addStream = (stream: string) => add(stream, isRead(connection, stream) ? 0 : 1)
    if (wanted.includes('customers')) addStream('customers')
    if (wanted.some((resource) => resource !== 'customers')) addStream('accounts')
    for (const resource of accountResources)
      if (resource === 'account' ? provider.accountDetail === 'each' : wanted.includes(resource))
        add(resource, accountsOf(connection, resource))
  }
  const requestsAtLeast = Object.values(requests).reduce((sum, count) => sum + count, 0)
  return {
    pipeline: pipeline.name,
    provider: provider.name,
    connections,
    waiting,
    resumes: unfinished !== undefined,
    requests,
    requestsAtLeast,
    secondsAtLeast: Math.ceil(requestsAtLeast / provider.pace.requestsPerSecond),
  }
}
