import pLimit from 'p-limit'
import type { Provider } from '../config/provider.ts'
import type { World } from '../world.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

const patienceMs = 10_000
/** FAPI servers refuse an assertion from more than 10 s ahead, and beyond 60 s of age (facts/reliability-security.md 7.6). */
const tolerableMs = 10_000
const refusedMs = 60_000

/** What a provider's host says to nobody in particular: any answer will do, and its Date is a clock. */
interface Reached {
  readonly provider: string
  /** Their clock minus ours. Milliseconds, with the answer's own delay in it. */
  readonly aheadMs: number | undefined
}

/** Asks each provider's host once, without a token. Any HTTP answer counts: it can be reached and its TLS is good. */
export async function checkProviders(
  providers: readonly Provider[],
  world: Pick<World, 'fetch' | 'now'>,
): Promise<Finding[]> {
  const hosts = Map.groupBy(providers, ({ baseUrl }) => new URL(baseUrl).origin)
  const some = pLimit(8)
  const asked = await some.map([...hosts], async ([origin, ours]): Promise<Finding | Reached> => {
    const names = ours.map(({ name }) => name).join(', ')
    try {
      const before = world.now()
      const response = await world.fetch(origin, {
        redirect: 'manual',
        signal: AbortSignal.timeout(patienceMs),
      })
      await response.body?.cancel()
      const date = Date.parse(response.headers.get('date') ?? '')
      const middle = (before + world.now()) / 2
      return { provider: names, aheadMs: Number.isNaN(date) ? undefined : date + 500 - middle }
    } catch (error) {
      return fail(
        'providers',
        `${names} cannot be reached: ${reasonOf(error)}`,
        'see network, proxy, DNS, and their status page',
      )
    }
  })
  const reached = asked.filter((one): one is Reached => 'provider' in one)
  const findings = asked.filter((one): one is Finding => !('provider' in one))
  if (reached.length > 0)
    findings.unshift(
      ok('providers', `reached: ${reached.map(({ provider }) => provider).join(', ')}`),
    )
  return [...findings, ...clockFindings(reached)]
}

/** One provider may be wrong itself: the clock in the middle counts. */
function clockFindings(reached: readonly Reached[]): Finding[] {
  const ahead = reached.flatMap(({ aheadMs }) => aheadMs ?? []).sort((a, b) => a - b)
  const middle = ahead[Math.floor(ahead.length / 2)]
  if (middle === undefined)
    return [warn('clock', 'there was nobody to compare it with', 'see: timedatectl')]
  const off = `${Math.abs(middle / 1_000).toFixed(0)} s ${middle > 0 ? 'behind' : 'ahead of'} the providers’`
  const todo = 'set the clock (timedatectl set-ntp true): tokens and signed requests depend on it'
  if (Math.abs(middle) > refusedMs) return [fail('clock', off, todo)]
  if (Math.abs(middle) > tolerableMs) return [warn('clock', off, todo)]
  return [ok('clock', 'agrees with the providers’')]
}

/** The code of the deepest cause that has one: messages may quote what should not be shown. */
function reasonOf(error: unknown): string {
  let code = error instanceof Error ? error.name : 'unknown'
  for (let at = error; at instanceof Error; at = at.cause)
    if ('code' in at && typeof at.code === 'string') code = at.code
  return code
}
