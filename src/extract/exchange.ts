import type { Dispatcher } from 'undici'
import { decoded } from '../connect/decode.ts'
import { receive } from '../connect/receive.ts'
import { FdxError } from '../errors.ts'
import type { World } from '../world.ts'
import type { Answer } from './answer.ts'

export interface Exchange {
  readonly method: 'GET' | 'POST'
  readonly target: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  readonly dispatcher: Dispatcher
  /** Ends the exchange after so many milliseconds, wherever it is. */
  readonly deadlineMs: number
  readonly signal: AbortSignal
  /** For messages: no ids, no query. */
  readonly what: string
}

/** Largest decoded JSON answer; a few hundred bytes of gzip can hold far more. */
export const maxBodyBytes = 16 * 1024 * 1024

/**
 * Sends one request and reads its whole answer. Follows no redirect.
 * @throws FdxError `BODY_TOO_LARGE`; otherwise what undici or zlib throws, or the reason of `signal`.
 */
export async function exchange(world: Pick<World, 'now'>, request: Exchange): Promise<Answer> {
  const { what } = request
  const maxBytes = maxBodyBytes
  const tooLarge = () =>
    new FdxError(
      'BODY_TOO_LARGE',
      `${what}: the answer is larger than ${maxBytes} bytes; ask for smaller pages (pageSize)`,
    )
  const requestedAt = new Date(world.now()).toISOString()
  const received = await receive({ ...request, body: request.body ?? null, maxBytes, tooLarge })
  const header = headerOf(received.headers)
  const encoding = header('content-encoding') ?? ''
  return {
    status: received.status,
    headers: { get: header },
    body: await decoded(received.body, encoding, { what, maxBytes, tooLarge }),
    interactionId: interactionId(header, request.headers),
    requestedAt,
    fetchedAt: new Date(world.now()).toISOString(),
  }
}

/** Values of one name, joined as RFC 9110 section 5.3 joins them. */
export const headerOf =
  (headers: Readonly<Record<string, string | string[] | undefined>>) =>
  (name: string): string | null =>
    [headers[name] ?? []].flat().join(', ') || null

/** FAPI echoes ours; Flinks has its own (facts: flinks-outbound 6). Anything that is not an id is not kept. */
export function interactionId(
  header: (name: string) => string | null,
  sent: Readonly<Record<string, string>>,
): string | null {
  const ids = [
    header('x-fapi-interaction-id'),
    header('ob-correlation-id'),
    sent['x-fapi-interaction-id'],
  ]
  return ids.find((id) => id !== null && id !== undefined && /^[\w.-]{1,80}$/.test(id)) ?? null
}
