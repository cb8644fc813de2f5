import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import rateLimit from '@fastify/rate-limit'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { FdxError, safeError } from '../../errors.ts'
import { addAssets } from './assets.ts'
import type { ConsoleOptions, Context } from './context.ts'
import { addSecurityHeaders, carriesToken, isOurHost, isOurPage } from './guard.ts'
import { html } from './html.ts'
import { document, themeOf, trouble } from './layout.ts'
import { addCharts } from './pages/charts.ts'
import { addConnect } from './pages/connect.ts'
import { addConnection } from './pages/connection.ts'
import { addConnections } from './pages/connections.ts'
import { addOverview } from './pages/overview.ts'
import { addQuality } from './pages/quality.ts'
import { addRun } from './pages/run.ts'
import { addRuns } from './pages/runs.ts'
import { addSignIn, sessionCookie } from './pages/sign-in.ts'
import { addSql } from './pages/sql.ts'
import { query } from './reader.ts'
import { openSessions } from './sessions.ts'

export type { ConsoleOptions } from './context.ts'
export type { Reader, ReadOptions, Rows } from './reader.ts'

/** Largest body of a request: a query, at most. Bytes. */
const bodyLimit = 256 * 1024

/**
 * The console: web pages about connections, consents, runs and data, with charts and a SQL box. Made on the
 * server; a person signs in with the token that was printed at start. Register it at the root: its pages are
 * `/`, `/connections`, `/runs`, `/quality`, `/charts`, `/sql`, `/connect` and `/callback`.
 */
export function consolePlugin(options: ConsoleOptions): FastifyPluginAsync {
  return async (app) => {
    await app.register(cookie)
    await app.register(formbody, { bodyLimit })
    await app.register(rateLimit, { global: false })
    app.decorateRequest('session', undefined)
    const context: Context = {
      ...options,
      app,
      sessions: openSessions(options.signInToken, options.world, options.sessionLimits),
      publicOrigin: options.publicUrl === undefined ? undefined : new URL(options.publicUrl),
      show: (request, reply, page) =>
        reply.type('text/html; charset=utf-8').send(
          document({
            ...page,
            theme: themeOf(request.cookies['fdx_theme']),
            ...(request.session && { csrf: request.session.csrf }),
          }),
        ),
    }
    // The first query of a role opens the generation: nobody's page should wait for that.
    app.addHook('onListen', async () => {
      for (const unmasked of [false, true])
        void query(options.reader, 'select 1', [], { unmasked, timeoutMs: 120_000 }).catch(() => {})
    })
    guard(context)
    app.setErrorHandler((error, request, reply) => fail(context, request, reply, error))
    addAssets(app)
    addSignIn(context)
    for (const add of [
      addOverview,
      addConnections,
      addConnection,
      addRuns,
      addRun,
      addQuality,
      addCharts,
      addSql,
      addConnect,
    ])
      add(context)
    app.get('/*', (request, reply) =>
      context.show(request, reply.code(404), {
        title: 'Not found',
        body: trouble(
          'Nothing is here',
          'The address may be mistyped, or what it named is gone.',
          html`<a href="/">Go to the overview</a>`,
        ),
      }),
    )
  }
}

/** Host, headers, session, then (with the body read) that our own page sent it. */
function guard({ app, publicOrigin, sessions }: Context): void {
  app.addHook('onRequest', async (request, reply) => {
    addSecurityHeaders(request, reply)
    if (!isOurHost(request, publicOrigin))
      return reply
        .code(421)
        .type('text/plain')
        .send('This server is not known by that name. Use the address that fdx serve printed.\n')
    const { open, quiet } = request.routeOptions.config
    request.session = sessions.get(request.cookies[sessionCookie] ?? '', quiet !== true)
    if (open || request.session !== undefined) return
    const isPage =
      request.method === 'GET' &&
      !quiet &&
      (request.headers['sec-fetch-mode'] ?? 'navigate') === 'navigate'
    if (isPage)
      return reply.redirect(
        request.url === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(request.url)}`,
        303,
      )
    return reply.code(401).type('text/plain').send('Sign in again: the session is over.\n')
  })
  app.addHook('preHandler', async (request, reply) => {
    if (request.method === 'GET' || request.method === 'HEAD') return
    const isOurs =
      isOurPage(request, publicOrigin) &&
      (request.routeOptions.config.open ||
        (request.session !== undefined && carriesToken(request, request.session)))
    if (isOurs) return
    return reply
      .code(403)
      .type('text/plain')
      .send(
        'Refused: this request did not come from a page of this console. Go back, load the page again.\n',
      )
  })
}

/** Every failure is a page that says what to do next; ours in our words, a bug without its message. */
function fail(
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
): FastifyReply {
  const known = error instanceof FdxError
  const status = statusOf(error)
  if (!known && status >= 500) request.log.error({ fault: safeError(error) }, 'console')
  const text = known
    ? error.message
    : status < 500 && error instanceof Error
      ? error.message
      : `A fault of the console itself (${safeError(error)}). Nothing was lost; try again, and see the log of fdx serve.`
  if (!(request.headers.accept ?? '').includes('text/html'))
    return reply.code(status).type('text/plain').send(`${text}\n`)
  return context.show(request, reply.code(status), {
    title: 'Not done',
    body: trouble('That did not work', text, html`<a href="/">Go to the overview</a>`),
  })
}

function statusOf(error: unknown): number {
  if (error instanceof FdxError) return error.code === 'CONNECTION_UNKNOWN' ? 404 : 400
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
  return status >= 400 && status < 600 ? status : 500
}
