import type { Readable } from 'node:stream'
import { request as send } from 'undici'
import { decodedStream } from '../connect/decode.ts'
import type { World } from '../world.ts'
import type { Answer } from './answer.ts'
import { type Exchange, headerOf, interactionId } from './exchange.ts'

/** Takes the bytes of a file while they come; may be called again when the file did not come whole. */
export type Save = (bytes: AsyncIterable<Uint8Array>) => Promise<void>

/** Of an answer that is no file: enough for any error’s code. */
const maxErrorBytes = 65_536

/**
 * Sends one request for a file. Where the answer is one (200), its bytes go to `save` as they come, so that its
 * size is the disk’s matter and not the memory’s; the answer that is returned has none. Follows no redirect.
 * @throws what `save` and undici throw, or the reason of `signal`.
 */
export async function download(
  world: Pick<World, 'now'>,
  { target, what, deadlineMs, body, ...request }: Exchange,
  save: Save,
): Promise<Answer> {
  const deadline = AbortSignal.timeout(Math.max(1, Math.ceil(deadlineMs)))
  const requestedAt = new Date(world.now()).toISOString()
  const answer = await send(target, {
    ...request,
    body: body ?? null,
    signal: AbortSignal.any([deadline, request.signal]),
  })
  const header = headerOf(answer.headers)
  const bytes = decodedStream(answer.body, header('content-encoding') ?? '', what)
  let kept: Buffer = Buffer.alloc(0)
  try {
    if (answer.statusCode === 200) await save(bytes)
    else kept = await beginningOf(bytes)
  } finally {
    answer.body.destroy()
  }
  return {
    status: answer.statusCode,
    headers: { get: header },
    body: kept,
    interactionId: interactionId(header, request.headers),
    requestedAt,
    fetchedAt: new Date(world.now()).toISOString(),
  }
}

async function beginningOf(body: Readable): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of body as AsyncIterable<Buffer>) {
    parts.push(part)
    bytes += part.length
    if (bytes > maxErrorBytes) break
  }
  return Buffer.concat(parts)
}
