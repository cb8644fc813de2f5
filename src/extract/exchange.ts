import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { FdxError } from '../errors.ts'
import type { World } from '../world.ts'
import type { Answer } from './answer.ts'
import { decoded } from './decode.ts'

export interface Exchange {
  readonly method: 'GET' | 'POST'
  readonly target: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly dispatcher: Dispatcher
  /** Ends the exchange after so many milliseconds, wherever it is. */
  readonly deadlineMs: number
  readonly signal: AbortSignal
  /** Largest decoded answer; default `maxBodyBytes`. */
  readonly maxBytes?: number
  /** For messages: no ids, no query. */
  readonly what: string
}

/** Largest decoded file. */
export const maxFileBytes = 64 * 1024 * 1024

/** Largest decoded JSON answer; a few hundred bytes of gzip can hold far more. */
export const maxBodyBytes = 16 * 1024 * 1024

/**
 * Sends one request and reads its whole answer. Follows no redirect.
 * @throws FdxError `BODY_TOO_LARGE`; otherwise what undici throws, or the reason of `signal`.
 */
export async function exchange(world: World, request: Exchange): Promise<Answer> {
  const deadline = AbortSignal.timeout(Math.max(1, Math.ceil(request.deadlineMs)))
  const requestedAt = new Date(world.now()).toISOString()
  const { statusCode, headers, body } = await world.request(request.target, {
    method: request.method,
    headers: request.headers,
    body: request.body ?? null,
    dispatcher: request.dispatcher,
    signal: AbortSignal.any([deadline, request.signal]),
  })
  const header = (name: string) => [headers[name] ?? []].flat().join(', ') || null
  return {
    status: statusCode,
    headers: { get: header },
    body: await readCapped(body, header('content-encoding') ?? '', request),
    interactionId: interactionId(header, request.headers),
    requestedAt,
    fetchedAt: new Date(world.now()).toISOString(),
  }
}

async function readCapped(
  body: Readable,
  encoding: string,
  { what, maxBytes = maxBodyBytes }: Exchange,
): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  try {
    for await (const part of decoded(body, encoding, what) as AsyncIterable<Buffer>) {
      bytes += part.length
      if (bytes > maxBytes)
        throw new FdxError(
          'BODY_TOO_LARGE',
          `${what}: the answer is larger than ${maxBytes} bytes; ask for smaller pages (pageSize)`,
        )
      parts.push(part)
    }
  } finally {
    body.destroy()
  }
  const [only] = parts
  return parts.length === 1 && only ? only : Buffer.concat(parts, bytes)
}

/** FAPI echoes ours; Flinks has its own (facts: flinks-outbound 6). Anything that is not an id is not kept. */
function interactionId(
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
