import type { FastifyRequest } from 'fastify'
import { FdxError, safeError } from '../../errors.ts'
import type { Context } from './context.ts'
import { type Html, html } from './html.ts'
import { emptyNote } from './layout.ts'

/**
 * A part of a page that reads the published tables. It is fetched by itself, so that a page never waits for a
 * query, and a query that fails leaves the rest of the page as it is. Opened as a page, it is one.
 */
export function addPart(
  context: Context,
  path: string,
  title: string,
  make: (request: FastifyRequest) => Promise<Html>,
): void {
  context.app.get(path, async (request, reply) => {
    const body = await make(request).catch((error: unknown) => partTrouble(error, request))
    if (request.headers['sec-fetch-mode'] === 'navigate')
      return context.show(request, reply, { title, body, scripts: chartScripts })
    return reply.type('text/html; charset=utf-8').send(body.text)
  })
}

/** Modules of a page with charts. */
export const chartScripts: readonly string[] = ['chart.js', 'charts.js']

function partTrouble(error: unknown, request: FastifyRequest): Html {
  if (error instanceof FdxError && error.code === 'WAREHOUSE_MISSING')
    return emptyNote('Nothing has been published yet: it is there after the first run.')
  // undefined_table (PostgreSQL, appendix A): a program newer than the load that made the tables.
  if (error instanceof FdxError && error.facts['sqlstate'] === '42P01')
    return emptyNote(
      'The tables that were published last do not have this yet: it is there after the next load.',
    )
  if (!(error instanceof FdxError))
    request.log.error({ fault: safeError(error) }, 'console: a part of a page')
  const text = error instanceof FdxError ? error.message : 'a fault of the console itself'
  return html`<p class="note bad" role="alert">This could not be read: ${text}</p>`
}
