import type { ServerResponse } from 'node:http'
import type { FastifyRequest } from 'fastify'
import type { Context } from './context.ts'
import type { Html } from './html.ts'
import { remember } from './remember.ts'

/** Parts of a page by the id of their element. */
export type Fragments = Readonly<Record<string, Html>>

/** How often a live page is looked at. Milliseconds. */
const tickMs = 1_000
/** Proxies close a stream that says nothing. Milliseconds. */
const heartbeatMs = 15_000
/** Pages that may be watched at once. */
const streamLimit = 200

/**
 * Keeps parts of a page up to date by server-sent events (HTML standard, 9.2): each part is sent again when
 * it has changed. All who watch one address share one look at the state store. `looking` gives, for a
 * request, what the parts are now.
 */
export function addLive(
  { app, sessions }: Context,
  path: string,
  looking: (request: FastifyRequest) => () => Fragments,
): void {
  const shared = new Map<string, { look: () => Fragments; watchers: number }>()
  const streams = new Set<ServerResponse>()
  app.addHook('preClose', async () => {
    for (const stream of streams) stream.end()
  })

  app.get(path, { config: { quiet: true } }, (request, reply) => {
    const { session } = request
    if (session === undefined || streams.size >= streamLimit)
      return reply.code(503).type('text/plain').send('Too many pages are watching; close some.\n')
    // A part may hold the session's own CSRF token.
    const key = `${session.id} ${request.url}`
    const own = shared.get(key) ?? { look: remember(tickMs, looking(request)), watchers: 0 }
    own.watchers += 1
    shared.set(key, own)
    reply.hijack()
    const stream = reply.raw
    stream.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
    })
    streams.add(stream)
    const sent = new Map<string, string>()
    let lastAt = 0
    let timer: NodeJS.Timeout | undefined
    const write = (text: string) => {
      lastAt = performance.now()
      // Who does not read is not waited for: their page asks again when it is looked at.
      if (stream.writableLength > 1_000_000) stream.destroy()
      else stream.write(text)
    }
    const tick = () => {
      // The server is closing: a write after the end would be an error that nobody hears.
      if (stream.writableEnded) return
      if (sessions.get(session.id, false) === undefined) {
        write('event: over\ndata:\n\n')
        stream.end()
        return
      }
      try {
        for (const [id, { text }] of Object.entries(own.look())) {
          if (sent.get(id) === text) continue
          sent.set(id, text)
          write(`event: part\ndata: ${JSON.stringify({ id, html: text })}\n\n`)
        }
      } catch {
        // The state store is busy, or closing: the next tick looks again.
      }
      if (performance.now() - lastAt > heartbeatMs) write(': still here\n\n')
      timer = setTimeout(tick, tickMs)
    }
    stream.on('close', () => {
      clearTimeout(timer)
      streams.delete(stream)
      own.watchers -= 1
      if (own.watchers === 0) shared.delete(key)
    })
    tick()
    return reply
  })
}
