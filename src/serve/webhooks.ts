import type { FastifyInstance } from 'fastify'
import { listProviders, readProvider } from '../config/read.ts'
import type { Settings } from '../config/settings.ts'
import { FdxError, safeError } from '../errors.ts'
import type { Land } from '../extract/extraction.ts'
import { receiveWebhook } from '../extract/flinks/webhook.ts'
import type { State } from '../state/state.ts'
import type { World } from '../world.ts'

export interface WebhookOptions {
  readonly settings: Settings
  readonly state: State
  readonly world: World
  readonly land: Land
  /** Deliveries that are read at the same time: each may be as large as a page. */
  readonly atOnce: number
  readonly log: (line: string) => void
  readonly onEnd: (provider: string, status: number) => void
}

const retryAfterSeconds = '5'

/**
 * `POST /webhooks/PROVIDER`: deliveries of Flinks, their bodies unread (src/extract/flinks/webhook.ts judges
 * them). Whoever sends, no answer says why it was refused.
 */
export function addWebhooks(app: FastifyInstance, options: WebhookOptions): void {
  const { settings, log, onEnd } = options
  let reading = 0
  app.register(async (routes) => {
    routes.removeAllContentTypeParsers()
    routes.addContentTypeParser('*', (_request, _payload, done) => done(null))
    routes.post<{ Params: { provider: string } }>('/webhooks/:provider', async (request, reply) => {
      const { provider: name } = request.params
      reply.header('cache-control', 'no-store').type('text/plain')
      const provider = findProvider(settings, name)
      // Names are looked up in a folder, never shown or counted as they came.
      if (provider?.protocol !== 'flinks') return reply.code(404).send('')
      if (reading >= options.atOnce) {
        onEnd(name, 503)
        return reply.code(503).header('retry-after', retryAfterSeconds).send('')
      }
      reading += 1
      try {
        const headers = {
          get: (header: string) => firstOf(request.headers[header.toLowerCase()]) ?? null,
        }
        const status = await receiveWebhook(
          { headers, body: request.raw },
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
        reading -= 1
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
