import type { Code } from '../../src/errors.ts'
import type { Trouble } from '../support/token-server.ts'

/**
 * How a caller's first call ends at a server: with a token, or with an error. After `TOKEN_UNAVAILABLE` and
 * the like the connection is alive, and the next call works.
 */
type CallEnding = 'token' | Code

/** What goes wrong with one token request, for real, and what must become of it. */
export interface TokenFault {
  readonly name: string
  readonly trouble: Trouble
  readonly strict: CallEnding
  readonly grace: CallEnding
  /** Token requests that the first call costs. */
  readonly requests: number
}

type Exchange = Parameters<Trouble>[0]

const html = '<html>Bad gateway MARKED-BODY refresh-0-MARK</html>'

function respond(
  { response }: Exchange,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}

/** Sends the head of an answer and only some of its body: `end` then cuts or leaves it hanging. */
const partOf = (share: (text: string) => number, end: 'cut' | 'stall'): Trouble => {
  return (at) => {
    const { access_token, refresh_token, ...rest } = at.process()
    const text = JSON.stringify({ access_token, refresh_token, ...rest })
    at.response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': text.length,
    })
    at.response.write(text.slice(0, share(text)), () => {
      if (end === 'cut') at.response.destroy()
    })
  }
}
const inTheToken = (text: string) => text.indexOf('"refresh-') + 4
const afterTheToken = (text: string) => text.indexOf('"token_type"')

/** A changed answer of a server that has processed the request. */
const changed =
  (change: object, status = 200): Trouble =>
  (at) =>
    respond(at, status, { ...at.process(), ...change })

/** The answer of a server that keeps the refresh token as it is. */
const unrotated =
  (change: object): Trouble =>
  (at) =>
    respond(at, 200, {
      access_token: 'access-9-MARK',
      token_type: 'Bearer',
      expires_in: 300,
      ...change,
    })

const afterwards =
  (act: Trouble): Trouble =>
  (at) => {
    at.process()
    act(at)
  }

const reset: Trouble = ({ request }) => request.socket.resetAndDestroy()
const close: Trouble = ({ request }) => request.socket.end()
const hang: Trouble = () => {}
const gateway =
  (status: number): Trouble =>
  ({ response }) =>
    response.writeHead(status, { 'content-type': 'text/html' }).end(html)
const garbage: Trouble = ({ request }) => request.socket.end('MARKED-BODY no HTTP at all\r\n\r\n')

/** The request is lost before the server has seen it: one more works everywhere. */
const before = { strict: 'token', grace: 'token', requests: 2 } as const
/** It is lost after the server rotated: a strict server ends the grant when it comes again. */
const after = { strict: 'REAUTH', grace: 'token', requests: 2 } as const
/** The answer holds the new refresh token and is not valid otherwise: kept, and the next call works. */
const salvaged = {
  strict: 'TOKEN_UNAVAILABLE',
  grace: 'TOKEN_UNAVAILABLE',
  requests: 1,
} as const
const fine = { strict: 'token', grace: 'token', requests: 1 } as const
const ends = (code: Code) => ({ strict: code, grace: code, requests: 1 }) as const

export const tokenFaults: readonly TokenFault[] = [
  { name: 'reset before the server processed', trouble: reset, ...before },
  { name: 'reset after it', trouble: afterwards(reset), ...after },
  { name: 'closed before the server processed', trouble: close, ...before },
  { name: 'closed after it', trouble: afterwards(close), ...after },
  { name: 'no answer, before the server processed', trouble: hang, ...before },
  { name: 'no answer, after it', trouble: afterwards(hang), ...after },
  { name: 'not HTTP, before the server processed', trouble: garbage, ...before },
  { name: 'not HTTP, after it', trouble: afterwards(garbage), ...after },
  { name: '502 page before the server processed', trouble: gateway(502), ...before },
  { name: '502 page after it', trouble: afterwards(gateway(502)), ...after },
  { name: '504 page after it', trouble: afterwards(gateway(504)), ...after },
  {
    name: '500 JSON before the server processed',
    trouble: (at) => respond(at, 500, { error: 'server_error' }),
    ...before,
  },
  { name: 'cut inside the refresh token', trouble: partOf(inTheToken, 'cut'), ...after },
  { name: 'stalled inside the refresh token', trouble: partOf(inTheToken, 'stall'), ...after },
  {
    name: 'broken compression after the server processed',
    trouble: (at) => {
      at.process()
      respond(at, 200, 'MARKED-BODY', { 'content-encoding': 'gzip' })
    },
    ...after,
  },
  {
    name: '70 KiB of answer after the server processed',
    trouble: (at) => {
      at.process()
      respond(at, 200, { filler: 'x'.repeat(70 * 1024) })
    },
    ...after,
  },
  { name: 'cut after the refresh token', trouble: partOf(afterTheToken, 'cut'), ...salvaged },
  { name: 'stalled after the refresh token', trouble: partOf(afterTheToken, 'stall'), ...salvaged },
  { name: 'status 201', trouble: changed({}, 201), ...salvaged },
  { name: 'no token type', trouble: changed({ token_type: undefined }), ...salvaged },
  { name: 'an unknown token type', trouble: changed({ token_type: 'mac' }), ...salvaged },
  { name: 'no access token', trouble: changed({ access_token: undefined }), ...salvaged },
  { name: 'expires_in in words', trouble: changed({ expires_in: 'soon' }), ...salvaged },
  { name: 'expires_in below zero', trouble: changed({ expires_in: -1 }), ...salvaged },
  { name: 'a broken ID token', trouble: changed({ id_token: 'x.y.z' }), ...salvaged },
  { name: 'no refresh token', trouble: unrotated({}), ...fine },
  { name: 'refresh token null', trouble: unrotated({ refresh_token: null }), ...fine },
  { name: 'refresh token empty', trouble: unrotated({ refresh_token: '' }), ...fine },
  {
    name: 'JSON as text/html, with a byte order mark',
    trouble: (at) =>
      respond(at, 200, `\uFEFF${JSON.stringify(at.process())}`, { 'content-type': 'text/html' }),
    ...fine,
  },
  {
    name: '429 with Retry-After',
    trouble: (at) => respond(at, 429, { error: 'slow_down' }, { 'retry-after': '7' }),
    ...ends('TOKEN_UNAVAILABLE'),
  },
  {
    name: '503 with Retry-After',
    trouble: (at) => respond(at, 503, html, { 'retry-after': '7' }),
    ...ends('TOKEN_UNAVAILABLE'),
  },
  {
    name: '307 to another host',
    trouble: (at) => respond(at, 307, '', { location: 'http://127.0.0.1:9/token' }),
    ...ends('REDIRECTED'),
  },
  {
    name: 'invalid_client as 401',
    trouble: (at) => respond(at, 401, { error: 'invalid_client' }),
    ...ends('CLIENT_REFUSED'),
  },
  {
    name: 'invalid_client as a challenge',
    trouble: (at) => respond(at, 401, '', { 'www-authenticate': 'Basic error="invalid_client"' }),
    ...ends('CLIENT_REFUSED'),
  },
  {
    name: 'unauthorized_client as 400',
    trouble: (at) => respond(at, 400, { error: 'unauthorized_client' }),
    ...ends('CLIENT_REFUSED'),
  },
  {
    name: 'invalid_grant',
    trouble: (at) => respond(at, 400, { error: 'invalid_grant', error_description: 'MARKED-BODY' }),
    ...ends('REAUTH'),
  },
]
