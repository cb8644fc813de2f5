import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'

const sha256 = (text: string) => createHash('sha256').update(text).digest()

/** `/metrics` in Prometheus' text format; with a token, only for who sends it as a bearer. */
export function addMetrics(app: FastifyInstance, registry: Registry, token: string | null): void {
  app.get('/metrics', async (request, reply) => {
    const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
    if (token !== null && !timingSafeEqual(sha256(given), sha256(token)))
      return reply.code(401).header('www-authenticate', 'Bearer').type('text/plain').send('')
    return reply
      .header('cache-control', 'no-store')
      .type(registry.contentType)
      .send(await registry.metrics())
  })
}
