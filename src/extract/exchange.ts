import type { Dispatcher, Response } from 'undici'
import { FdxError } from '../errors.ts'
import type { World } from '../world.ts'
import type { Answer } from './answer.ts'

export interface Exchange {
  readonly method: 'GET' | 'POST'
  readonly target: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
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
 * @throws FdxError `BODY_TOO_LARGE`; otherwise what undici throws, or the reason of `signal`.
 */
export async function exchange(world: World, request: Exchange): Promise<Answer> {
  const deadline = AbortSignal.timeout(Math.max(1, Math.ceil(request.deadlineMs)))
  const requestedAt = new Date(world.now()).toISOString()
  const response = await world.fetch(request.target, {
    method: request.method,
    headers: request.headers,
    ...(request.body === undefined ? {} : { body: request.body }),
    redirect: 'manual',
    dispatcher: request.dispatcher,
    signal: AbortSignal.any([deadline, request.signal]),
  })
  const body = await readCapped(response, request.what)
  return {
    status: response.status,
    headers: response.headers,
    body,
    interactionId: interactionId(response, request.headers),
    requestedAt,
    fetchedAt: new Date(world.now()).toISOString(),
  }
}

async function readCapped(response: Response, what: string): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of response.body ?? []) {
    bytes += part.byteLength
    if (bytes > maxBodyBytes)
      throw new FdxError(
        'BODY_TOO_LARGE',
        `${what}: the answer is larger than ${maxBodyBytes} bytes; ask for smaller pages (pageSize)`,
      )
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** FAPI echoes ours; Flinks has its own (facts: flinks-outbound 6). Anything that is not an id is not kept. */
function interactionId(response: Response, sent: Readonly<Record<string, string>>): string | null {
  const ids = [
    response.headers.get('x-fapi-interaction-id'),
    response.headers.get('ob-correlation-id'),
    sent['x-fapi-interaction-id'],
  ]
  return ids.find((id) => id !== null && id !== undefined && /^[\w.-]{1,80}$/.test(id)) ?? null
}
