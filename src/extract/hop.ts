import { isLoopback, openInternet, refuseInside } from '../connect/egress.ts'
import { FdxError } from '../errors.ts'
import type { World } from '../world.ts'
import { answerError } from './advice.ts'
import type { Answer } from './answer.ts'
import { download, type Save } from './download.ts'
import type { Exchange } from './exchange.ts'
import { plainHeaders } from './headers.ts'
import { networkError, networkFailure } from './network.ts'

/** Where a redirecting answer points to; null for any other answer. */
export const locationOf = ({ status, headers }: Answer): string | null =>
  [301, 302, 303, 307, 308].includes(status) ? headers.get('location') : null

/**
 * One explicit step to where a provider keeps a file (facts/flinks-outbound.md 5.4). Nothing that shows who
 * asks goes there, nothing that comes from there says anything about the consumer's token or consent, and
 * there is no second step.
 * @throws FdxError `FOREIGN_ORIGIN` for a place that is not https or lies in a private network, `NO_DATA`,
 *   `PROVIDER_DOWN`, `UNREACHABLE`, `BODY_TOO_LARGE`.
 */
export async function hop(
  world: World,
  base: URL,
  location: string,
  from: Omit<Exchange, 'headers'> & { readonly accept: string },
  save: Save,
): Promise<Answer> {
  const target = URL.parse(location, from.target.href)
  const isPlain = target?.protocol === 'http:' && isLoopback(target) && isLoopback(base)
  if (!target || (target.protocol !== 'https:' && !isPlain) || target.username || target.password)
    throw new FdxError(
      'FOREIGN_ORIGIN',
      `${from.what}: the provider redirects to an address that is not https; ask the provider`,
    )
  if (!isLoopback(base)) refuseInside(target, openInternet)
  const headers = { ...plainHeaders, accept: from.accept }
  const answer = await download(world, { ...from, target, headers }, save).catch(
    (error: unknown) => {
      const failure = from.signal.aborted ? undefined : networkFailure(error)
      throw failure === undefined ? error : networkError(failure, from.what, error)
    },
  )
  if (answer.status === 200) return answer
  const passing = answer.status >= 500 || answer.status === 429
  const { status } = answer
  throw answerError(passing ? 'PROVIDER_DOWN' : 'NO_DATA', from.what, { status })
}
