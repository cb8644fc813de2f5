import type { FastifyRequest } from 'fastify'
import type { Context } from '../context.ts'
import { field, queryOf } from '../context.ts'
import { isSecure } from '../guard.ts'
import { html } from '../html.ts'
import type { Page } from '../layout.ts'

export const sessionCookie = 'fdx_session'

/** Wrong guesses a minute from one address. */
const tries = 10

export function addSignIn(context: Context): void {
  const { app, sessions } = context
  const cookieFor = (request: FastifyRequest) =>
    ({ path: '/', httpOnly: true, sameSite: 'strict', secure: isSecure(request) }) as const

  app.get('/sign-in', { config: { open: true } }, (request, reply) => {
    // A redirect keeps what stands behind the #, unless it has its own: a token must not stay in the address.
    if (request.session !== undefined) return reply.redirect('/#', 303)
    return context.show(request, reply, signInPage(localPath(queryOf(request)['next'])))
  })

  app.post(
    '/sign-in',
    {
      config: {
        open: true,
        rateLimit: {
          max: tries,
          timeWindow: 60_000,
          errorResponseBuilder: (_request: unknown, { after }: { after: string }) =>
            Object.assign(new Error(`Too many tries. Wait ${after}, then sign in again.`), {
              statusCode: 429,
            }),
        },
      },
    },
    (request, reply) => {
      const session = sessions.start(field(request, 'token').trim())
      const next = localPath(field(request, 'next'))
      if (session === undefined) {
        request.log.warn('console: a wrong sign-in token')
        return context.show(request, reply.code(401), signInPage(next, true))
      }
      return reply.setCookie(sessionCookie, session.id, cookieFor(request)).redirect(next, 303)
    },
  )

  app.post('/sign-out', (request, reply) => {
    if (request.session !== undefined) sessions.end(request.session.id)
    return reply.clearCookie(sessionCookie, cookieFor(request)).redirect('/sign-in', 303)
  })
}

/** A path of this server; anything else, a foreign address above all, is `/`. */
export function localPath(given: unknown): string {
  if (typeof given !== 'string' || !/^\/(?![/\\])/.test(given)) return '/'
  const base = 'http://here.invalid'
  if (!URL.canParse(given, base)) return '/'
  const url = new URL(given, base)
  // `/a/..//host` is a path of ours that ends as the address of a host.
  const isOurs = url.origin === base && !url.pathname.startsWith('//')
  return isOurs ? `${url.pathname}${url.search}` : '/'
}

const signInPage = (next: string, wrong = false): Page => ({
  title: 'Sign in',
  scripts: ['sign-in.js'],
  body: html`<section class="sign-in">
<h1>Sign in</h1>
<p>Paste the token that <code>fdx serve</code> printed when it started, or that is in the file its log names (<code>console-token</code> in the data folder).</p>
${wrong && html`<p class="note bad" role="alert" id="wrong">That is not the token. It changes with every start: look at the last lines of the terminal, or the log, of <code>fdx serve</code>.</p>`}
<form method="post" action="/sign-in" id="sign-in">
<input type="hidden" name="next" value="${next}">
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus spellcheck="false"${wrong && html` aria-describedby="wrong" aria-invalid="true"`}>
<button class="primary">Sign in</button>
</form></section>`,
})
