import type { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { listProviders, readProvider } from '../config/read.ts'
import type { Settings } from '../config/settings.ts'
import { FdxError, safeError } from '../errors.ts'
import { maxBodyBytes } from '../extract/exchange.ts'
import type { Land } from '../extract/extraction.ts'
import { receiveWebhook } from '../extract/flinks/webhook.ts'
import type { State } from '../state/state.ts'
import type { World } from '../world.ts'

export interface WebhookOptions {
  readonly settings: Settings
  readonly state: State
  readonly world: World
  readonly land: Land
  /** Deliveries of the largest size that there is memory for at the same time. */
  readonly atOnce: number
  readonly log: (line: string) => void
  readonly onEnd: (provider: string, status: number) => void
}

const retryAfterSeconds = '5'

/** A body that has not come by then is given up. Milliseconds. */
const bodyMs = 15_000

/**
 * `POST /webhooks/PROVIDER`: deliveries of Flinks, their bodies unread (src/extract/flinks/webhook.ts judges
 * them). Whoever sends, no answer says why it was refused.
 */
export function addWebhooks(app: FastifyInstance, options: WebhookOptions): void {
  const { settings, log, onEnd } = options
  const room = options.atOnce * maxBodyBytes
  /** Bytes of the bodies that are being read. What is counted is memory: who sends slowly takes none from the others. */
  let held = 0
  async function* whileThereIsRoom(body: Readable, own: { bytes: number }) {
    const late = setTimeout(() => body.destroy(new Error('it came too slowly')), bodyMs)
    try {
      for await (const part of body as AsyncIterable<Uint8Array>) {
        own.bytes += part.length
        held += part.length
        if (held > room) throw new Error('too many at the same time')
        yield part
      }
    } finally {
      clearTimeout(late)
    }
  }
  app.register(async (routes) => {
    routes.removeAllContentTypeParsers()
    routes.addContentTypeParser('*', (_request, _payload, done) => done(null))
    routes.post<{ Params: { provider: string } }>('/webhooks/:provider', async (request, reply) => {
      const { provider: name } = request.params
      reply.header('cache-control', 'no-store').type('text/plain')
      const provider = findProvider(settings, name)
      // Names are looked up in a folder, never shown or counted as they came.
      if (provider?.protocol !== 'flinks') return reply.code(404).send('')
      const own = { bytes: 0 }
      try {
        const headers = {
          get: (header: string) => firstOf(request.headers[header.toLowerCase()]) ?? null,
        }
        const status = await receiveWebhook(
          { headers, body: whileThereIsRoom(request.raw, own) },
          { ...options, provider },
        )
        onEnd(name, status)
        // What is left of a body that is too large is not waited for.
        if (status === 413) reply.header('connection', 'close')
        return reply.code(status).send('')
      } catch (error) {
        log(`webhook of ${name} not kept: ${safeError(error)}`)
        onEnd(name, 503)
        return reply.code(503).header('retry-after', retryAfterSeconds).send('')
      } finally {
        held -= own.bytes
      }
    })
  })
}

const firstOf = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value)

function findProvider(settings: Settings, name: string) {
  if (!listProviders(settings.pipelinesDir).includes(name)) return undefined
  try {
    return readProvider(settings.pipelinesDir, name, settings.env)
  } catch (error) {
    if (error instanceof FdxError) return undefined // its file is wrong: fdx doctor says how
    throw error
  }
}
