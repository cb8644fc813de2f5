import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { adminAnswer } from './admin.ts'
import type { Box } from './box.ts'
import { openBox } from './box.ts'
import { authorizeAnswer } from './consent.ts'
import type { SandboxControl } from './control.ts'
import { fdxAnswer } from './fdx.ts'
import { flinksAnswer } from './flinks.ts'
import { frontPage } from './front-page.ts'
import type { Answer, Call } from './http.ts'
import { html, json, readCall, sendAnswer } from './http.ts'
import { metadataOf, revokeAnswer, tokenAnswer } from './oauth.ts'
import type { SandboxOptions } from './options.ts'
import { sandboxOptions } from './options.ts'
import { providersAnswer } from './provider-list.ts'
import type { Shape } from './shape.ts'
import { shapes } from './shape.ts'
import { pdfAnswer } from './statements.ts'

export { sandboxCredentials } from './credentials.ts'
export type { SandboxAccount, SandboxPerson, SandboxTransaction } from './invented/truth.ts'
export type { SandboxOptions } from './options.ts'
export type { Misbehaviour } from './switchboard.ts'

/** A running sandbox. Disposing it closes the port and every connection. */
export interface Sandbox extends SandboxControl, AsyncDisposable {
  /** `http://127.0.0.1:4010`, without a slash at the end. */
  readonly url: string
}

/**
 * Starts an FDX and Flinks provider in this process: one HTTP server on the loopback, all data invented from a seed
 * when it is asked for. Rejects with RangeError for an impossible option, and with the system's error when the port
 * is taken.
 */
export async function startSandbox(given: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const options = sandboxOptions(given)
  let box: Box | undefined
  const server = createServer((request, response) => {
    if (box) void serve(box, request, response)
  })
  await new Promise<void>((listening, failed) => {
    server.once('error', failed)
    server.listen(options.port, options.host, listening)
  })
  const url = `http://${options.host}:${(server.address() as AddressInfo).port}`
  box = openBox(options, url)
  return {
    ...box.control,
    url,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((done) => server.close(done))
      server.closeAllConnections()
      await closed
    },
  }
}

/** Every request ends in an answer: a fault of the sandbox itself is a 500 that says so. */
async function serve(box: Box, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const call = await readCall(request, box.url)
    box.noteHost(call)
    sendAnswer(response, await answerTo(box, call))
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    if (!response.headersSent) sendAnswer(response, json(500, { message: `sandbox: ${message}` }))
    else response.destroy()
  }
}

async function answerTo(box: Box, call: Call): Promise<Answer> {
  const { pathname } = call.url
  if (pathname === '/') return html(200, frontPage(box.url, box.tools().options))
  if (pathname.startsWith('/admin/')) return (await adminAnswer(call, box.control)) ?? nothingHere
  if (pathname.startsWith('/elsewhere/')) return json(200, {})
  if (pathname.startsWith('/files/')) return pdfAnswer('Statement from elsewhere')
  if (pathname.startsWith('/flinks/')) return flinksAnswer(call, box.flinksTools()) ?? nothingHere
  const shape = Object.values(shapes).find(({ provider }) => pathname.startsWith(`/${provider}/`))
  return (shape && providerAnswer(shape, box, call)) ?? metadataAt(box, call) ?? nothingHere
}

function providerAnswer(shape: Shape, box: Box, call: Call): Answer | undefined {
  const { oauth, provider } = shape
  const tools = box.tools()
  const route = `${call.method} ${call.url.pathname}`
  const count = (endpoint: 'authorize' | 'token' | 'revoke') =>
    tools.count({ provider, endpoint, person: undefined })
  if (route === `GET ${oauth.authorize}`) {
    count('authorize')
    return authorizeAnswer(shape, call, box.url, tools)
  }
  if (route === `POST ${oauth.token}`) {
    count('token')
    return tokenAnswer(shape, call, tools)
  }
  if (route === `${oauth.revokeBy === 'bearer' ? 'DELETE' : 'POST'} ${oauth.revoke}`) {
    count('revoke')
    return revokeAnswer(shape, call, tools)
  }
  if (route === 'GET /outbound/api/v1/providers') return providersAnswer(call, tools)
  if (call.url.pathname.startsWith(`${shape.base}/`)) return fdxAnswer(shape, call, tools)
  return undefined
}

/** RFC 8414 3.1 puts the well-known part before the issuer's path; many providers put it after. Both are served. */
function metadataAt(box: Box, call: Call): Answer | undefined {
  const wellKnown =
    /^(\/\w+)?\/\.well-known\/(?:oauth-authorization-server|openid-configuration)(\/\w+)?$/
  const found = wellKnown.exec(call.url.pathname)
  const path = found?.[1] ?? found?.[2]
  const shape = Object.values(shapes).find(({ oauth }) => path && oauth.metadata === path)
  if (!shape || call.method !== 'GET') return undefined
  box.tools().count({ provider: shape.provider, endpoint: 'metadata', person: undefined })
  return json(200, metadataOf(shape, box.url))
}

const nothingHere = json(404, { message: 'Nothing is here; see / for what there is.' })
